/** Text of strangers, made fit for a terminal. */

// oxlint-disable-next-line no-control-regex -- that is what this is for
const controls = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** Replaces control characters (C0, C1, directional overrides) and line breaks by spaces. */
export function withoutControls(text: string): string {
  return text.replace(controls, " ");
}

/**
 * Replaces control characters (C0, C1, directional overrides) and line breaks by spaces, squeezes them, and cuts.
 * @param limit characters
 */
export function printable(text: string, limit: number): string {
  const clean = withoutControls(text).replace(/ {2,}/g, " ").trim();
  return clean.length > limit ? `${clean.slice(0, limit)}…` : clean;
}
