/** Changes an answer on its way out, unknown to whoever writes it. Bytes pass as they come; nothing is collected but what is replaced. */
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from "node:http";

import { pause } from "../../http/gate.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Aborted when the connection has ended. */
  readonly signal: AbortSignal;
}

/** How an answer breaks off: the connection's reset, its end in good order, silence, or as if it were complete. */
export type Ending = "reset" | "end" | "silence" | "complete";

export interface Change {
  /** Changes fields, whose names are in lower case. */
  readonly head?: (headers: OutgoingHttpHeaders) => void;
  /** Changes bytes of the body; the chunk is its own. @param at where the chunk begins @param length of the whole body, where that is known */
  readonly bytes?: (chunk: Buffer, at: number, length: number | undefined) => void;
  /** Bytes of the body that pass before the ending; a shorter body passes whole. */
  readonly limit?: (length: number | undefined) => number;
  readonly ending?: Ending;
  /** Bytes a second. */
  readonly pace?: number;
}

/** Pieces of a slow body are sent ten times a second. */
const beat = 100;

/** Has the answer changed that will be written to the response. */
export function changeAnswer({ request, response, signal }: Exchange, change: Change): void {
  const { write, end, writeHead } = methodsOf(response);
  let passed = 0;
  let length: number | undefined;
  let limit = Infinity;
  let last: Promise<void> = Promise.resolve();
  const { ending = "complete", pace } = change;
  // Whoever breaks an answer off, or slows it down, decides for how long.
  if (ending === "silence" || pace !== undefined) response.setTimeout = () => response;

  response.writeHead = (status: number, ...rest: unknown[]) => {
    const headers = { ...response.getHeaders(), ...lowered(rest.at(-1)) };
    change.head?.(headers);
    const bodiless = request.method === "HEAD" || status === 204 || status === 304;
    const told = headers["content-length"];
    length = bodiless || told === undefined ? undefined : Number(told);
    limit = change.limit?.(length) ?? Infinity;
    if (bodiless ? limit > 0 : length !== undefined && limit >= length) limit = Infinity;
    if (ending === "complete" && length !== undefined && limit < length)
      headers["content-length"] = limit;
    writeHead(status, headers);
    if (limit === 0 && ending !== "complete") {
      response.flushHeaders();
      setImmediate(() => breakOff(response, ending));
    }
    return response;
  };

  /** Passes a chunk on. Rejects where the connection has ended, as a write does. */
  const pass = async (chunk: Buffer): Promise<void> => {
    if (!response.headersSent) response.writeHead(response.statusCode);
    if (limit - passed <= 0 && ending !== "complete") await gone(signal);
    const whole = change.bytes ? Buffer.from(chunk) : chunk;
    change.bytes?.(whole, passed, length);
    const part = whole.subarray(0, Math.max(0, limit - passed));
    passed += whole.byteLength;
    const piece =
      pace === undefined ? Math.max(1, part.byteLength) : Math.ceil((pace * beat) / 1000);
    for (let at = 0; at < part.byteLength; at += piece) {
      const bytes = part.subarray(at, at + piece);
      await new Promise<void>((resolve, reject) =>
        write(bytes, (error) => (error ? reject(error) : resolve())),
      );
      if (pace !== undefined) await pause((bytes.byteLength / pace) * 1000, signal);
    }
    if (passed < limit || ending === "complete") return;
    // What came before shall leave before the connection breaks.
    setImmediate(() => breakOff(response, ending));
    await gone(signal);
  };

  replaceWriting(response, {
    write(chunk, done) {
      last = last
        .then(() => pass(chunk))
        .then(
          () => done(),
          (error: Error) => done(error),
        );
      void last.then(() => response.emit("drain"));
    },
    end(chunk) {
      last = last
        .then(() => (chunk ? pass(chunk) : undefined))
        .then(
          () => void end(),
          () => void response.destroy(),
        );
    },
  });
}

/** An answer in one piece. */
export interface Whole {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Keeps an answer back, and does something else when it is complete.
 * @param keep whether the body is wanted, which must be a small one
 */
export function replaceAnswer(
  { response }: Exchange,
  keep: boolean,
  instead: (answer: Whole) => Promise<void> | void,
): void {
  const before = methodsOf(response);
  const kept: Buffer[] = [];
  let head: Pick<Whole, "status" | "headers"> = { status: 200, headers: {} };
  response.writeHead = (status: number, ...rest: unknown[]) => {
    head = { status, headers: { ...response.getHeaders(), ...lowered(rest.at(-1)) } };
    return response;
  };
  const take = (chunk: Buffer | undefined) => {
    if (keep && chunk) kept.push(Buffer.from(chunk));
  };
  replaceWriting(response, {
    write(chunk, done) {
      take(chunk);
      setImmediate(() => {
        done();
        response.emit("drain");
      });
    },
    end(chunk) {
      take(chunk);
      Object.assign(response, before);
      void Promise.resolve(instead({ ...head, body: Buffer.concat(kept) })).catch(() =>
        response.destroy(),
      );
    },
  });
}

/** Ends an answer otherwise than in its own way. */
export function breakOff(response: ServerResponse, ending: Exclude<Ending, "complete">): void {
  if (ending === "reset") response.socket?.resetAndDestroy();
  if (ending === "end") response.socket?.end();
}

/** Waits for the connection's end; rejects then. */
export function gone(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener("abort", end, { once: true });
  });
}

interface Methods {
  writeHead(status: number, headers: OutgoingHttpHeaders): unknown;
  write(chunk: Buffer, done: (error?: Error | null) => void): unknown;
  end(chunk?: Buffer): unknown;
}

/** The methods as they are now, perhaps changed already. */
function methodsOf(response: ServerResponse): Methods {
  return {
    writeHead: response.writeHead.bind(response) as Methods["writeHead"],
    write: response.write.bind(response) as Methods["write"],
    end: response.end.bind(response) as Methods["end"],
  };
}

type Chunk = Uint8Array | string;

/** Has others do the writing; of the ways to call it those that are left count. */
function replaceWriting(
  response: ServerResponse,
  writing: {
    write(chunk: Buffer, done: (error?: Error) => void): void;
    end(chunk: Buffer | undefined): void;
  },
): void {
  type Done = (error?: Error) => void;
  const functionIn = (given: readonly unknown[]) =>
    given.find((one): one is Done => typeof one === "function");
  Object.assign(response, {
    write(chunk: Chunk, ...rest: unknown[]) {
      writing.write(bytesOf(chunk), functionIn(rest) ?? (() => {}));
      return false;
    },
    end(...given: unknown[]) {
      const [chunk] = given;
      const done = functionIn(given);
      if (done) response.once("finish", () => done());
      writing.end(
        chunk === undefined || chunk === null || chunk === done
          ? undefined
          : bytesOf(chunk as Chunk),
      );
      return response;
    },
  });
}

function bytesOf(chunk: Chunk): Buffer {
  if (typeof chunk === "string") return Buffer.from(chunk);
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

function lowered(headers: unknown): OutgoingHttpHeaders {
  if (typeof headers !== "object" || headers === null) return {};
  return Object.fromEntries(
    Object.entries(headers as OutgoingHttpHeaders).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]),
  );
}
