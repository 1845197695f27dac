/**
 * Which proxy stands before a host, and tunnels through it.
 * The environment is read as curl and Go read it: `https_proxy`, `http_proxy`, `all_proxy`, `no_proxy`, lower case
 * first; no proxy for localhost and loopback addresses unless `no_proxy` says nothing of it… they never take one.
 */
import type { Socket } from "node:net";
import { isIP } from "node:net";
import { WharfError } from "../errors.ts";
import { Failure } from "./failure.ts";

export interface Proxy {
  /** Without user and password. */
  readonly url: URL;
  readonly hostname: string;
  readonly port: number;
  /** Whether the proxy itself is spoken to over TLS. */
  readonly secure: boolean;
  /** Value of `Proxy-Authorization`. */
  readonly authorization?: string;
}

export type ProxyFor = (url: URL) => Proxy | undefined;

/**
 * Reads the proxy variables.
 * @throws WharfError CONFIG_INVALID when a request needs a proxy whose address is not understood
 */
export function proxiesOf(environment: NodeJS.ProcessEnv): ProxyFor {
  const read = (name: string) => environment[name] || environment[name.toUpperCase()] || undefined;
  const all = read("all_proxy");
  const http = read("http_proxy") ?? all;
  const https = read("https_proxy") ?? all;
  if (!http && !https) return () => undefined;
  const bypass = (read("no_proxy") ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  const parsed = new Map<string, Proxy>();
  return function proxyFor(url) {
    const secure = url.protocol === "https:";
    const address = secure ? https : http;
    if (!address || isLoopback(url.hostname) || bypasses(url, bypass)) return undefined;
    let proxy = parsed.get(address);
    if (!proxy) {
      proxy = parseProxy(address, secure ? "HTTPS_PROXY" : "HTTP_PROXY");
      parsed.set(address, proxy);
    }
    return proxy;
  };
}

function parseProxy(address: string, variable: string): Proxy {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `http://${address}`;
  if (!URL.canParse(text) || !/^https?:/i.test(text)) {
    throw new WharfError(
      "CONFIG_INVALID",
      `${variable} is not the address of an http or https proxy`,
    );
  }
  const url = new URL(text);
  const secure = url.protocol === "https:";
  const user = decodeURIComponent(url.username);
  const password = decodeURIComponent(url.password);
  url.username = "";
  url.password = "";
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (secure ? 443 : 80) : Number(url.port);
  const login = Buffer.from(`${user}:${password}`).toString("base64");
  return { url, hostname, port, secure, ...(user && { authorization: `Basic ${login}` }) };
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === "localhost" ||
    hostname.endsWith(".localhost") ||
    hostname === "[::1]" ||
    (isIP(hostname) === 4 && hostname.startsWith("127."))
  );
}

/** Entries are `*`, a domain (its subdomains too; a leading dot is the same), an address, CIDR is not known; each with an optional port. */
function bypasses(url: URL, entries: readonly string[]): boolean {
  const hostname = url.hostname.toLowerCase().replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return entries.some((entry) => {
    if (entry === "*") return true;
    const match = /^(?:\[([^\]]+)\]|([^:]*)|(.*:.*:.*?))(?::(\d+))?$/.exec(entry.toLowerCase());
    const name = (match?.[1] ?? match?.[2] ?? match?.[3] ?? "").replace(/^\*?\./, "");
    if (name === "" || (match?.[4] && match[4] !== port)) return false;
    return hostname === name || hostname.endsWith(`.${name}`);
  });
}

/** Asks a proxy to connect to the host (RFC 9110, section 9.3.6). */
export function openTunnel(
  socket: Socket,
  host: { readonly hostname: string; readonly port: number },
  proxy: Proxy,
  signal: AbortSignal,
): Promise<void> {
  const name = isIP(host.hostname) === 6 ? `[${host.hostname}]` : host.hostname;
  const authority = `${name}:${host.port}`;
  const authorization = proxy.authorization
    ? `proxy-authorization: ${proxy.authorization}\r\n`
    : "";
  return new Promise((resolve, reject) => {
    let head = "";
    const settle = (error?: unknown) => {
      socket.off("data", read).off("error", settle).off("close", closed);
      signal.removeEventListener("abort", abort);
      if (error === undefined) return resolve();
      socket.on("error", () => {});
      socket.destroy();
      reject(error);
    };
    const abort = () => settle(signal.reason);
    const closed = () => settle(new Failure("CONNECTION_FAILED", "proxy closed the connection"));
    const read = (chunk: Buffer) => {
      head += chunk.toString("latin1");
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) {
        if (head.length > 16_384)
          settle(new Failure("CONNECTION_FAILED", "proxy answers nonsense"));
        return;
      }
      socket.pause();
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head)?.[1] ?? 0);
      if (status >= 200 && status < 300) return settle();
      const hint = status === 407 ? "Put user and password into the proxy's address." : undefined;
      settle(
        new Failure("CONNECTION_FAILED", `proxy refuses to connect to ${authority} (${status})`, {
          repeatable: status === 502 || status === 503 || status === 504,
          ...(hint && { hint }),
        }),
      );
    };
    socket.on("data", read).once("error", settle).once("close", closed);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) return abort();
    socket.write(`CONNECT ${authority} HTTP/1.1\r\nhost: ${authority}\r\n${authorization}\r\n`);
  });
}
