/** Tags as versions: semver, and what people write besides. */

/** A tag that names a version. Numbers are digits without leading zeros, since a date or a build may exceed 2^53. */
export interface Version {
  /** `1.25` → `["1", "25"]`; parts that are not written count as 0. */
  readonly numbers: readonly string[];
  /** `rc.1`, `rc1` and `rc-1` → `["rc", "1"]`; empty for a release. */
  readonly prerelease: readonly string[];
  /** What a suffix says of the contents, `alpine3.20` of `1.25-alpine3.20`; empty where there is none. */
  readonly variant: string;
  /** What follows `_`, which stands in tags for semver's `+` (Helm writes charts so); ranges do not look at it. */
  readonly build: string;
}

const numbers = /^v?(\d+(?:\.\d+)*)(.*)$/is;
/** Words that make a suffix a pre-release; any other word is a variant, as `alpine` is. */
const words =
  /^(?:alpha|beta|canary|cr|dev|ea|edge|experimental|insiders|milestone|nightly|next|pre|preview|rc|snapshot|unstable)(?![a-z])|^[abcm](?=\d+(?![a-z\d]))/i;

/**
 * Reads a tag as a version.
 * @returns undefined where it is none: `latest`, `stable-alpine`, `4e1a9f0`, `sha256-…`
 * @example
 * parseVersion("v1.26-rc1-alpine"); // numbers 1 and 26, prerelease rc and 1, variant alpine
 */
export function parseVersion(tag: string): Version | undefined {
  const [, dotted, rest = ""] = numbers.exec(tag) ?? [];
  if (dotted === undefined) return undefined;
  const suffix = readSuffix(rest);
  return suffix && { numbers: dotted.split(".").map(trimZeros), ...suffix };
}

/** `rc1-alpine` of `1.26rc1-alpine` (as Go and Python write it), `-rc.1`, `_9-jdk`. */
function readSuffix(rest: string): Omit<Version, "numbers"> | undefined {
  const glued = words.exec(rest);
  if (rest !== "" && !glued && !/^[-_.]./.test(rest)) return undefined;
  const [before = "", build = "", after = ""] = (
    /^([^_]*)_([^-]*)(.*)$/s.exec(rest) ?? ["", rest]
  ).slice(1);
  const parts = `${before}${after}`.replace(/^[-.]/, "").split("-");
  const at = parts.findIndex((part) => words.test(part));
  if (at < 0) return { prerelease: [], variant: parts.join("-"), build };
  // A number after the word belongs to it: beta-2, SNAPSHOT-20240101.
  const length = /^\d+$/.test(parts[at + 1] ?? "") ? 2 : 1;
  const prerelease = parts
    .splice(at, length)
    .join(".")
    .toLowerCase()
    .split(/\.|(?<=[a-z])(?=\d)/)
    .map((part) => (/^\d+$/.test(part) ? trimZeros(part) : part));
  return { prerelease, variant: parts.join("-"), build };
}

/**
 * Compares two tags as versions, for `Array.sort`: a total order, oldest first.
 *
 * Numbers count by value, with or without `v`; pre-releases come before their release (semver 2.0, 11), variants before
 * what has no suffix, and fewer parts before more: `1.9` < `1.10-rc.2` < `1.10-alpine` < `1.10` < `1.10.0`. What is no
 * version comes last, by name.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a), parseVersion(b)];
  if (!left || !right) return left ? -1 : right ? 1 : byText(a, b);
  return compareParsed(left, right) || byText(a, b);
}

/** As {@link compareVersions}, of what has been read already; 0 for `1.2` and `v1.2`. */
export function compareParsed(a: Version, b: Version): number {
  return (
    comparePrecedence(a, b) ||
    emptyLast(a.variant, b.variant) ||
    byNature(a.variant, b.variant) ||
    byNature(a.build, b.build) ||
    a.numbers.length - b.numbers.length
  );
}

/** What semver calls precedence: numbers and pre-release only. */
export function comparePrecedence(a: Version, b: Version): number {
  const length = Math.max(a.numbers.length, b.numbers.length);
  for (let i = 0; i < length; i += 1) {
    const difference = byDigits(a.numbers[i] ?? "0", b.numbers[i] ?? "0");
    if (difference !== 0) return difference;
  }
  const [left, right] = [a.prerelease, b.prerelease];
  if (left.length === 0 || right.length === 0) return right.length - left.length;
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = byIdentifier(left[i]!, right[i]!);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** semver 2.0, 11.4: numbers by value, and before words. */
function byIdentifier(a: string, b: string): number {
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left && right) return byDigits(a, b);
  return left ? -1 : right ? 1 : byText(a, b);
}

/** Runs of digits by value: `alpine3.9` before `alpine3.10`. */
function byNature(a: string, b: string): number {
  const [left, right] = [a.split(/(\d+)/), b.split(/(\d+)/)];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const [x, y] = [left[i]!, right[i]!];
    // split puts the runs of digits at odd places.
    const difference = i % 2 === 1 ? byDigits(trimZeros(x), trimZeros(y)) : byText(x, y);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const emptyLast = (a: string, b: string) => Number(a === "") - Number(b === "");
const byDigits = (a: string, b: string) => a.length - b.length || byText(a, b);
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
const trimZeros = (digits: string) => digits.replace(/^0+(?=\d)/, "");
