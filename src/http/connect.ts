/** Makes connections: names looked up, addresses checked, proxies passed, TLS verified. */
import type { LookupAddress } from "node:dns";
import {
  connect as connectTcp,
  isIP,
  type LookupFunction,
  type OnReadOpts,
  type Socket,
} from "node:net";
import { interrupted, WharfError } from "../errors.ts";
import { isPrivateAddress } from "./addresses.ts";
import { classify, Failure } from "./failure.ts";
import { openTunnel, type Proxy } from "./proxy.ts";
import type { Trust } from "./tls.ts";

/** Where a connection goes, and on which conditions. */
export interface Route {
  /** Same key, same connections. */
  readonly key: string;
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
  /** Only public addresses will do. */
  readonly guarded: boolean;
  readonly proxy?: Proxy;
}

export interface ConnectOptions {
  /** Milliseconds for everything up to the end of the TLS handshake. */
  readonly timeout: number;
  /** Takes the bytes of a plain connection without a stream between. */
  readonly onread?: OnReadOpts;
  readonly signal?: AbortSignal;
  /** Whom to trust as this host, and as whom to sign in. */
  readonly trust: Trust;
  /** The address that was connected to, where no proxy stands between. */
  readonly onAddress?: (address: string) => void;
  /** The connection stands, or failed. */
  readonly onEnd?: (error?: Error) => void;
}

export function routeTo(url: URL, guarded: boolean, proxy: Proxy | undefined): Route {
  const secure = url.protocol === "https:";
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  const key = `${url.origin} ${guarded && !proxy ? "guarded" : ""} ${proxy?.url.href ?? ""}`;
  return { key, hostname, port, secure, guarded: guarded && !proxy, ...(proxy && { proxy }) };
}

/**
 * Opens a connection that is ready for a request.
 * @throws Failure CONNECTION_FAILED, TIMEOUT, TLS_UNTRUSTED, REDIRECT_REFUSED (guarded and private)
 */
export async function openConnection(route: Route, options: ConnectOptions): Promise<Socket> {
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    const seconds = options.timeout / 1000;
    const message = `no connection within ${seconds} s`;
    deadline.abort(new Failure("TIMEOUT", message, { unsent: true }));
  }, options.timeout);
  const onAbort = () => deadline.abort(interrupted(options.signal));
  options.signal?.addEventListener("abort", onAbort, { once: true });
  const { signal } = deadline;
  const { proxy } = route;
  const onread = route.secure || proxy?.secure ? undefined : options.onread;
  let socket: Socket | undefined;
  try {
    if (proxy) {
      socket = await openProxied(route, proxy, signal, onread);
    } else {
      socket = await openTcp(route.hostname, route.port, route.guarded, signal, onread);
      if (socket.remoteAddress) options.onAddress?.(socket.remoteAddress);
    }
    if (route.secure) {
      const tls = await import("./tls.ts");
      socket = await tls.secure(socket, route.hostname, tls.trustOptions(options.trust), signal);
    }
    options.onEnd?.();
    return socket;
  } catch (error) {
    socket?.destroy();
    const failure = error instanceof WharfError ? error : classify(error, "connecting");
    options.onEnd?.(failure);
    throw failure;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
  }
}

async function openProxied(
  route: Route,
  proxy: Proxy,
  signal: AbortSignal,
  onread: OnReadOpts | undefined,
): Promise<Socket> {
  let socket: Socket | undefined;
  try {
    socket = await openTcp(proxy.hostname, proxy.port, false, signal, onread);
    if (proxy.secure) {
      const tls = await import("./tls.ts");
      socket = await tls.secure(socket, proxy.hostname, {}, signal);
    }
    if (route.secure) await openTunnel(socket, route, proxy, signal);
    return socket;
  } catch (error) {
    socket?.destroy();
    if (error instanceof WharfError) throw error;
    const failure = classify(error, "connecting");
    if (failure.message.startsWith("proxy ")) throw failure;
    const message = `proxy ${proxy.hostname}:${proxy.port}: ${failure.message}`;
    throw new Failure(failure.code, message, { ...failure, cause: failure.cause });
  }
}

function openTcp(
  hostname: string,
  port: number,
  guarded: boolean,
  signal: AbortSignal,
  onread: OnReadOpts | undefined,
): Promise<Socket> {
  if (guarded && isIP(hostname) !== 0 && isPrivateAddress(hostname)) {
    return Promise.reject(refusePrivate(hostname));
  }
  const socket = connectTcp({
    host: hostname,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    ...(guarded && { lookup: lookupPublic }),
    ...(onread && { onread }),
  });
  return ready(socket, "connect", signal);
}

/**
 * Waits until a socket is connected.
 * @throws what the socket emits as its error, or the signal's reason
 */
export function ready<Kind extends Socket>(
  socket: Kind,
  event: "connect" | "secureConnect",
  signal: AbortSignal,
): Promise<Kind> {
  return new Promise((resolve, reject) => {
    const settle = (error?: unknown) => {
      socket.off("error", settle).off("close", closed).off(event, settle);
      signal.removeEventListener("abort", abort);
      if (error === undefined) {
        resolve(socket);
        return;
      }
      socket.on("error", () => {});
      socket.destroy();
      reject(error);
    };
    const closed = () => settle(new Failure("CONNECTION_FAILED", "connection closed by the host"));
    const abort = () => settle(signal.reason);
    socket
      .once("error", settle)
      .once("close", closed)
      .once(event, () => settle());
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
  });
}

/** Looks a name up and keeps its public addresses, so that what is checked is what is connected to. */
const lookupPublic: LookupFunction = (hostname, options, callback) => {
  void import("node:dns").then(({ lookup }) => {
    lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error) return callback(error, "", 0);
      const found = addresses.filter(({ address }) => !isPrivateAddress(address));
      const [first] = found;
      if (!first) return callback(refusePrivate(hostname), "", 0);
      if (options.all) callback(null, found);
      else callback(null, first.address, first.family);
    });
  });
};

function refusePrivate(hostname: string): Failure {
  return new Failure(
    "REDIRECT_REFUSED",
    `a public host redirects to a private address (${hostname})`,
    { unsent: true, repeatable: false },
  );
}
