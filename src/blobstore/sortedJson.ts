/** JSON in the spelling that dxf writes: one line, keys sorted, a blank behind commas and colons, ASCII only. */

/** What {@link sortedJson} spells. */
export type Json = string | number | readonly Json[] | { readonly [key: string]: Json };

/**
 * Spells a value. The digest of a manifest is that of its bytes, so two writers name the same blobs by the same
 * manifest only where they spell alike.
 *
 * @example
 * sortedJson({ b: 1, a: ["é"] }) // '{"a": ["\\u00e9"], "b": 1}'
 */
export function sortedJson(value: Json): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(sortedJson).join(", ")}]`;
  const entries = Object.entries(value).sort(([a], [b]) => byCodePoint(a, b));
  return `{${entries.map(([key, field]) => `${quoted(key)}: ${sortedJson(field)}`).join(", ")}}`;
}

const isList = (value: object): value is readonly Json[] => Array.isArray(value);

/** JavaScript's own order is that of UTF-16, which sorts emoji before some letters. */
function byCodePoint(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function quoted(text: string): string {
  // What is outside the basic plane becomes two escapes.
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
