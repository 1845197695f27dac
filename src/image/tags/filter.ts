/** Which tags are wanted, and in which order. */
import { WharfError } from "../../errors.ts";
import { namesFound } from "./pattern.ts";
import { parseRange, satisfies } from "./range.ts";
import { compareParsed, parseVersion, type Version } from "./version.ts";

/** `name`: A first. `semver`, `date`: newest first, what is no version or has no known date last, by name. */
export type TagOrder = "name" | "semver" | "date";

/** What to look for; what is left out does not restrict. */
export interface TagFilter {
  /** Regular expressions of JavaScript, of which one must find the tag. */
  readonly match?: string | readonly string[];
  /** Regular expressions of which none may find the tag. */
  readonly exclude?: string | readonly string[];
  /** A range as {@link satisfies} reads it. */
  readonly semver?: string;
  /** At most so many, the newest by date or version; what is no version, or has no known date, is none of them. */
  readonly newest?: number;
  /** @default date, or without dates semver, where `newest` is given; else the order in which the tags come */
  readonly sort?: TagOrder;
}

/** When tags were pushed or made, in milliseconds since 1970; a tag that is missing has no known date. */
export type TagDates = ReadonlyMap<string, number>;

/**
 * Selects tags by name, version and age.
 *
 * @param dates needed for `sort: "date"`; to get dates of no more tags than necessary, call {@link filterTags}, find the
 *   dates of what is left, and {@link orderTags}
 * @throws WharfError USAGE for a bad expression or range
 * @example
 * await selectTags({ match: "-alpine$", newest: 3, sort: "semver" }, tags);
 */
export async function selectTags(
  filter: TagFilter,
  tags: Iterable<string>,
  dates?: TagDates,
): Promise<string[]> {
  return orderTags(filter, await filterTags(filter, tags), dates);
}

/** The part of {@link selectTags} that needs no dates: `match`, `exclude` and `semver`. */
export async function filterTags(
  { match, exclude, semver }: TagFilter,
  tags: Iterable<string>,
): Promise<string[]> {
  let left = [...tags];
  if (semver !== undefined) {
    const range = parseRange(semver);
    left = left.filter((tag) => satisfies(tag, range));
  }
  if (match !== undefined) {
    const found = await namesFound([match].flat(), left);
    left = left.filter((tag) => found.has(tag));
  }
  if (exclude !== undefined) {
    const found = await namesFound([exclude].flat(), left);
    left = left.filter((tag) => !found.has(tag));
  }
  return left;
}

/** The part of {@link selectTags} that comes after the names: `sort` and `newest`. */
export function orderTags(
  { newest, sort }: TagFilter,
  tags: readonly string[],
  dates?: TagDates,
): string[] {
  const order = sort ?? (newest === undefined ? undefined : dates ? "date" : "semver");
  if (order === undefined) return [...tags];
  if (order === "name") return tags.toSorted(byText).slice(0, newest);
  if (order === "date" && !dates) {
    throw new WharfError("USAGE", "Tags can't be ordered by dates that nobody has asked for");
  }
  const keyed = tags.map((tag) => {
    return { tag, key: order === "semver" ? parseVersion(tag) : dates!.get(tag) };
  });
  const known = newest === undefined ? keyed : keyed.filter(({ key }) => key !== undefined);
  return known
    .sort((a, b) => newestFirst(a.key, b.key) || byText(a.tag, b.tag))
    .slice(0, newest)
    .map(({ tag }) => tag);
}

function newestFirst(a: Version | number | undefined, b: Version | number | undefined): number {
  if (a === undefined || b === undefined) return Number(a === undefined) - Number(b === undefined);
  if (typeof a === "number" || typeof b === "number") return Number(b) - Number(a);
  return compareParsed(b, a);
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
