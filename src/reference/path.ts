/**
 * The one place where names are put into URLs.
 * Source: RFC 3986, sections 3.3 (path) and 3.4 (query).
 */
import { WharfError } from "../errors.ts";
import { quoted } from "./digest.ts";

/** A value of several segments, such as a repository's name: its slashes stay. */
class SegmentedName {
  readonly segments: readonly string[];
  constructor(text: string) {
    this.segments = text.split("/");
  }
}

/** Marks a value of {@link path} whose slashes separate segments. */
export function name(text: string): SegmentedName {
  return new SegmentedName(text);
}

/**
 * Builds the path of a URL: each value is encoded, and can be nothing but one segment (or several, as {@link name}).
 *
 * @throws WharfError PATH_UNSAFE for a segment that is empty, `.` or `..`
 * @example
 * path`/v2/${name("library/nginx")}/manifests/${"sha256:…"}` // "/v2/library/nginx/manifests/sha256:…"
 */
export function path(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | SegmentedName)[]
): string {
  let result = strings[0] ?? "";
  values.forEach((value, index) => {
    const segments = value instanceof SegmentedName ? value.segments : [String(value)];
    result += segments.map(encodeSegment).join("/") + (strings[index + 1] ?? "");
  });
  return result;
}

/**
 * Builds the query of a URL, `?` included; nothing where all values are undefined. A list repeats its name.
 *
 * @example
 * query({ n: 100, last: undefined }) // "?n=100"
 */
export function query(
  values: Readonly<Record<string, string | number | readonly string[] | undefined>>,
): string {
  const parts: string[] = [];
  for (const [key, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const list = typeof value === "object" ? value : [String(value)];
    for (const item of list) parts.push(`${encode(key)}=${encode(item)}`);
  }
  return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

function encodeSegment(segment: string): string {
  if (segment === "" || segment === "." || segment === "..")
    throw new WharfError("PATH_UNSAFE", `${quoted(segment)} cannot be a part of a URL's path`);
  return encode(segment);
}

function encode(text: string): string {
  // Digests keep their colon: some servers and proxies route on the path as it was sent.
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, "\ufffd")).replaceAll("%3A", ":");
}
