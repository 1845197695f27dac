/** The head of a request (RFC 9112, section 3). */
import { WharfError } from "../../errors.ts";
import type { Route } from "../connect.ts";
import type { Exchange } from "../lane.ts";

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** No line breaks, no other control characters: a value cannot become a field, or a request, of its own. */
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;
const ours: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
]);

/** @throws WharfError INTERNAL for header fields that cannot be sent */
export function requestHead(exchange: Exchange, route: Route): string {
  const { method, url, headers, body } = exchange;
  const path = url.pathname + url.search;
  const viaProxy = route.proxy !== undefined && !route.secure;
  let head = `${method} ${viaProxy ? url.origin + path : path} HTTP/1.1\r\nhost: ${url.host}\r\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (ours.has(name.toLowerCase())) continue;
    if (!token.test(name) || !fieldValue.test(value)) {
      throw new WharfError("INTERNAL", `Header field ${JSON.stringify(name)} cannot be sent`);
    }
    head += `${name}: ${value}\r\n`;
  }
  if (headers["accept-encoding"] === undefined) head += "accept-encoding: identity\r\n";
  if (viaProxy && route.proxy?.authorization) {
    head += `proxy-authorization: ${route.proxy.authorization}\r\n`;
  }
  const size = body instanceof Uint8Array ? body.length : body?.size;
  if (size !== undefined) head += `content-length: ${size}\r\n`;
  else if (body) head += "transfer-encoding: chunked\r\n";
  else if (method === "POST" || method === "PUT" || method === "PATCH")
    head += "content-length: 0\r\n";
  return `${head}\r\n`;
}
