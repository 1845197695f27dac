/** Dates of tags for commands: where they are remembered, and who is asked first. */
import type { DateOptions } from "../image/tags/dates.ts";
import type { Doubt } from "../image/tags/moment.ts";
import type { DatedTag } from "../image/tags/dates.ts";
import type { Call } from "./call.ts";
import { formatAge } from "./format.ts";

/** What `dateTags` is to be called with; the call closes what it opens. */
export async function datingFor(
  call: Pick<Call, "onClose" | "signal">,
  {
    platform,
    concurrency,
  }: { readonly platform?: string | undefined; readonly concurrency: number },
): Promise<DateOptions> {
  const [{ openCreatedCache }, { parsePlatform }] = await Promise.all([
    import("../image/tags/createdCache.ts"),
    import("../reference/platform.ts"),
  ]);
  const cache = openCreatedCache();
  call.onClose(() => cache.close());
  const { signal } = call;
  return {
    cache,
    concurrency,
    signal,
    ...(platform !== undefined && { platform: parsePlatform(platform) }),
  };
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
