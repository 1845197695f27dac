/** Ranges of versions: the grammar of npm's semver, over tags. */
import { WharfError } from "../../errors.ts";
import { comparePrecedence, parseVersion, type Version } from "./version.ts";

interface Comparator {
  readonly operator: "<" | "<=" | ">" | ">=";
  readonly version: Version;
}

/** Comparators that all must hold, and the variant that the tags must have: `*` for any, `alpine*` for its beginning. */
interface Alternative {
  readonly comparators: readonly Comparator[];
  readonly variant: string;
}

/** A range that has been read. */
export interface Range {
  readonly alternatives: readonly Alternative[];
}

/** An operator, `v`, numbers of which any may be `x`, and a suffix. */
const partial = /^([<>]=?|=|\^|~>?)?v?(\d+|[x*])(?:\.(\d+|[x*]))?(?:\.(\d+|[x*]))?([-_a-z].*)?$/i;
const unlimited = /^[x*]$/i;

/**
 * Whether a tag's version lies in a range: `>=1.25 <2`, `^1.25`, `~1.25.3`, `1.x`, `1.2 - 1.4`, `1.2 || >=2`.
 *
 * - A pre-release is in a range only where the range names a pre-release of the same version, as in npm.
 * - A variant is in a range only where the range names it: `^1.25` finds no `1.25-alpine`; `^1.25-alpine` finds nothing
 *   else, `^1.25-alpine*` also `1.25-alpine3.20`, and `^1.25-*` whatever the suffix.
 *
 * @throws WharfError USAGE for a bad range
 */
export function satisfies(tag: string, range: string | Range): boolean {
  const { alternatives } = typeof range === "string" ? parseRange(range) : range;
  const version = parseVersion(tag);
  return version !== undefined && alternatives.some((alternative) => holds(alternative, version));
}

function holds({ comparators, variant }: Alternative, version: Version): boolean {
  if (!isVariant(version.variant, variant)) return false;
  if (!comparators.every((comparator) => compares(comparator, version))) return false;
  if (version.prerelease.length === 0) return true;
  const release = { ...version, prerelease: [] };
  return comparators.some(
    (comparator) =>
      comparator.version.prerelease.length > 0 &&
      comparator.version.prerelease[0] !== lowest &&
      comparePrecedence({ ...comparator.version, prerelease: [] }, release) === 0,
  );
}

function isVariant(variant: string, wanted: string): boolean {
  return wanted.endsWith("*") ? variant.startsWith(wanted.slice(0, -1)) : variant === wanted;
}

function compares({ operator, version }: Comparator, tested: Version): boolean {
  const order = comparePrecedence(tested, version);
  if (operator === "<") return order < 0;
  if (operator === "<=") return order <= 0;
  return operator === ">" ? order > 0 : order >= 0;
}

/** Before any pre-release: `<2` shall not find `2.0-rc1`, not even where another comparator names one of 2.0. */
const lowest = "0";

/** @throws WharfError USAGE */
export function parseRange(text: string): Range {
  return { alternatives: text.split("||").map((part) => readAlternative(part.trim(), text)) };
}

function readAlternative(part: string, whole: string): Alternative {
  const hyphen = /^(\S+)\s+-\s+(\S+)$/.exec(part);
  const words = hyphen
    ? [`>=${hyphen[1]}`, `<=${hyphen[2]}`]
    : part
        .replace(/([<>=^~])\s+/g, "$1")
        .split(/[\s,]+/)
        .filter(Boolean);
  const read = words.map((word) => readComparators(word, whole));
  const variants = new Set(read.flatMap(({ variant }) => (variant === "" ? [] : [variant])));
  if (variants.size > 1)
    throw bad(whole, `it names the variants ${[...variants].join(" and ")} at once`);
  const [variant = ""] = variants;
  return { comparators: read.flatMap(({ comparators }) => comparators), variant };
}

function readComparators(word: string, whole: string): Alternative {
  const match = partial.exec(word);
  if (!match) throw bad(whole, `'${word}' is no version`);
  const [, operator = "=", ...rest] = match;
  const suffix = rest[3] ?? "";
  const parts = rest.slice(0, 3);
  const missing = parts.findIndex((part) => part === undefined || unlimited.test(part));
  const given = parts.slice(0, missing < 0 ? 3 : missing) as string[];
  const parsed = parseVersion(`${given.join(".") || "0"}${suffix}`);
  if (!parsed) throw bad(whole, `'${word}' is no version`);
  const { prerelease, variant } = parsed;
  const at = (numbers: readonly string[], before: readonly string[] = []): Version => {
    return { numbers, prerelease: before, variant: "", build: "" };
  };
  const low: Comparator = { operator: ">=", version: at(parsed.numbers, prerelease) };
  const below = (numbers: readonly string[]): Comparator => {
    return { operator: "<", version: at(numbers, [lowest]) };
  };
  const between = (place: number): Comparator[] =>
    given.length === 0 ? [] : [low, below(next(given, place))];
  const exact = given.length === 3 || prerelease.length > 0;
  const comparators = ((): Comparator[] => {
    switch (operator) {
      case "^": {
        const first = given.findIndex((part) => /[1-9]/.test(part));
        return between(first < 0 ? given.length - 1 : first);
      }
      case "~":
      case "~>":
        return between(Math.min(given.length - 1, 1));
      case "<":
        return given.length === 0
          ? [below(["0"])]
          : [exact && prerelease.length > 0 ? { operator, version: low.version } : below(given)];
      case ">=":
        return given.length === 0 ? [] : [low];
      case ">":
        if (given.length === 0) return [below(["0"])];
        return exact
          ? [{ operator, version: low.version }]
          : [{ operator: ">=", version: at(next(given, given.length - 1)) }];
      case "<=":
        if (given.length === 0) return [];
        return exact
          ? [{ operator, version: low.version }]
          : [below(next(given, given.length - 1))];
      default:
        return exact ? [low, { operator: "<=", version: low.version }] : between(given.length - 1);
    }
  })();
  return { comparators, variant };
}

/** The first version after all that agree with `numbers` up to `place`. */
function next(numbers: readonly string[], place: number): string[] {
  return [...numbers.slice(0, place), String(BigInt(numbers[place]!) + 1n)];
}

function bad(range: string, what: string): WharfError {
  return new WharfError("USAGE", `The range '${range}' makes no sense: ${what}`, {
    hint: "Write for example '>=1.25 <2', '^1.25', '1.x' or '^1.25-alpine'.",
  });
}
