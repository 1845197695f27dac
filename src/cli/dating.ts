/** Dates of tags for commands: where they are remembered, and who is asked first. */
import type { DateOptions, DateSource } from "../image/tags/dates.ts";
import type { Doubt } from "../image/tags/moment.ts";
import type { DatedTag } from "../image/tags/dates.ts";
import type { Call } from "./call.ts";
import { formatAge } from "./format.ts";
import { hubPlaceOf } from "./hub/place.ts";

type Needed = Pick<Call, "onClose" | "signal" | "config" | "output" | "credentials">;

interface Wanted {
  readonly platform?: string | undefined;
  readonly concurrency: number;
  /** The repository, in full; Docker Hub tells when its tags were pushed. */
  readonly repository?: string | undefined;
}

/** What `dateTags` is to be called with; the call closes what it opens. */
export async function datingFor(
  call: Needed,
  { platform, concurrency, repository }: Wanted,
): Promise<DateOptions> {
  const [{ openCreatedCache }, { parsePlatform }] = await Promise.all([
    import("../image/tags/createdCache.ts"),
    import("../reference/platform.ts"),
  ]);
  const cache = openCreatedCache();
  call.onClose(() => cache.close());
  const { signal } = call;
  const dates = repository === undefined ? undefined : await datesOfHub(call, repository);
  return {
    cache,
    concurrency,
    signal,
    ...(dates && { dates }),
    ...(platform !== undefined && { platform: parsePlatform(platform) }),
  };
}

/** Docker Hub's own dates, where the repository is there and its API is known. */
async function datesOfHub(call: Needed, repository: string): Promise<DateSource | undefined> {
  const place = hubPlaceOf(call.config, repository);
  if (place === undefined) return undefined;
  const [{ openHub }, { hubDates }] = await Promise.all([
    import("./hub/open.ts"),
    import("../image/hubTags.ts"),
  ]);
  return hubDates(await openHub(call), place);
}

const doubts: Readonly<Record<Doubt, string>> = {
  missing: "none is written",
  placeholder: "a placeholder is written",
  future: "it is in the future",
  unreadable: "the image cannot be read",
};

/** Why a date is not known. */
export const doubtText = (doubt: Doubt): string => doubts[doubt];

/**
 * A date and its source, in cells of a table: `2026-01-02 03:04 UTC`, `5 months ago`, `created`.
 * @param now milliseconds since 1970
 */
export function dateCells({ date, source, doubt }: DatedTag, now: number): string[] {
  if (date === undefined) return ["unknown", "", doubt === undefined ? "" : doubtText(doubt)];
  const text = new Date(date).toISOString();
  const minutes = `${text.slice(0, 10)} ${text.slice(11, 16)} UTC`;
  // Clocks differ: what was made a moment ago may seem to be made in a moment.
  return [minutes, formatAge(new Date(Math.min(date, now)), now), source];
}

/** The same for programs. */
export function dateFields({ date, source, doubt }: DatedTag): object {
  return {
    ...(date !== undefined && { date: new Date(date).toISOString() }),
    dateSource: source,
    ...(doubt !== undefined && { doubt }),
  };
}
