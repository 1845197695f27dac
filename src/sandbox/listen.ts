/** The sandbox's port: which part answers which path. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { turnOf } from "../distribution/handler.ts";
import { WharfError } from "../errors.ts";
import { acceptsHost, isForeignWrite } from "../http/host.ts";
import { isLoopback } from "../reference/hosts.ts";
import { sendJson } from "./control.ts";
import type { Journal } from "./journal.ts";

type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly journal: Journal;
  readonly registry: Handler;
  readonly token: Handler;
  readonly hub: Handler;
  readonly control: Handler;
  onFailure(error: unknown, request: IncomingMessage): void;
}

/** @throws WharfError PORT_IN_USE; USAGE for an address that is not ours */
export async function listen(
  parts: Listening,
): Promise<{ readonly url: string; readonly port: number; close(): Promise<void> }> {
  const { host, journal } = parts;
  const loopback = isLoopback(host);
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (!response.socket) await turnOf(response);
    journal.watch(request, response);
    const handler = partFor(request, parts);
    try {
      if (loopback && !acceptsHost(request.headers.host, [host]))
        sendJson(response, 403, { message: "Host names another machine than this one" });
      else if (isForeignWrite(request.method, request.headers))
        sendJson(response, 403, { message: "web pages of other origins cannot write here" });
      else {
        // The registry looks at a request's head before it invites the body.
        if (handler !== parts.registry && request.headers.expect) response.writeContinue();
        await handler(request, response);
      }
    } catch (error) {
      if (!request.socket.destroyed) parts.onFailure(error, request);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { message: "the sandbox failed" });
    }
  };
  const server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 });
  server.on("request", (request, response) => void serve(request, response));
  server.on("checkContinue", (request, response) => void serve(request, response));
  const port = await bound(server, host, parts.port);
  const printed = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${printed}:${port}`, port, close: () => end(server) };
}

function partFor({ url = "/" }: IncomingMessage, parts: Listening): Handler {
  const path = url.split("?", 1)[0] ?? "/";
  const below = (prefix: string) => path === prefix || path.startsWith(`${prefix}/`);
  if (below("/hub")) return parts.hub;
  if (below("/v2")) return parts.registry;
  if (below("/token")) return parts.token;
  if (below("/_sandbox")) return parts.control;
  return async (request, response) =>
    sendJson(response, 404, {
      message: `the sandbox knows no ${request.method} ${path}; Docker Hub's API is below /hub, the registry at /v2/`,
    });
}

function bound(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === "EADDRINUSE"
          ? new WharfError("PORT_IN_USE", `Port ${port} of ${host} is taken by another program`, {
              cause,
            })
          : new WharfError("USAGE", `Cannot listen on ${host}:${port}: ${cause.message}`, {
              cause,
            }),
      ),
    );
    server.listen({ host, port }, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Lets what is being answered finish for a second: whoever ends a sandbox is done with it. */
function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), 1000);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
