/** A server for tests, written as a list of pairs: a request that is expected, and the answer to it. */
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import type { ServerOptions } from "node:https";

export interface Pair {
  readonly request: Expected;
  readonly answer: Reply | ((request: Recorded) => Reply | Promise<Reply>);
  /** How often the pair serves before a later one is looked for. @default always */
  readonly times?: number;
}

export interface Expected {
  readonly method: string;
  /** As on the wire, without the query. */
  readonly path: string | RegExp;
  /** Parameters that must be there with these values; others may be. */
  readonly query?: Readonly<Record<string, string>>;
  /** Fields that must be there with these values. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** What is neither text nor bytes is sent as JSON. */
  readonly body?: unknown;
  /**
   * What goes wrong: `reset` and `close` break the connection in place of an answer, `silence` never answers, `deaf` never
   * reads the request's body and never answers; `cut` breaks and `stall` stops after `faultAt` bytes of the body;
   * `lost` acts as if all were well, and breaks the connection in place of the answer after the body was read.
   */
  readonly fault?: "reset" | "close" | "silence" | "deaf" | "cut" | "stall" | "lost";
  /** Bytes of the body before `cut` or `stall`. @default half */
  readonly faultAt?: number;
}

/** A request as it came. */
export interface Recorded {
  readonly method: string;
  /** Path and query as on the wire. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface ScriptedServer {
  /** `http://127.0.0.1:PORT/`, or https. */
  readonly url: URL;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** All requests so far, in order of their ends. */
  readonly requests: readonly Recorded[];
  /** Requests that no pair was there for; they were answered 501. */
  readonly unexpected: readonly Recorded[];
  /** Connections accepted so far. */
  readonly connections: number;
  /** Adds pairs in front of the others. */
  add(...pairs: Pair[]): void;
  /** Ends all connections and the server. */
  close(): Promise<void>;
}

/**
 * Starts a server on a free port of 127.0.0.1.
 *
 * @example
 * const server = await startScriptedServer([
 *   { request: { method: "GET", path: "/v2/" }, answer: { status: 503 }, times: 1 },
 *   { request: { method: "GET", path: "/v2/" }, answer: { body: {} } },
 * ])
 */
export async function startScriptedServer(
  script: readonly Pair[],
  options: { readonly tls?: ServerOptions; readonly hostname?: string } = {},
): Promise<ScriptedServer> {
  const pairs = script.map((pair) => ({ ...pair, left: pair.times ?? Number.POSITIVE_INFINITY }));
  const requests: Recorded[] = [];
  const unexpected: Recorded[] = [];
  let connections = 0;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const head = headOf(incoming);
    const pair = pairs.find((candidate) => candidate.left > 0 && matches(candidate.request, head));
    if (pair) pair.left -= 1;
    if (typeof pair?.answer === "object" && pair.answer.fault === "deaf") {
      requests.push(head);
      incoming.pause();
      return;
    }
    const recorded = { ...head, body: await readBody(incoming) };
    requests.push(recorded);
    if (!pair) {
      unexpected.push(recorded);
      outgoing.writeHead(501).end(`no pair for ${head.method} ${head.target}`);
      return;
    }
    const { answer } = pair;
    reply(outgoing, typeof answer === "function" ? await answer(recorded) : answer, head.method);
  }

  const listener: RequestListener = (incoming, outgoing) => {
    // A client that goes away in the middle is often what the test is about.
    serve(incoming, outgoing).catch(() => outgoing.destroy());
  };
  const server = options.tls
    ? (await import("node:https")).createServer(options.tls, listener)
    : createServer(listener);
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const url = new URL(
    `${options.tls ? "https" : "http"}://${options.hostname ?? "127.0.0.1"}:${port}/`,
  );

  return {
    url,
    host: url.host,
    requests,
    unexpected,
    get connections() {
      return connections;
    },
    add(...more) {
      pairs.unshift(
        ...more.map((pair) => ({ ...pair, left: pair.times ?? Number.POSITIVE_INFINITY })),
      );
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function headOf(incoming: IncomingMessage): Recorded {
  const { method = "", url: target = "/", headers } = incoming;
  const at = target.indexOf("?");
  const path = at < 0 ? target : target.slice(0, at);
  const query = new URLSearchParams(at < 0 ? "" : target.slice(at + 1));
  return { method, target, path, query, headers, body: Buffer.alloc(0) };
}

function matches(expected: Expected, request: Recorded): boolean {
  const { method, path, query = {}, headers = {} } = expected;
  return (
    method === request.method &&
    (typeof path === "string" ? path === request.path : path.test(request.path)) &&
    Object.entries(query).every(([name, value]) => request.query.get(name) === value) &&
    Object.entries(headers).every(([name, value]) => request.headers[name.toLowerCase()] === value)
  );
}

async function readBody(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function reply(outgoing: ServerResponse, answer: Reply, method: string): void {
  const { status = 200, fault } = answer;
  const socket = outgoing.socket;
  if (fault === "silence" || fault === "deaf") return;
  if (fault === "reset" || fault === "lost") return void socket?.resetAndDestroy();
  if (fault === "close") return void socket?.destroy();
  const body = encode(answer.body);
  const json =
    answer.body !== undefined &&
    typeof answer.body === "object" &&
    !(answer.body instanceof Uint8Array);
  const chunked = answer.headers?.["transfer-encoding"] !== undefined;
  const sized = status >= 200 && status !== 204 && status !== 304 && !chunked;
  outgoing.writeHead(status, {
    ...(json && { "content-type": "application/json" }),
    ...(sized && { "content-length": String(body.length) }),
    ...(answer.headers as Record<string, string | string[]>),
  });
  if (method === "HEAD") return void outgoing.end();
  if (fault === undefined) return void outgoing.end(body);
  const part = body.subarray(0, answer.faultAt ?? body.length >> 1);
  outgoing.write(part, () => {
    if (fault === "cut") socket?.destroy();
  });
  outgoing.flushHeaders();
}

function encode(body: unknown): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === "string") return Buffer.from(body);
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  return Buffer.from(JSON.stringify(body));
}
