/** Which tags go, and why the others stay. */
import { WharfError } from "../../errors.ts";
import { filterTags, orderTags } from "../tags/filter.ts";
import { knownDates, type DatedTag } from "../tags/dates.ts";
import { checkPatterns } from "../tags/pattern.ts";
import { parseVersion } from "../tags/version.ts";

/** A tag goes only if no rule keeps it; what is left out keeps nothing. */
export interface PruneRules {
  /** Regular expressions of which one must find a tag that may go. @default all */
  readonly match?: string | readonly string[];
  /** Regular expressions; what one of them finds stays, and is none of the newest. */
  readonly keepMatch?: string | readonly string[];
  /** So many of the newest stay, among those that may go. */
  readonly keepNewest?: number;
  /** What newest means. @default date */
  readonly newestBy?: "date" | "semver";
  /** Milliseconds since 1970: what is younger stays. */
  readonly olderThan?: number;
  /** Whether manifests go that no tag names any more. @default false */
  readonly includeUntagged?: boolean;
}

/** Why a tag stays. */
export type KeepReason =
  | "not-matched"
  | "keep-match"
  | "newest"
  | "recent"
  | "unknown-date"
  | "no-version";
/** Why a tag goes; `unfinished`: an earlier deletion was killed in the middle, and left something that means nothing. */
export type PruneReason = "old" | "not-newest" | "matched" | "unfinished";

/** What becomes of a tag. */
export interface Decision extends DatedTag {
  readonly action: "prune" | "keep";
  readonly reason: KeepReason | PruneReason;
}

/**
 * Checks rules before anything is asked.
 * @throws WharfError USAGE for a bad expression, or for rules that would prune everything
 */
export function checkRules(rules: PruneRules): void {
  const { match, keepMatch, keepNewest, olderThan, includeUntagged } = rules;
  checkPatterns(match);
  checkPatterns(keepMatch);
  const some = [match, keepNewest, olderThan].some((rule) => rule !== undefined);
  if (some || (includeUntagged && keepMatch === undefined)) return;
  throw new WharfError("USAGE", "No rule says which tags go", {
    hint: "Give --keep-newest, --older-than or --match; try them with --dry-run.",
  });
}

/** Whether a decision needs the date of each tag. */
export function needsDates({ keepNewest, newestBy, olderThan }: PruneRules): boolean {
  return olderThan !== undefined || (keepNewest !== undefined && newestBy !== "semver");
}

/**
 * Tells tags that may go from those that stay in any case, whatever their age.
 * @throws WharfError USAGE for an expression that takes too long
 */
export async function candidates(
  { match, keepMatch, keepNewest, olderThan }: PruneRules,
  tags: readonly string[],
): Promise<{ may: string[]; stay: Map<string, KeepReason> }> {
  const stay = new Map<string, KeepReason>();
  const ruled = [match, keepNewest, olderThan].some((rule) => rule !== undefined);
  const matched = new Set(
    ruled ? await filterTags(match === undefined ? {} : { match }, tags) : [],
  );
  const kept = keepMatch === undefined ? [] : await filterTags({ match: keepMatch }, tags);
  for (const tag of tags) if (!matched.has(tag)) stay.set(tag, "not-matched");
  for (const tag of kept) stay.set(tag, "keep-match");
  return { may: tags.filter((tag) => !stay.has(tag)), stay };
}

/**
 * Decides on the tags that may go. A tag whose date is not known is never old, and never one of the newest: where age
 * decides, it stays.
 */
export function decide(rules: PruneRules, tags: readonly DatedTag[]): Decision[] {
  const { keepNewest, newestBy = "date", olderThan } = rules;
  const names = tags.map(({ tag }) => tag);
  const newest = new Set(
    keepNewest === undefined || keepNewest === 0
      ? []
      : orderTags({ newest: keepNewest, sort: newestBy }, names, knownDates(tags)),
  );
  return tags.map((dated) => {
    const keep = (reason: KeepReason): Decision => ({ ...dated, action: "keep", reason });
    const prune = (reason: PruneReason): Decision => ({ ...dated, action: "prune", reason });
    const { tag, date } = dated;
    if (needsDates(rules) && date === undefined) return keep("unknown-date");
    if (keepNewest !== undefined && newestBy === "semver" && parseVersion(tag) === undefined)
      return keep("no-version");
    if (newest.has(tag)) return keep("newest");
    if (olderThan !== undefined) return date! < olderThan ? prune("old") : keep("recent");
    return prune(keepNewest === undefined ? "matched" : "not-newest");
  });
}
