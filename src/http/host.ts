/** Which names a server answers to, and which pages may write to it. */
import type { IncomingHttpHeaders } from "node:http";

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
