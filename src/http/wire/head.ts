/** The head of an answer: status line and header fields (RFC 9112, sections 4 to 6). Strict, because what two readers see differently can be smuggled. */
import { Failure } from "../failure.ts";
import { createHeaders } from "../headers.ts";
import type { HttpHeaders, Method } from "../http.ts";

/** How the end of the body is found. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

export interface Head {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly framing: Framing;
  /** Milliseconds that the connection may be used again, 0 for not at all. */
  readonly keepAlive: number;
}

/** Bytes of an answer's head, those of preceding 1xx answers included. */
export const headLimit = 64 * 1024;

/** Servers close idle connections after 5 s (node), 60 to 75 s (nginx), never (Go): less than the least. */
const defaultKeepAlive = 4000;
/** Longer promises of servers are not relied on. */
const longestKeepAlive = 60_000;

const statusLine = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/;
// Each matches in one pass: a host must not be able to keep us busy with 64 KiB of spaces.
const fieldLine = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):([\t\x20-\x7e\x80-\xff]*)$/;

/**
 * Parses a head.
 * @param text the bytes up to the empty line, without it, as latin1
 * @throws Failure CONNECTION_FAILED for what is not HTTP/1.1, or could be read in two ways
 */
export function parseHead(text: string, method: Method): Head {
  const [first = "", ...rest] = text.split("\r\n");
  const start = statusLine.exec(first);
  if (!start) throw malformed("status line");
  const lines = rest.map((line): [string, string] => {
    const field = fieldLine.exec(line);
    if (!field) throw malformed("header field");
    return [field[1] ?? "", (field[2] ?? "").trim()];
  });
  const status = Number(start[2]);
  const headers = createHeaders(lines);
  const framing = framingOf(status, start[1] === "1", headers, method);
  return { status, headers, framing, keepAlive: keepAliveOf(start[1] === "1", headers, framing) };
}

export function malformed(what: string): Failure {
  return new Failure("CONNECTION_FAILED", `host does not speak HTTP/1.1 properly (${what})`, {
    repeatable: false,
  });
}

/** RFC 9112, section 6.3. */
function framingOf(status: number, modern: boolean, headers: HttpHeaders, method: Method): Framing {
  const encoding = headers.getAll("transfer-encoding");
  const stated = headers.getAll("content-length").flatMap((value) => value.split(","));
  const lengths = new Set(stated.map((length) => length.trim()));
  if (lengths.size > 1) throw malformed("several Content-Lengths");
  const [length] = lengths;
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw malformed("Content-Length");
  if (method === "HEAD" || status < 200 || status === 204 || status === 304)
    return { kind: "none" };
  if (encoding.length > 0) {
    if (length !== undefined) throw malformed("Transfer-Encoding and Content-Length");
    if (!modern || encoding.length > 1 || encoding[0]?.toLowerCase() !== "chunked") {
      throw malformed("Transfer-Encoding");
    }
    return { kind: "chunked" };
  }
  if (length === undefined) return { kind: "close" };
  return Number(length) === 0 ? { kind: "none" } : { kind: "length", length: Number(length) };
}

function keepAliveOf(modern: boolean, headers: HttpHeaders, framing: Framing): number {
  const connection = (headers.get("connection") ?? "").toLowerCase();
  if (framing.kind === "close" || /\bclose\b/.test(connection)) return 0;
  if (!modern && !/\bkeep-alive\b/.test(connection)) return 0;
  const promised = /\btimeout=(\d{1,6})/i.exec(headers.get("keep-alive") ?? "")?.[1];
  if (promised === undefined) return defaultKeepAlive;
  // A second less: what is on its way when the server closes would be lost.
  return Math.min(longestKeepAlive, Math.max(0, Number(promised) * 1000 - 1000));
}
