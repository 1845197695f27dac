/** The one HTTP server: what it serves, on which address, and how it ends. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";

import { createRegistryHandler } from "../distribution/handler.ts";
import { turnOf } from "../distribution/order.ts";
import type { RegistryOptions } from "../distribution/exchange.ts";
import { Refusal } from "../distribution/refusal.ts";
import { userOf } from "../distribution/user.ts";
import { WharfError } from "../errors.ts";
import { isLoopback } from "../reference/hosts.ts";
import type { RepositoryCollection } from "../store/store.ts";
import type { ServerCertificate } from "./certificate.ts";
import { acceptsHost, isForeignWrite } from "../http/host.ts";
import { answer, createPages, type MetricsPage } from "./pages.ts";

/** What is served, where, and to whom. */
export interface ServerOptions extends RegistryOptions {
  /** What is served at `/v2/`; belongs to the caller, who closes it after the server. */
  readonly collection: RepositoryCollection;
  /** Address or name to bind to. @default "127.0.0.1" */
  readonly host?: string;
  /** 0 is any free port. @default 5000 */
  readonly port?: number;
  /** Whether another free port will do where `port` is taken. @default false */
  readonly portFallback?: boolean;
  /** Serves https with this certificate and key, in PEM. */
  readonly tls?: ServerCertificate;
  /** Whether `authorize` tells callers apart; where not, it is as if there were none to guard a public address. @default true */
  readonly authenticates?: boolean;
  /** Allows to bind beyond the loopback interface although nobody has to sign in. @default false */
  readonly allowAnonymous?: boolean;
  /** Names that clients on this machine use in `Host` besides those of the loopback interface. */
  readonly hostNames?: readonly string[];
  /** Is served at `/metrics`. */
  readonly metrics?: MetricsPage;
  /** Told of each answer when it is over. */
  onAccess?(entry: AccessEntry): void;
  /** Milliseconds that running requests get when the server closes. @default 10000 */
  readonly closeTimeout?: number;
}

/** A line of the access log. */
export interface AccessEntry {
  readonly method: string;
  /** Path and query as they came, control characters included: to be escaped by who prints them. */
  readonly target: string;
  readonly httpVersion: string;
  readonly status: number;
  /** Bytes sent on the connection for this answer. */
  readonly bytes: number;
  /** Bytes received on the connection since the answer before. */
  readonly received: number;
  /** Milliseconds from the request's head to the answer's end. */
  readonly duration: number;
  readonly address: string | undefined;
  /** Name of whoever has signed in. */
  readonly user: string | undefined;
  readonly userAgent: string | undefined;
  /** Whether the connection ended before the answer did. */
  readonly cut: boolean;
}

/** A registry that listens. */
export interface RunningServer {
  /** `http://127.0.0.1:5000`, without a slash at the end. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** Requests that are being answered. */
  readonly running: number;
  /**
   * Uses another certificate for the connections that come from now on.
   * @throws WharfError CONFIG_INVALID; USAGE where it serves plain http
   */
  renew(tls: ServerCertificate): void;
  /** Takes no more connections, lets running requests finish for a bounded time, then ends them. */
  close(): Promise<void>;
  /** {@link close}, for `await using server = await startServer(…)`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts the server.
 * @throws WharfError PORT_IN_USE; USAGE where the address is open to others, nobody authorizes and that was not allowed;
 *   CONFIG_INVALID for a certificate that cannot be used
 *
 * @example
 * const server = await startServer({ collection: createMemoryCollection(), port: 0 });
 * console.log(server.url);
 * await server.close();
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { host = "127.0.0.1", port = 5000, portFallback = false } = options;
  const loopback = isLoopback(host);
  const guarded = options.authorize !== undefined && options.authenticates !== false;
  if (!loopback && !guarded && !options.allowAnonymous)
    throw new WharfError("USAGE", `${host} can be reached by others, and nobody has to sign in`, {
      hint: "Bind to 127.0.0.1, set up authentication, or allow it with --allow-anonymous.",
    });

  const server = await create(options);
  const running = new Set<ServerResponse>();
  let closing = false;
  const registry = createRegistryHandler(options.collection, options);
  const names = [host, ...(options.hostNames ?? [])];
  const { collection, metrics } = options;
  const pages = createPages({ collection, metrics, isOpen: () => !closing });

  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (!response.socket) await turnOf(response);
    running.add(response);
    response.once("close", () => {
      running.delete(response);
      if (closing) server.closeIdleConnections();
    });
    if (closing) response.shouldKeepAlive = false;
    if (options.onAccess) observe(request, response, options.onAccess);
    if (loopback && !acceptsHost(request.headers.host, names))
      answer(
        response,
        403,
        "Host names another machine than this one; --host-name (hostNames) tells the server of further names.\n",
      );
    else if (isForeignWrite(request.method, request.headers)) refuse(response, foreign);
    else if (isRegistry(request.url ?? "/")) await registry(request, response);
    else await (pages.get(request.url ?? "/") ?? notFound)(request, response);
  };
  const begin = (request: IncomingMessage, response: ServerResponse) =>
    void serve(request, response).catch((error: unknown) => {
      response.destroy();
      options.onFailure?.(error, request);
    });
  server.on("request", begin);
  // Without a listener node would invite every body before we have looked at the request's head.
  server.on("checkContinue", begin);

  const bound = await listen(server, host, port).catch((error: unknown) => {
    if (!portFallback || port === 0 || !isTaken(error)) throw listenError(error, host, port);
    return listen(server, host, 0).catch((again: unknown) => {
      throw listenError(again, host, 0);
    });
  });

  const printed = host.includes(":") ? `[${host.replace(/^\[|\]$/g, "")}]` : host;
  let closed: Promise<void> | undefined;
  const close = () => {
    closing = true;
    for (const response of running) if (!response.headersSent) response.shouldKeepAlive = false;
    return (closed ??= end(server, options.closeTimeout ?? 10_000));
  };
  return {
    url: `${options.tls ? "https" : "http"}://${printed}:${bound}`,
    host,
    port: bound,
    get running() {
      return running.size;
    },
    renew(tls) {
      if (!("setSecureContext" in server))
        throw new WharfError("USAGE", "The server speaks plain http; it has no certificate");
      usable(() => (server as HttpsServer).setSecureContext({ ...tls }));
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function create({ tls }: ServerOptions): Promise<Server> {
  const settings = {
    // A head comes at once or not at all.
    headersTimeout: 20_000,
    connectionsCheckingInterval: 5_000,
    // Bodies are bounded by idle time, not in all: a large blob over a thin line takes hours.
    requestTimeout: 0,
    // Longer than the minute that proxies and clients commonly keep theirs, so that they, who know, close first.
    keepAliveTimeout: 65_000,
    // A manifest may be given a hundred tags in its address.
    maxHeaderSize: 32 << 10,
    highWaterMark: 256 << 10,
  };
  if (!tls) return bounded(createServer(settings));
  const https = await import("node:https");
  const { answerPlainHttp } = await import("./plainHttp.ts");
  const { cert, key } = tls;
  const server = usable(() => https.createServer({ ...settings, cert, key }));
  answerPlainHttp(server);
  return bounded(server);
}

function usable<Result>(use: () => Result): Result {
  try {
    return use();
  } catch (cause) {
    const message = `The certificate or its key cannot be used: ${(cause as Error).message}`;
    throw new WharfError("CONFIG_INVALID", message, { cause });
  }
}

/** Ends connections on which nothing moves, for whatever reason; long enough to hash and sync the largest blob. */
function bounded(server: Server): Server {
  server.timeout = 900_000;
  return server;
}

function isRegistry(target: string): boolean {
  return target.startsWith("/v2/") || target === "/v2" || target.startsWith("/v2?");
}

function notFound(_: IncomingMessage, response: ServerResponse): void {
  answer(response, 404, "Nothing is here.\n");
}

const foreign = new Refusal("DENIED", "web pages of other origins cannot write here");

function refuse(response: ServerResponse, refusal: Refusal): void {
  answer(response, refusal.status, refusal.envelope(), "application/json");
}

/** Bytes of each connection that were received before its current request. */
const receivedBefore = new WeakMap<Socket, number>();

function observe(
  request: IncomingMessage,
  response: ServerResponse,
  onAccess: (entry: AccessEntry) => void,
): void {
  const began = performance.now();
  const { socket } = request;
  const before = socket.bytesWritten;
  const address = socket.remoteAddress;
  response.once("close", () => {
    const received = socket.bytesRead - (receivedBefore.get(socket) ?? 0);
    receivedBefore.set(socket, socket.bytesRead);
    onAccess({
      method: request.method ?? "",
      target: request.url ?? "",
      httpVersion: request.httpVersion,
      status: response.statusCode,
      bytes: socket.bytesWritten - before,
      received,
      duration: performance.now() - began,
      address,
      user: userOf(request),
      userAgent: request.headers["user-agent"],
      cut: !response.writableFinished,
    });
  });
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ host: host.replace(/^\[|\]$/g, ""), port }, () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EADDRINUSE";
}

function listenError(cause: unknown, host: string, port: number): WharfError {
  if (isTaken(cause))
    return new WharfError("PORT_IN_USE", `Port ${port} of ${host} is taken by another program`, {
      cause,
    });
  return new WharfError("USAGE", `Cannot listen on ${host}:${port}: ${(cause as Error).message}`, {
    cause,
  });
}

function end(server: Server, timeout: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), timeout);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
