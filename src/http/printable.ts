/** Text of strangers, made fit for a terminal. */

/**
 * Replaces control characters (C0, C1, directional overrides) and line breaks by spaces, squeezes them, and cuts.
 * @param limit characters
 */
export function printable(text: string, limit: number): string {
  const clean = text
    // oxlint-disable-next-line no-control-regex -- that is what this is for
    .replace(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g, " ")
    .replace(/ {2,}/g, " ")
    .trim();
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}
