/** The address of a request as the client knows it: answers point to addresses below it. */
import type { IncomingMessage } from "node:http";

/** Scheme, host and port; those of the connection where the client has said none that is one. */
export function originOf({ headers: { host }, socket }: IncomingMessage): string {
  const said = `http://${host}`;
  if (host && URL.canParse(said) && new URL(said).pathname === "/") return said;
  const { localAddress = "127.0.0.1", localPort = 80 } = socket;
  const printed = localAddress.includes(":") ? `[${localAddress}]` : localAddress;
  return `http://${printed}:${localPort}`;
}

/** All of it. Of an absolute one, as proxies are asked for it, path and query count (RFC 9112, section 3.2.2). */
export function urlOf(request: IncomingMessage): URL {
  const { url = "/" } = request;
  const origin = originOf(request);
  if (url.startsWith("/")) return new URL(origin + url);
  const { pathname, search } = new URL(URL.canParse(url) ? url : origin);
  return new URL(origin + (pathname.startsWith("/") ? pathname : "/") + search);
}
