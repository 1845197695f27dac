/** Sizes as people write them. */
import { usage } from "./flags.ts";

const units: Readonly<Record<string, number>> = {
  "": 1,
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
};

/**
 * Reads `500M`, `1.5GiB`, `4096`: binary units, as those that are printed.
 * @returns bytes
 * @throws WharfError USAGE
 */
export function parseSize(flag: string, text: string): number {
  const match = /^(\d{1,15}(?:\.\d{1,3})?) ?([KMGT]?)(?:i?B)?$/i.exec(text);
  const bytes = Math.floor(
    Number(match?.[1]) * (units[match?.[2]?.toUpperCase() ?? ""] ?? Number.NaN),
  );
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  throw usage(`--${flag} is a size, not '${text}'`, "Write for example 500M or 1.5GiB.");
}
