/** Which tags are wanted, and in which order. */
import { WharfError } from "../../errors.ts";
import { namesFound } from "./pattern.ts";
import { parseRange, satisfies } from "./range.ts";
import { compareParsed, parseVersion, type Version } from "./version.ts";

/** `name`: A first. `semver`, `date`: newest first, then what is no version or has no known date, by name. */
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
  /** The other way round; what is no version or has no known date stays last. @default false */
  readonly reverse?: boolean;
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

/** The part of {@link selectTags} that comes after the names: `sort`, `newest` and `reverse`. */
export function orderTags(
  { newest, sort, reverse = false }: TagFilter,
  tags: readonly string[],
  dates?: TagDates,
): string[] {
  const byAge = sort === "date" || sort === "semver" ? sort : dates ? "date" : "semver";
  if (sort === "date" && !dates) {
    throw new WharfError("USAGE", "Tags can't be ordered by dates that nobody has asked for");
  }
  let chosen: string[];
  if (newest === undefined && (sort === undefined || sort === "name")) chosen = [...tags];
  else {
    const keyed = tags.map((tag) => {
      return { tag, key: byAge === "semver" ? parseVersion(tag) : dates!.get(tag) };
    });
    const known = keyed.filter(({ key }) => key !== undefined);
    known.sort((a, b) => newestFirst(a.key!, b.key!) || byText(a.tag, b.tag));
    chosen = known.slice(0, newest).map(({ tag }) => tag);
    if (reverse && sort !== "name") chosen.reverse();
    if (newest !== undefined && sort !== "name") return chosen;
    const rest = keyed.filter(({ key }) => key === undefined).map(({ tag }) => tag);
    if (newest === undefined) return [...chosen, ...rest.sort(byText)];
  }
  if (sort === "name") chosen.sort(byText);
  return reverse ? chosen.reverse() : chosen;
}

function newestFirst(a: Version | number, b: Version | number): number {
  if (typeof a === "number" || typeof b === "number") return Number(b) - Number(a);
  return compareParsed(b, a);
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
