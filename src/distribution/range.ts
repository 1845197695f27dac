/**
 * Parts of a blob, and blobs that the client has already: RFC 9110, sections 13 and 14.
 */

/** Bytes `start` to `end`, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` field for content of `size` bytes.
 * Several ranges at once, another unit and broken syntax are no error: the whole is sent, as the RFC allows.
 *
 * @returns the range, "unsatisfiable" (416), or undefined (send the whole)
 */
export function parseRange(
  field: string | undefined,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const match = field === undefined ? null : /^bytes=\s*(\d{0,16})-(\d{0,16})\s*$/i.exec(field);
  if (!match || match[0].length > 64) return undefined;
  const [first, last] = [match[1]!, match[2]!];
  if (first === "") {
    if (last === "") return undefined;
    const length = Math.min(Number(last), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  // A range that runs backwards may be ignored or refused; the specification's tests want it refused.
  if (start >= size || (last !== "" && Number(last) < start)) return "unsatisfiable";
  return { start, end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}

/**
 * Where a piece of an upload belongs, from its `Content-Range`: `<first>-<last>` as the distribution specification
 * writes it, or `bytes <first>-<last>/<size or *>` as HTTP does.
 *
 * @returns undefined where it is neither
 */
export function parseContentRange(field: string): ByteRange | undefined {
  const match = /^(?:bytes )?(\d{1,16})-(\d{1,16})(?:\/(?:\d{1,16}|\*))?$/.exec(field.trim());
  if (!match) return undefined;
  const range = { start: Number(match[1]), end: Number(match[2]) };
  return range.end >= range.start ? range : undefined;
}

/** The entity tag of content: its digest, which is the strongest there is. */
export function etagOf(digest: string): string {
  return `"${digest}"`;
}

/** Whether an `If-None-Match` field names the digest, so that 304 is the answer. */
export function matchesDigest(field: string | undefined, digest: string): boolean {
  if (field === undefined) return false;
  return field.split(",").some((part) => {
    const tag = part.trim().replace(/^W\//, "");
    return tag === "*" || tag === `"${digest}"` || tag === digest;
  });
}
