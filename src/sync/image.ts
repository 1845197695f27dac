/** One image: compared by digest, which costs no pull, and copied where it differs. */
import { isError } from "../errors.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { isIndexType } from "../reference/manifest.ts";
import type { Target } from "../store/store.ts";
import { copyWithin, type CopyOptions } from "../transfer/copy.ts";
import type { CopyEvent } from "../transfer/event.ts";
import { backupTags } from "./backup.ts";
import type { Context } from "./context.ts";
import type { EntryOptions } from "./entry.ts";
import type { ImageEvent } from "./event.ts";
import type { Pair } from "./pair.ts";

export interface ImageTask {
  /** Tag or digest at the source. */
  readonly reference: string;
  /** Tag of the target; none where the digest is enough. */
  readonly tag?: string;
  readonly source: string;
  readonly target: string;
  /** Whether the target's list of tags has it; undefined where nobody looked. */
  readonly listed: boolean | undefined;
}

type Outcome = Omit<ImageEvent, "type" | "entry" | "source" | "target">;

/** @throws what a copy throws */
export async function syncImage(
  context: Context,
  entry: EntryOptions,
  pair: Pair,
  task: ImageTask,
): Promise<Outcome> {
  const { dryRun, missing } = context;
  const keeps = missing || !entry.overwrite;
  if (keeps && task.listed) return { state: "kept" };
  const found = await compare(context, entry, pair, task);
  const { from, to, equal } = found;
  // What a layout holds is looked at in any case: that costs little, and mends what a power cut has taken.
  const settled = equal && (pair.trusting || dryRun) && entry.referrers !== "always";
  if (settled) return { state: "same", digest: to!.digest };
  if (keeps && to && !equal) return { state: "kept", digest: to.digest };
  // To say what a copy would move, manifests must be read: not where that would cost what the copy is to be spared.
  if (dryRun && pair.costly()) {
    const state = equal ? "same" : to ? "updated" : "new";
    return { state, digest: from!.digest, ...(to && { previous: to.digest }) };
  }
  return copyImage(context, entry, pair, task, found);
}

async function copyImage(
  context: Context,
  entry: EntryOptions,
  pair: Pair,
  task: ImageTask,
  { from, to, equal }: Comparison,
): Promise<Outcome> {
  const { signal } = context.batch;
  const backup = to && !equal ? await keep(context, entry, pair, task, to) : {};
  let tagged = false;
  const onEvent = (event: CopyEvent) => {
    if (event.type === "tag" && event.state === "exists") tagged = true;
    if (event.type === "note") pair.note(event, task.target);
    context.onCopy?.(event, task.target);
  };
  const alone = entry.referrers === "none" || (equal && entry.referrers === "new");
  const options: CopyOptions = {
    tag: task.tag === undefined ? [] : [task.tag],
    signal,
    onEvent,
    ...(entry.platforms.length > 0 && { platforms: entry.platforms, somePlatforms: true }),
    ...(alone && { referrers: false }),
  };
  const { descriptor, totals } = await copyWithin(pair.session(), task.reference, options);
  const { digest } = descriptor;
  if (from) await pair.remember(from, entry.platforms, digest);
  if (tagged || digest === to?.digest) return { state: "same", digest, totals };
  if (to === undefined) return { state: "new", digest, totals };
  return { state: "updated", digest, previous: to.digest, ...backup, totals };
}

/** Gives what the tag names another tag, before it is moved. */
async function keep(
  { dryRun, now, batch: { signal } }: Context,
  { backup: pattern }: EntryOptions,
  { target }: Pair,
  { tag }: ImageTask,
  to: Descriptor,
): Promise<{ backup?: string }> {
  if (pattern === undefined || tag === undefined) return {};
  const tags = backupTags(pattern, { tag, digest: to.digest, now: now() });
  const backup = await freeTag(target, tags, to, { signal });
  if (!dryRun) await target.tag(to, backup, { signal });
  return { backup };
}

/** The first of the tags that keeps nothing else; the last one in any case. */
async function freeTag(
  target: Target,
  tags: readonly string[],
  { digest }: Descriptor,
  options: { signal: AbortSignal },
): Promise<string> {
  for (const tag of tags.slice(0, -1)) {
    const there = await find(target, tag, options);
    if (there === undefined || there.digest === digest) return tag;
  }
  return tags.at(-1)!;
}

interface Comparison {
  /** What the source has; undefined where the copy will ask. */
  readonly from: Descriptor | undefined;
  /** What the target has. */
  readonly to: Descriptor | undefined;
  /** Whether that is what a copy would put there. */
  readonly equal: boolean;
}

/** Asks both sides, unless the copy will ask the same anyway. */
async function compare(
  { batch: { signal }, dryRun }: Context,
  entry: EntryOptions,
  pair: Pair,
  { listed, reference, tag }: ImageTask,
): Promise<Comparison> {
  if (listed === false && !dryRun && entry.platforms.length === 0)
    return { from: undefined, to: undefined, equal: false };
  const [from, to] = await Promise.all([
    pair.source.resolve(reference, { signal }),
    listed === false ? undefined : find(pair.target, tag ?? reference, { signal }),
  ]);
  return { from, to, equal: to !== undefined && (await isSame(entry, pair, from, to)) };
}

async function isSame(
  { platforms }: EntryOptions,
  pair: Pair,
  from: Descriptor,
  to: Descriptor,
): Promise<boolean> {
  // A part of an index has a digest of its own, which only a copy finds out.
  if (platforms.length === 0 || !isIndexType(from.mediaType)) return from.digest === to.digest;
  return (await pair.recall(from, platforms)) === to.digest;
}

async function find(target: Target, reference: string, options: { signal: AbortSignal }) {
  try {
    return await target.resolve(reference, options);
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return undefined;
    throw error;
  }
}
