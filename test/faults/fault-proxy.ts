/** A proxy between a client and a registry that breaks what its rules tell it to break. */
import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as send,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";

/** What goes wrong with one exchange; what is left out goes well. See faults.ts for those that tests name. */
export interface Fault {
  /** Takes the place of the registry, which gets nothing. */
  readonly instead?: (request: IncomingMessage, response: ServerResponse) => void;
  /** Breaks both connections after so many bytes of the request's body. */
  readonly cutRequest?: number;
  /** Lets the registry do everything, and breaks the connection in place of its answer. */
  readonly lost?: boolean;
  /** Changes the answer's head before it is passed on. */
  readonly head?: (head: Head) => Head;
  /** Changes bytes of the answer's body. @param at offset of the chunk in the body */
  readonly body?: (chunk: Buffer, at: number) => Buffer;
  /** After how many bytes of the answer's body something happens; Infinity for never. */
  readonly limit?: (head: Head) => number;
  /** What happens then: a reset, the connection's end in good order, or nothing any more. */
  readonly ending?: "reset" | "end" | "stall";
  /** Bytes of the answer's body that pass in a millisecond. */
  readonly pace?: number;
}

export interface Head {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/** Which requests meet a fault. */
export interface Rule {
  readonly method?: string;
  /** Looked for in path and query. */
  readonly path?: RegExp;
  readonly fault: Fault;
  /** Matching requests before the first that meets the fault. @default 0 */
  readonly after?: number;
  /** Requests that meet it from then on; where several rules are due, the first counts. @default 1 */
  readonly times?: number;
}

/** A request as it came, and how it was answered. */
export interface Seen {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Of the answer that the client got; 0 for none. */
  status: number;
  /** Bytes of the request's body that came here, where they were for the registry. */
  sent: number;
  /** Whether a rule applied. */
  readonly broken: boolean;
}

export interface FaultProxy {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly seen: readonly Seen[];
  /** The methods of all requests to blobs, uploads and manifests, with status. `PATCH 202` */
  log(path?: RegExp): string[];
  /** How often a rule has applied. */
  readonly broken: number;
  /** Adds rules behind those that are there. */
  add(...rules: Rule[]): void;
  /** Forgets rules and requests. */
  clear(): void;
  close(): Promise<void>;
}

/** @param upstream `HOST:PORT`, or what gives it for each request: requests wait while a registry is away */
export async function startFaultProxy(
  upstream: string | (() => Promise<string>),
): Promise<FaultProxy> {
  const rules: { rule: Rule; met: number }[] = [];
  const seen: Seen[] = [];

  const faultFor = (method: string, target: string): Fault | undefined => {
    const due = rules.filter((entry) => {
      const { rule } = entry;
      if (rule.method !== undefined && rule.method !== method) return false;
      if (rule.path !== undefined && !rule.path.test(target)) return false;
      const { after = 0, times = 1 } = rule;
      entry.met += 1;
      return entry.met > after && entry.met <= after + times;
    });
    return due[0]?.rule.fault;
  };

  const server = createServer((request, response) => {
    const { method = "", url: target = "", headers } = request;
    const fault = faultFor(method, target);
    const about: Seen = { method, target, headers, status: 0, sent: 0, broken: !!fault };
    seen.push(about);
    request.on("error", () => {});
    response.on("error", () => {});
    if (fault?.instead) {
      response.on("finish", () => (about.status = response.statusCode));
      fault.instead(request, response);
    } else if (typeof upstream === "string") {
      relay(request, response, fault ?? {}, upstream, about);
    } else {
      void upstream().then((host) => relay(request, response, fault ?? {}, host, about));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    log: (path = /./) =>
      seen.filter(({ target }) => path.test(target)).map((one) => `${one.method} ${one.status}`),
    get broken() {
      return seen.filter(({ broken }) => broken).length;
    },
    add: (...more) => void rules.push(...more.map((rule) => ({ rule, met: 0 }))),
    clear() {
      rules.length = 0;
      seen.length = 0;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Passes one exchange on to the registry. */
function relay(
  request: IncomingMessage,
  response: ServerResponse,
  fault: Fault,
  upstream: string,
  about: Seen,
): void {
  const [hostname, port] = upstream.split(":");
  const { method, url: path, headers } = request;
  const onward = send({ hostname, port, method, path, headers, agent: false });
  const breakBoth = () => {
    onward.destroy();
    request.socket.resetAndDestroy();
  };
  onward.on("error", () => request.socket.destroy());
  response.on("close", () => {
    if (!response.writableFinished) onward.destroy();
  });

  let left = fault.cutRequest ?? Infinity;
  request.on("data", (chunk: Buffer) => {
    about.sent += chunk.length;
    const part = chunk.subarray(0, left);
    left -= part.length;
    if (left === 0) {
      request.pause();
      // The registry shall have what came before the cut.
      onward.write(part, () => setImmediate(breakBoth));
    } else if (!onward.write(part)) {
      request.pause();
      onward.once("drain", () => request.resume());
    }
  });
  request.on("end", () => onward.end());

  onward.on("response", (answer) => {
    const plain = { status: answer.statusCode ?? 0, headers: answer.headers };
    const head = fault.head?.(plain) ?? plain;
    if (fault.lost) {
      answer.resume().once("end", breakBoth);
      return;
    }
    about.status = head.status;
    response.writeHead(head.status, head.headers);
    response.flushHeaders();
    passBody(answer, response, fault, head);
  });
}

function passBody(
  answer: IncomingMessage,
  response: ServerResponse,
  fault: Fault,
  head: Head,
): void {
  const { socket } = response;
  const { pace, body = (chunk) => chunk } = fault;
  const limit = fault.limit?.(head) ?? Infinity;
  const stop = () => {
    if (fault.ending === "reset") socket?.resetAndDestroy();
    if (fault.ending === "end") socket?.end();
  };
  let read = 0;
  if (limit === 0) return stop();
  answer.on("error", () => socket?.destroy());
  answer.on("data", (chunk: Buffer) => {
    const whole = body(chunk, read);
    const part = whole.subarray(0, limit - read);
    read += whole.length;
    if (read >= limit) {
      answer.pause();
      // What came before shall leave before the connection breaks.
      response.write(part, () => setImmediate(stop));
    } else if (!response.write(part) && pace === undefined) {
      answer.pause();
      response.once("drain", () => answer.resume());
    } else if (pace !== undefined) {
      answer.pause();
      setTimeout(() => answer.resume(), part.length / pace);
    }
  });
  answer.on("end", () => {
    if (read < limit) response.end();
  });
}
