/** The sandbox's ports: one for all parts, told apart by path, or one for each, as they are hosts of their own in life. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { turnOf } from "../distribution/order.ts";
import { isError, WharfError } from "../errors.ts";
import { acceptsHost, acceptsNetworkHost, isForeignRead, isForeignWrite } from "../http/host.ts";
import { isLoopback } from "../reference/hosts.ts";
import { sendJson } from "./answer.ts";
import type { Faults } from "./faults/faults.ts";
import type { Journal, Noted } from "./journal.ts";

export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Below which path a part answers where all share a port. */
const shared = {
  hub: "/hub",
  registry: "/v2",
  auth: "/token",
  scout: "/scout",
  control: "/_sandbox",
} as const;
export type Part = keyof typeof shared;
/** In this order they take their ports. */
const order: readonly Part[] = ["registry", "auth", "hub", "scout", "control"];

/** Where each part begins, without a slash at the end. */
export type SandboxUrls = Readonly<Record<Part, string>>;

export interface Listening {
  readonly host: string;
  /** Further names by which it may be called. */
  readonly hostNames: readonly string[];
  /** Where each has a port of its own, the first of them; 0 is any free ones. */
  readonly port: number;
  readonly separate: boolean;
  readonly journal: Journal;
  readonly faults: Faults;
  readonly handlers: { readonly [part in Part]?: Handler };
  onFailure(error: unknown, request: IncomingMessage): void;
}

export interface Listener {
  readonly urls: SandboxUrls;
  /** Of the registry. */
  readonly port: number;
  close(): Promise<void>;
}

/** Path that a part's addresses begin with: none for Hub and Scout on a port of their own, as in life. */
export function baseOf(part: Part, separate: boolean): string {
  return separate && (part === "hub" || part === "scout") ? "" : shared[part];
}

/** @throws WharfError PORT_IN_USE; USAGE for an address that is not ours */
export async function listen(parts: Listening): Promise<Listener> {
  if (!parts.separate) {
    const one = await listenFor(parts, partFor, parts.port);
    const { url, port, close } = one;
    const urls = {
      registry: url,
      auth: url,
      hub: url + shared.hub,
      scout: url + shared.scout,
      control: url + shared.control,
    };
    return { urls, port, close };
  }
  if (parts.port + order.length > 65_536)
    throw new WharfError("USAGE", `There are no ${order.length} ports from ${parts.port} on`);
  const open: { url: string; port: number; close(): Promise<void> }[] = [];
  const close = async () => {
    await Promise.all(open.map((one) => one.close()));
  };
  try {
    for (const [index, part] of order.entries()) {
      const own = (path: string) =>
        part === "hub" || part === "scout" || isBelow(path, shared[part]) ? part : undefined;
      open.push(await listenFor(parts, own, parts.port === 0 ? 0 : parts.port + index));
    }
  } catch (error) {
    await close();
    throw error;
  }
  const at = (part: Part) => open[order.indexOf(part)]!.url;
  const urls = {
    registry: at("registry"),
    auth: at("auth"),
    hub: at("hub"),
    scout: at("scout"),
    control: at("control") + shared.control,
  };
  return { urls, port: open[0]!.port, close };
}

/** One server; `partOf` says whose a path is. */
async function listenFor(
  { host, hostNames, journal, faults, handlers, onFailure }: Listening,
  partOf: (path: string) => Part | undefined,
  wanted: number,
) {
  const accepts = isLoopback(host) ? acceptsHost : acceptsNetworkHost;
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    if (!response.socket) await turnOf(response);
    const noted = journal.watch(request, response);
    const part = partOf(request.url?.split("?", 1)[0] ?? "/");
    const handler = (part && handlers[part]) ?? unknownPath;
    if (part) noted.part = part;
    try {
      if (!accepts(request.headers.host, [host, ...hostNames]))
        sendJson(response, 403, {
          message:
            "Host names another machine than this one; --host-name (hostNames) tells the sandbox of further names",
        });
      else if (isForeignWrite(request.method, request.headers))
        sendJson(response, 403, { message: "web pages of other origins cannot write here" });
      else if (part === "control" && isForeignRead(request.headers))
        sendJson(response, 403, { message: "web pages of other origins cannot read this" });
      else {
        if (part && part !== "control" && faults.concern(request))
          if (await meetFaults(faults, request, response, part, noted)) return;
        // The registry looks at a request's head before it invites the body.
        if (part !== "registry" && request.headers.expect) response.writeContinue();
        await handler(request, response);
      }
    } catch (error) {
      if (!request.socket.destroyed) onFailure(error, request);
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { message: "the sandbox failed" });
    }
  };
  const server = createServer({
    // A head comes at once or not at all; bodies are bounded by idle time.
    headersTimeout: 20_000,
    connectionsCheckingInterval: 5_000,
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
    maxHeaderSize: 32 << 10,
  });
  // Longer than anything here takes, and than any client that tries its patience on a fault.
  server.timeout = 900_000;
  const begin = (request: IncomingMessage, response: ServerResponse) =>
    void serve(request, response).catch((error: unknown) => {
      response.destroy();
      onFailure(error, request);
    });
  server.on("request", begin);
  server.on("checkContinue", begin);
  const port = await bound(server, host, wanted);
  const printed = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${printed}:${port}`, port, close: () => end(server) };
}

/** @returns whether the request has been answered, or never will be */
async function meetFaults(
  faults: Faults,
  request: IncomingMessage,
  response: ServerResponse,
  part: Part,
  noted: Noted,
): Promise<boolean> {
  try {
    return await faults.meet(request, response, part, noted);
  } catch (error) {
    // What the request itself wants to go wrong.
    if (!isError(error, "USAGE")) throw error;
    sendJson(response, 400, { message: error.message, detail: error.hint });
    return true;
  }
}

function partFor(path: string): Part | undefined {
  return order.find((part) => isBelow(path, shared[part]));
}

function isBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

async function unknownPath({ method, url = "/" }: IncomingMessage, response: ServerResponse) {
  const path = url.split("?", 1)[0];
  sendJson(response, 404, {
    message: `the sandbox knows no ${method} ${path}; Docker Hub's API is below /hub, the registry at /v2/, what the sandbox shows at /_sandbox/`,
  });
}

function bound(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new WharfError("USAGE", `There is no port ${port}`);
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === "EADDRINUSE"
          ? new WharfError("PORT_IN_USE", `Port ${port} of ${host} is taken by another program`, {
              cause,
            })
          : new WharfError("USAGE", `Cannot listen on ${host}:${port}: ${cause.message}`, {
              cause,
              hint: "It is an address and port of this machine: 127.0.0.1, or 0.0.0.0 for all of them.",
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
