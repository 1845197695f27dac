/** Makes connections: names looked up, addresses checked, proxies passed, TLS verified. */
import type { LookupAddress } from "node:dns";
import { connect as connectTcp, type LookupFunction, type OnReadOpts, type Socket } from "node:net";
import { interrupted, WharfError } from "../errors.ts";
import { isPrivateAddress } from "../reference/hosts.ts";
import { classify, Failure, isUnknownAuthority } from "./failure.ts";
import type { Proxy } from "./proxy.ts";
import { ready } from "./ready.ts";
import type { Trust } from "./tls.ts";

/** Where a connection goes, and on which conditions. */
export interface Route {
  /** Same key, same connections. */
  readonly key: string;
  readonly hostname: string;
  readonly port: number;
  readonly secure: boolean;
  /** Only public addresses will do. Behind a proxy only literal ones can be told: it is the proxy that looks names up. */
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
  const key = `${url.origin} ${guarded ? "guarded" : ""} ${proxy?.url.href ?? ""}`;
  return { key, hostname, port, secure, guarded, ...(proxy && { proxy }) };
}

/**
 * Opens a connection that is ready for a request.
 * @throws Failure CONNECTION_FAILED, TIMEOUT, TLS_UNTRUSTED, REDIRECT_REFUSED (guarded and private)
 * @throws WharfError INTERRUPTED, CONFIG_INVALID
 */
export async function openConnection(route: Route, options: ConnectOptions): Promise<Socket> {
  const { timeout, onEnd } = options;
  const deadline = new AbortController();
  const timer = setTimeout(() => {
    const message = `no connection within ${timeout / 1000} s`;
    deadline.abort(new Failure("TIMEOUT", message, { unsent: true }));
  }, timeout);
  const onAbort = () => deadline.abort(interrupted(options.signal));
  options.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    const socket = await open(route, options, deadline.signal);
    onEnd?.();
    return socket;
  } catch (error) {
    const failure = error instanceof WharfError ? error : classify(error, "connecting");
    onEnd?.(failure);
    throw failure;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener("abort", onAbort);
  }
}

async function open(route: Route, options: ConnectOptions, signal: AbortSignal): Promise<Socket> {
  const { trust, onAddress } = options;
  const socket = await openPlain(route, options, signal);
  if (!route.proxy && socket.remoteAddress) onAddress?.(socket.remoteAddress);
  if (!route.secure) return socket;
  const { secure, trustSystem } = await import("./tls.ts");
  try {
    return await secure(socket, route.hostname, trust, signal);
  } catch (error) {
    socket.destroy();
    if (!isUnknownAuthority(error) || !trustSystem(trust)) throw error;
    return secure(await openPlain(route, options, signal), route.hostname, trust, signal);
  }
}

/** A connection to the host, or through the proxy to it, before TLS. */
async function openPlain(
  route: Route,
  { onread, trust }: ConnectOptions,
  signal: AbortSignal,
): Promise<Socket> {
  const { proxy } = route;
  const reader = route.secure || proxy?.secure ? undefined : onread;
  if (route.guarded && isPrivateAddress(route.hostname)) throw refusePrivate(route.hostname);
  if (!proxy) return openTcp(route.hostname, route.port, route.guarded, signal, reader);
  let socket: Socket | undefined;
  try {
    socket = await openTcp(proxy.hostname, proxy.port, false, signal, reader);
    if (proxy.secure) {
      const { secure } = await import("./tls.ts");
      socket = await secure(socket, proxy.hostname, { roots: trust.roots }, signal);
    }
    if (route.secure) {
      const { openTunnel } = await import("./tunnel.ts");
      await openTunnel(socket, route, proxy, signal);
    }
    return socket;
  } catch (error) {
    socket?.destroy();
    if (error instanceof WharfError) throw error;
    const failure = classify(error, "connecting");
    const { code, message, repeatable, hint } = failure;
    throw new Failure(code, `proxy ${proxy.hostname}:${proxy.port}: ${message}`, {
      repeatable,
      hint,
      unsent: true,
      cause: failure.cause,
    });
  }
}

/** What localhost is, is known (RFC 6761, section 6.3); to ask for it takes milliseconds. */
async function openTcp(
  hostname: string,
  port: number,
  guarded: boolean,
  signal: AbortSignal,
  onread: OnReadOpts | undefined,
): Promise<Socket> {
  if (guarded || !/^(?:.+\.)?localhost$/.test(hostname)) {
    return connectTo(hostname, port, guarded, signal, onread);
  }
  try {
    return await connectTo("127.0.0.1", port, false, signal, onread);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ECONNREFUSED") throw error;
    return connectTo("::1", port, false, signal, onread).catch(() => Promise.reject(error));
  }
}

function connectTo(
  hostname: string,
  port: number,
  guarded: boolean,
  signal: AbortSignal,
  onread: OnReadOpts | undefined,
): Promise<Socket> {
  const socket = connectTcp({
    host: hostname,
    port,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: 30_000,
    // Node's own 250 ms give up on a distant host's first address too early.
    autoSelectFamilyAttemptTimeout: 1000,
    ...(guarded && { lookup: lookupPublic }),
    ...(onread && { onread }),
  });
  return ready(socket, "connect", signal);
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
  return new Failure("REDIRECT_REFUSED", `a public host leads to a private address (${hostname})`, {
    unsent: true,
    repeatable: false,
  });
}
