/** Which images of a repository are wanted. */
import { join } from "node:path";

import { filterTags, orderTags, type TagFilter } from "../image/tags/filter.ts";
import type { Cancellable } from "../http/bytes.ts";
import { isDigestTag } from "../reference/digestTags.ts";
import type { TagWish } from "./entry.ts";
import type { SourceStore } from "./stores.ts";

export interface Selection {
  /** Tags and digests, each once. */
  readonly references: readonly string[];
  /** All tags that the source has; undefined where nobody had to ask. */
  readonly all: readonly string[] | undefined;
}

export interface SelectOptions extends Cancellable {
  /** Whether all tags of the source are wanted in any case. */
  readonly listed: boolean;
  /** For what need not be asked twice. @default the user's */
  readonly cacheFolder?: string | undefined;
}

/**
 * Selects what any of the wishes wants; where there is none, all tags but those that are made of digests: what these name
 * goes along with its image.
 * @throws WharfError REPOSITORY_NOT_FOUND
 */
export async function select(
  store: SourceStore,
  wishes: readonly TagWish[] | undefined,
  options: SelectOptions,
): Promise<Selection> {
  const { signal, listed } = options;
  const namesOnly = wishes?.every((wish) => "names" in wish) ?? false;
  const all = namesOnly && !listed ? undefined : await listAll(store, signal);
  if (wishes === undefined) return { references: all!, all };
  const references = new Set<string>();
  for (const wish of wishes) {
    const found = "names" in wish ? wish.names : await find(store, wish, all!, options);
    for (const name of found) references.add(name);
  }
  return { references: [...references], all };
}

async function listAll(store: SourceStore, signal: AbortSignal | undefined): Promise<string[]> {
  const tags: string[] = [];
  for await (const tag of store.listTags(signal ? { signal } : {}))
    if (!isDigestTag(tag)) tags.push(tag);
  return tags;
}

async function find(
  store: SourceStore,
  filter: TagFilter,
  all: readonly string[],
  { signal, cacheFolder }: SelectOptions,
): Promise<readonly string[]> {
  const left = await filterTags(filter, all);
  if (filter.sort !== "date") return orderTags(filter, left);
  const [{ dateTags, knownDates }, { openCreatedCache }] = await Promise.all([
    import("../image/tags/dates.ts"),
    import("../image/tags/createdCache.ts"),
  ]);
  const cache = openCreatedCache(cacheFolder && join(cacheFolder, "dates.sqlite"));
  try {
    const dated = await dateTags(store, left, { cache, ...(signal && { signal }) });
    return orderTags(filter, left, knownDates(dated));
  } finally {
    await cache.close();
  }
}
