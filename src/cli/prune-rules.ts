/** The rules of a prune, as flags say them. */
import type { PruneRules } from "../image/prune/rules.ts";
import type { Flag } from "./command.ts";
import { parseDuration } from "./duration.ts";
import { usage, wholeNumber } from "./flags.ts";
import { checkMatch } from "./match.ts";

export const ruleFlags = {
  "keep-newest": { about: "So many of the newest stay", value: "N" },
  "newest-by": {
    about: "What newest means",
    value: "ORDER",
    preset: "date",
    choices: ["date", "semver"],
  },
  "older-than": { about: "Younger ones stay: 90d, 36h, 2w, or a day: 2026-01-31", value: "TIME" },
  match: { about: "Only tags that one of these finds may go", value: "RE", repeated: true },
  "keep-match": { about: "Tags that one of these finds stay", value: "RE", repeated: true },
} as const satisfies Record<string, Flag>;

export interface RuleFlags {
  readonly "keep-newest": string | undefined;
  readonly "newest-by": string;
  readonly "older-than": string | undefined;
  readonly match: readonly string[];
  readonly "keep-match": readonly string[];
  readonly "include-untagged"?: boolean;
}

/** @param now milliseconds since 1970 */
export function readRules(flags: RuleFlags, now: number): PruneRules {
  for (const flag of ["match", "keep-match"] as const)
    for (const expression of flags[flag]) checkMatch(expression, flag);
  const { "keep-newest": newest, "older-than": age, "newest-by": by } = flags;
  if (by !== "date" && newest === undefined) throw usage("--newest-by goes with --keep-newest");
  return {
    ...(flags.match.length > 0 && { match: flags.match }),
    ...(flags["keep-match"].length > 0 && { keepMatch: flags["keep-match"] }),
    ...(newest !== undefined && { keepNewest: wholeNumber("keep-newest", newest, { from: 0 }) }),
    newestBy: by as "date" | "semver",
    ...(age !== undefined && { olderThan: momentOf(age, now) }),
    includeUntagged: flags["include-untagged"] === true,
  };
}

/** A day, or so long ago. */
function momentOf(text: string, now: number): number {
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return now - parseDuration("older-than", text);
  const moment = Date.parse(text);
  if (Number.isNaN(moment)) throw usage(`--older-than is a time or a day, not '${text}'`);
  return moment;
}
