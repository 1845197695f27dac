/**
 * When tags were pushed. The specification has no such thing; Google's registries (gcr.io, pkg.dev) say it in their lists of
 * tags, under `manifest`. Source: Google's gcrane, which reads it from there.
 */
import { WharfError } from "../errors.ts";
import type { Digest } from "../reference/descriptor.ts";
import { isDigest } from "../reference/digest.ts";
import { name as nameOf, path } from "../reference/path.ts";
import type { Cancellable } from "../store/store.ts";
import { type Connection, pulling } from "./connection.ts";
import { listTags } from "./listing.ts";

/** When what a tag names was pushed. */
export interface PushDate {
  readonly tag: string;
  /** Milliseconds since 1970. */
  readonly pushed: number;
  /** What the tag names, where that is told too. */
  readonly digest?: Digest;
}

/**
 * Lists when tags were pushed.
 * @throws WharfError UNSUPPORTED where the lists seen so far say nothing of it; the registry is not asked then
 */
export async function* listPushDates(
  connection: Connection,
  name: string,
  tags: ReadonlySet<string>,
  options: Cancellable = {},
): AsyncGenerator<PushDate, void, undefined> {
  if (!connection.learned.pushDates) {
    throw new WharfError(
      "UNSUPPORTED",
      `${connection.registry} does not say when tags were pushed`,
    );
  }
  let found: PushDate[] = [];
  const onPage = (page: object) => void found.push(...datesIn(page));
  const list = path`${nameOf(name)}/tags/list`;
  const pages = listTags(connection, pulling(name), list, options, onPage);
  // Each page's dates are there when its first tag is.
  for (let next = await pages.next(); ; next = await pages.next()) {
    const dates = found;
    found = [];
    for (const date of dates) if (tags.has(date.tag)) yield date;
    if (next.done) return;
  }
}

/** What is not as it should be is passed over: it is nobody's specification. */
function datesIn(page: object): PushDate[] {
  const { manifest } = page as { manifest?: unknown };
  if (typeof manifest !== "object" || manifest === null) return [];
  return Object.entries(manifest).flatMap(([digest, about]: [string, unknown]) => {
    const { timeUploadedMs, tag } = (about ?? {}) as { timeUploadedMs?: unknown; tag?: unknown };
    const pushed = Number(timeUploadedMs ?? Number.NaN);
    if (!isDigest(digest) || Number.isNaN(pushed) || !Array.isArray(tag)) return [];
    const names = tag.filter((one): one is string => typeof one === "string");
    return names.map((one) => ({ tag: one, pushed, digest }));
  });
}
