/** One image: compared by digest, which costs no pull, and copied where it differs. */
import { isError } from "../errors.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { isIndexType } from "../reference/manifest.ts";
import type { Target } from "../store/store.ts";
import { copyWithin, type CopyOptions } from "../transfer/copy.ts";
import type { CopyEvent } from "../transfer/event.ts";
import { backupTag } from "./backup.ts";
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
  const { signal } = context.batch;
  const keeps = context.missing || !entry.overwrite;
  if (keeps && task.listed) return { state: "kept" };
  const [from, to] = await compare(context, entry, pair, task);
  const previous = to && { previous: to.digest };
  const equal = to !== undefined && (await isSame(entry, pair, from, to));
  // What a layout holds is looked at in any case: that costs little, and mends what a power cut has taken.
  const settled = equal && (pair.trusting || context.dryRun) && entry.referrers !== "always";
  if (settled) return { state: "same", digest: to.digest };
  if (keeps && to !== undefined && !equal) return { state: "kept", digest: to.digest };
  // To say what a copy would move, manifests must be read: not where that would cost what the copy is to be spared.
  if (context.dryRun && pair.costly()) {
    const { digest } = from!;
    return { state: equal ? "same" : to ? "updated" : "new", digest, ...previous };
  }
  let kept: string | undefined;
  if (to && !equal && entry.backup !== undefined && task.tag !== undefined) {
    kept = backupTag(entry.backup, { tag: task.tag, digest: to.digest, now: context.now() });
    if (!context.dryRun) await pair.target.tag(to, kept, { signal });
  }
  let tagged = false;
  const onEvent = (event: CopyEvent) => {
    if (event.type === "tag" && event.state === "exists") tagged = true;
    if (event.type === "note") pair.note(event, task.target);
    context.onCopy?.(event, task.target);
  };
  const options: CopyOptions = {
    tag: task.tag === undefined ? [] : [task.tag],
    signal,
    onEvent,
    ...(entry.platforms.length > 0 && { platforms: entry.platforms, somePlatforms: true }),
    ...((entry.referrers === "none" || (equal && entry.referrers === "new")) && {
      referrers: false,
    }),
  };
  const { descriptor, totals } = await copyWithin(pair.session(), task.reference, options);
  const { digest } = descriptor;
  if (from) await pair.remember(from, entry.platforms, digest);
  if (tagged || digest === to?.digest) return { state: "same", digest, totals };
  const backup = kept !== undefined && { backup: kept };
  return { state: to ? "updated" : "new", digest, ...previous, ...backup, totals };
}

/** Asks both sides, unless the copy will ask the same anyway. */
async function compare(
  { batch: { signal }, dryRun }: Context,
  { platforms }: EntryOptions,
  { source, target }: Pair,
  { listed, reference, tag }: ImageTask,
): Promise<[from: Descriptor | undefined, to: Descriptor | undefined]> {
  if (listed === false && !dryRun && platforms.length === 0) return [undefined, undefined];
  return Promise.all([
    source.resolve(reference, { signal }),
    listed === false ? undefined : find(target, tag ?? reference, { signal }),
  ]);
}

async function isSame(
  { platforms }: EntryOptions,
  pair: Pair,
  from: Descriptor | undefined,
  to: Descriptor,
): Promise<boolean> {
  if (from === undefined) return false;
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
