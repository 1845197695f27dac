/** One repository: which images, what the target has, and each of them brought there. */
import { isError, type WharfError } from "../errors.ts";
import type { Digest } from "../reference/descriptor.ts";
import { isDigest } from "../reference/digest.ts";
import type { TagLister } from "../store/store.ts";
import type { Context } from "./context.ts";
import { nameOf, type RepositoryPlace, type SyncEntry } from "./entry.ts";
import { failureOf, type ImageEvent } from "./event.ts";
import { syncImage, type ImageTask } from "./image.ts";
import { Pair } from "./pair.ts";
import { forEach } from "./pool.ts";
import { planPrune } from "./prune.ts";
import { select, type SelectOptions, type Selection } from "./select.ts";

/** What one image met, every other of its repository would meet too. */
const fatal = [
  "UNAUTHORIZED",
  "CREDENTIALS_NOT_SENT",
  "CREDENTIAL_HELPER_FAILED",
  "RATE_LIMITED",
  "CONNECTION_FAILED",
  "TLS_UNTRUSTED",
  "NOT_A_REGISTRY",
  "REPOSITORY_NOT_FOUND",
  "PULL_BUDGET_REACHED",
  "DISK_FULL",
] as const;

/** So few images are looked for one by one; of more, the target's list of tags tells which are there. */
const few = 10;

export interface RepositoryTask {
  readonly entry: SyncEntry;
  readonly source: RepositoryPlace;
  readonly target: RepositoryPlace;
}

/** Brings a repository up to date. What fails is told, and does not stop the run. */
export async function syncRepository(context: Context, task: RepositoryTask): Promise<void> {
  try {
    await withStores(context, task);
  } catch (error) {
    if (context.batch.signal.aborted || !isError(error)) throw error;
    tellFailure(context, task, error, 1);
  }
}

async function withStores(context: Context, task: RepositoryTask): Promise<void> {
  const { budgets, stores, hosts, landed, selections, dryRun, tell } = context;
  const source = await stores.source(task.source);
  try {
    const target = await stores.target(task.target);
    try {
      const pair = new Pair({
        source: source.store,
        target: target.store,
        dryRun,
        trusting: target.remote,
        costly: () => task.source.transport === "docker" && budgets.counts(task.source.registry),
        hosts,
        siblings:
          task.target.transport === "oci"
            ? undefined
            : landed.beside(target.store, registryOf(task.target)),
        selections,
        onNote: (name, message) =>
          tell({ type: "note", entry: task.entry.number, target: name, message }),
      });
      await syncPair(context, task, pair);
    } finally {
      await target.done();
    }
  } finally {
    await source.done();
  }
}

/** What repositories that can mount from one another have in common. */
function registryOf(place: Exclude<RepositoryPlace, { transport: "oci" }>): string {
  return place.transport === "docker" ? place.registry : `oci:${place.path}`;
}

async function syncPair(context: Context, task: RepositoryTask, pair: Pair): Promise<void> {
  const { entry, source, target } = task;
  const { signal } = context.batch;
  const prunes = entry.prune !== undefined && !context.missing;
  const selection = await selectImages(entry, pair, {
    signal,
    listed: prunes,
    cacheFolder: context.cacheFolder,
  });
  const { references } = selection;
  const looks = prunes || references.length > few;
  const listed = looks ? await listTags(pair.target, signal) : undefined;
  context.tell({
    type: "repository",
    entry: entry.number,
    source: nameOf(source),
    target: nameOf(target),
    state: "begun",
    selected: references.length,
  });

  if (references.length === 0) {
    const message = `no tag of ${nameOf(source)} is wanted (it has ${selection.all?.length ?? 0})`;
    context.tell({ type: "note", entry: entry.number, target: nameOf(target), message });
  }

  const digests = new Map<string, Digest>();
  let failures = 0;
  let left = 0;
  let stopped: WharfError | undefined;
  await forEach(references, context.jobs, (reference) =>
    context.images.through(async () => {
      context.batch.check();
      if (stopped !== undefined) return void (left += 1);
      const image = imageTask(task, reference, listed);
      try {
        const outcome = await syncImage(context, entry, pair, image);
        const { digest } = outcome;
        if (prunes && image.tag !== undefined && digest !== undefined)
          digests.set(image.tag, digest);
        tellImage(context, entry, image, outcome);
      } catch (error) {
        if (context.batch.signal.aborted || !isError(error)) throw error;
        failures += 1;
        tellImage(context, entry, image, { state: "failed", error: failureOf(error) });
        if (context.failFast) throw error;
        if (isError(error, ...fatal)) stopped ??= error;
      }
    }),
  );
  if (stopped !== undefined && left > 0) tellFailure(context, task, stopped, left);
  if (prunes && failures === 0 && listed !== undefined)
    planPrune(context, { entry, source, target, selection, listed, digests });
}

async function selectImages(
  entry: SyncEntry,
  { source }: Pair,
  options: SelectOptions,
): Promise<Selection> {
  if (entry.type !== "image") return select(source, entry.tags, options);
  const { digest, tag } = entry.image;
  return { references: [digest ?? tag!], all: undefined };
}

/** The target's tags; undefined where it does not tell. */
async function listTags(
  target: TagLister,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const tags = new Set<string>();
  try {
    for await (const tag of target.listTags({ signal })) tags.add(tag);
    return tags;
  } catch (error) {
    if (isError(error, "REPOSITORY_NOT_FOUND")) return tags;
    if (isError(error, "UNAUTHORIZED", "FORBIDDEN", "UNSUPPORTED")) return undefined;
    throw error;
  }
}

function imageTask(
  { entry, source, target }: RepositoryTask,
  reference: string,
  listed: ReadonlySet<string> | undefined,
): ImageTask {
  const named = isDigest(reference) ? { digest: reference } : { tag: reference };
  const tag = entry.type === "image" ? entry.tag : named.tag;
  return {
    reference,
    ...(tag !== undefined && { tag }),
    source: nameOf(source, named),
    target: nameOf(target, tag === undefined ? named : { tag }),
    listed: tag === undefined ? undefined : listed?.has(tag),
  };
}

function tellImage(
  { tell }: Context,
  { number }: SyncEntry,
  { source, target }: ImageTask,
  outcome: Pick<ImageEvent, "state" | "error">,
): void {
  tell({ type: "image", entry: number, source, target, ...outcome });
}

function tellFailure(context: Context, task: RepositoryTask, error: WharfError, left: number) {
  context.tell({
    type: "repository",
    entry: task.entry.number,
    source: nameOf(task.source),
    target: nameOf(task.target),
    state: "failed",
    error: failureOf(error),
    left,
  });
  if (context.failFast) context.batch.fail(error);
}
