/** Which names a server answers to, and which pages may write to it. */
import type { IncomingHttpHeaders } from "node:http";
import { isIP } from "node:net";

import { isLoopback } from "../reference/hosts.ts";

/**
 * Whether a `Host` field is one that a server on the loopback interface accepts. A web page elsewhere can let its own name
 * point to 127.0.0.1 and so have a browser talk to us (DNS rebinding), but the browser sends that name.
 *
 * @param field absent in HTTP/1.0, which no browser speaks
 * @param names further names that are right, such as the one that the server was told to bind to
 */
export function acceptsHost(field: string | undefined, names: readonly string[]): boolean {
  if (field === undefined) return true;
  const host = field.trim().replace(/:\d*$/, "").toLowerCase();
  return isLoopback(host) || names.some((name) => name.toLowerCase() === host);
}

/** Ends of names that no stranger can have. Sources: RFC 2606, RFC 6761, RFC 6762, RFC 8375; ICANN for `.internal`. */
const privateEnds = /\.(?:localhost|local|internal|test|home\.arpa|lan|svc)$/;

/**
 * Whether a `Host` field is one that a server open to its network accepts: an address, a name without a dot, one that public DNS
 * does not have, or a known one. What is published on 127.0.0.1, as ports of containers are, is bound to all addresses and in
 * reach of pages that rebind a name of their own all the same.
 *
 * @param field absent in HTTP/1.0, which no browser speaks
 * @param names further names that are right
 */
export function acceptsNetworkHost(field: string | undefined, names: readonly string[]): boolean {
  if (acceptsHost(field, names)) return true;
  const host = (field ?? "").trim().replace(/:\d*$/, "").toLowerCase();
  if (host.startsWith("[") || isIP(host) !== 0 || !host.includes(".")) return true;
  return privateEnds.test(host);
}

/**
 * Whether a request changes something on behalf of a web page of another origin. A browser sends a page's plain POST to any
 * address of this machine unasked; it says so in `Sec-Fetch-Site`, which no page can set, or else in `Origin`. Clients of
 * registries send neither.
 * Source: Fetch Metadata Request Headers, section 2.4; RFC 6454, section 7.
 *
 * @param headers names in lower case
 */
export function isForeignWrite(method: string | undefined, headers: IncomingHttpHeaders): boolean {
  if (method === "GET" || method === "HEAD" || method === "OPTIONS") return false;
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site !== "same-origin" && site !== "none";
  const { origin, host = "" } = headers;
  if (origin === undefined) return false;
  // `null` is the origin of sandboxed pages and files.
  return (
    !/^https?:\/\//i.test(origin) ||
    origin.replace(/^.*\/\//, "").toLowerCase() !== host.toLowerCase()
  );
}

/**
 * Whether a page of another origin wants to read, which the browser would not let it see, but need not be answered either. To
 * follow a link hither is no reading.
 * Source: Fetch Metadata Request Headers, section 2.
 */
export function isForeignRead(headers: IncomingHttpHeaders): boolean {
  const site = headers["sec-fetch-site"];
  if (site === undefined) {
    const { origin, host = "" } = headers;
    return origin !== undefined && origin.replace(/^https?:\/\//i, "") !== host;
  }
  if (site === "same-origin" || site === "none") return false;
  return headers["sec-fetch-mode"] !== "navigate" || headers["sec-fetch-dest"] !== "document";
}
