/** A proxy between a client and a registry that breaks what it is told to break. */
import {
  createServer,
  type IncomingMessage,
  request as send,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";

/** What goes wrong with one exchange. */
export interface Fault {
  /** Breaks both connections after so many bytes of the request's body. */
  readonly cutRequest?: number;
  /** Resets the client's connection after so many bytes of the answer's body; -1: before its head, when the server is done. */
  readonly cutAnswer?: number;
  /** Stops in the middle of the answer's body instead of breaking. */
  readonly stall?: number;
  /** Answers this in place of the server, which gets nothing. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Told of the request's fields that the server shall not see. */
  readonly without?: readonly string[];
  /** Fields of the answer that are changed; undefined takes one away. */
  readonly answer?: Readonly<Record<string, string | undefined>>;
}

/** A request as it passed. */
export interface Passed {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  /** Of the answer; 0 where there was none. */
  status: number;
}

export interface FaultyProxy {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly passed: readonly Passed[];
  /** Requests as `METHOD path`, without query and the identifiers of uploads. */
  readonly log: readonly string[];
  /** Decides what goes wrong with a request. */
  fault: (request: Passed) => Fault | undefined;
  /** Forgets what has passed. */
  reset(): void;
  close(): Promise<void>;
}

/** @param upstream `HOST:PORT` */
export async function startFaultyProxy(upstream: string): Promise<FaultyProxy> {
  const passed: Passed[] = [];
  const server = createServer((request, response) => {
    const { method = "", url: target = "", headers } = request;
    const about: Passed = { method, target, headers, status: 0 };
    passed.push(about);
    request.on("error", () => {});
    response.on("error", () => {});
    exchange(request, response, about, proxy.fault(about) ?? {}, upstream);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const proxy: FaultyProxy = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    fault: () => undefined,
    get log() {
      return passed.map(({ method, target }) => {
        const path = target.replace(/\?.*/, "").replace(/(\/blobs\/uploads\/).+/, "$1…");
        return `${method} ${path}`;
      });
    },
    reset() {
      passed.length = 0;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return proxy;
}

function exchange(
  request: IncomingMessage,
  response: ServerResponse,
  about: Passed,
  fault: Fault,
  upstream: string,
): void {
  if (fault.status !== undefined) {
    about.status = fault.status;
    request.resume();
    response.writeHead(fault.status, fault.headers).end(fault.body);
    return;
  }
  const headers = { ...request.headers };
  for (const name of fault.without ?? []) delete headers[name];
  const [hostname, port] = upstream.split(":");
  const onward = send({
    hostname,
    port,
    method: about.method,
    path: about.target,
    headers,
    agent: false,
  });
  const breakAll = () => {
    onward.destroy();
    request.socket.resetAndDestroy();
  };
  onward.on("error", () => request.socket.destroy());
  response.on("close", () => {
    if (!response.writableFinished) onward.destroy();
  });
  onward.on("response", (answer) => {
    about.status = answer.statusCode ?? 0;
    if (fault.cutAnswer === -1) {
      answer.resume();
      answer.on("end", breakAll);
      return;
    }
    const fields = { ...answer.headers, ...fault.answer };
    for (const [name, value] of Object.entries(fields))
      if (value === undefined) delete fields[name];
    response.writeHead(about.status, fields);
    pass(answer, fault.cutAnswer ?? fault.stall, (chunk) => response.write(chunk), {
      end: () => response.end(),
      limit: fault.stall === undefined ? () => request.socket.resetAndDestroy() : () => {},
    });
  });
  let sent = 0;
  request.on("data", (chunk: Buffer) => {
    const room = (fault.cutRequest ?? Infinity) - sent;
    sent += chunk.length;
    if (chunk.length <= room) {
      if (!onward.write(chunk)) {
        request.pause();
        onward.once("drain", () => request.resume());
      }
      return;
    }
    request.pause();
    onward.write(chunk.subarray(0, room), breakAll);
  });
  request.on("end", () => onward.end());
}

function pass(
  answer: IncomingMessage,
  limit: number | undefined,
  write: (chunk: Buffer) => boolean,
  done: { end(): void; limit(): void },
): void {
  let sent = 0;
  answer.on("error", done.limit);
  answer.on("data", (chunk: Buffer) => {
    const room = (limit ?? Infinity) - sent;
    sent += chunk.length;
    write(chunk.subarray(0, Math.max(0, room)));
    if (chunk.length < room) return;
    answer.pause();
    // What was written shall leave before the connection breaks.
    setImmediate(() => setImmediate(done.limit));
  });
  answer.on("end", done.end);
}
