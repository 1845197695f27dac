/** Which dates are to be believed. */

/** Why a date is not known: there is none, it is one that builders write in place of one, it is to come, or it cannot be read. */
export type Doubt = "missing" | "placeholder" | "future" | "unreadable";

/** Milliseconds since 1970, or why they are not known. */
export type Moment =
  | { readonly date: number; readonly doubt?: never }
  | { readonly date?: never; readonly doubt: Doubt };

/**
 * Docker's first release. What is older is no date: Go's zero time is of the year 1, builds that can be repeated say 1970
 * (Bazel, Jib, ko) or 1980 (Buildpacks).
 */
const firstImage = Date.UTC(2013, 2, 20);
/** Clocks of two machines may differ by some minutes. */
const tolerance = 5 * 60_000;

/**
 * Judges a date.
 * @param written milliseconds since 1970, or RFC 3339
 * @param now milliseconds since 1970
 */
export function judge(written: number | string | undefined, now: number): Moment {
  const date = typeof written === "string" ? Date.parse(written) : (written ?? Number.NaN);
  if (Number.isNaN(date)) return { doubt: "missing" };
  if (date < firstImage) return { doubt: "placeholder" };
  return date > now + tolerance ? { doubt: "future" } : { date };
}
