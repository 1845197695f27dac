/** Deletes tags of targets that their sources lack: only where the file says so, few at once, and asked for again first. */
import { isError, WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import { isDigestTag } from "../reference/digestTags.ts";
import type { Deleter, Resolver } from "../store/store.ts";
import { isBackup } from "./backup.ts";
import type { Context } from "./context.ts";
import { nameOf, type EntryOptions, type RepositoryPlace } from "./entry.ts";
import { failureOf, type PruneEvent } from "./event.ts";
import { forEach } from "./pool.ts";
import type { Selection } from "./select.ts";

/** The tags that are to go from a repository. */
export interface PrunePlan {
  readonly entry: EntryOptions;
  readonly source: RepositoryPlace;
  readonly target: RepositoryPlace;
  readonly tags: readonly string[];
}

export interface PruneCase {
  readonly entry: EntryOptions;
  readonly source: RepositoryPlace;
  readonly target: RepositoryPlace;
  readonly selection: Selection;
  /** Tags of the target. */
  readonly listed: Iterable<string>;
}

/** Plans the deletions of a repository, or says why there are none. */
export function planPrune(context: Context, found: PruneCase): void {
  const { entry, source, target, selection, listed } = found;
  const { tags: which, limit } = entry.prune!;
  const stays = new Set(which === "gone" ? selection.all : selection.references);
  const backup = entry.backup === undefined ? () => false : isBackup(entry.backup);
  const tags: string[] = [];
  for (const tag of listed)
    if (!stays.has(tag) && !isDigestTag(tag) && !backup(tag)) tags.push(tag);
  if (tags.length === 0) return;
  const spare = (reason: string) =>
    context.tell({
      type: "prune",
      entry: entry.number,
      state: "failed",
      target: nameOf(target),
      error: failureOf(
        new WharfError("CONFIG_INVALID", `${tags.length} tags are to be pruned; ${reason}`, {
          hint: `See which with --dry-run; if they shall go, set prune.limit at ${entry.where}.`,
        }),
      ),
    });
  if (selection.all?.length === 0) return spare("the source lists no tags at all, so none is");
  if (tags.length > limit) return spare(`the limit is ${limit}, so none is`);
  for (const tag of tags) tell(context, { entry, target }, tag, { state: "planned" });
  context.plans.push({ entry, source, target, tags });
}

/** Does what was planned. */
export async function prune(context: Context): Promise<void> {
  for (const plan of context.plans) {
    const source = await context.stores.source(plan.source);
    const target = await context.stores.target(plan.target);
    try {
      await forEach(plan.tags, context.jobs, async (tag) => {
        try {
          await pruneTag(context, plan, tag, source.store, target.store);
        } catch (error) {
          if (context.batch.signal.aborted || !isError(error)) throw error;
          tell(context, plan, tag, { state: "failed", error: failureOf(error) });
        }
      });
    } finally {
      await source.done();
      await target.done();
    }
  }
}

async function pruneTag(
  context: Context,
  plan: PrunePlan,
  tag: string,
  source: Resolver,
  target: Deleter,
): Promise<void> {
  context.batch.check();
  const { signal } = context.batch;
  // A list may be behind; what the source has by name stays.
  if (plan.entry.prune!.tags === "gone" && (await has(source, tag, { signal })))
    return tell(context, plan, tag, { state: "spared", reason: "the source has it" });
  await target.deleteTag(tag, { signal });
  tell(context, plan, tag, { state: "deleted" });
}

async function has(store: Resolver, tag: string, options: Cancellable): Promise<boolean> {
  try {
    await store.resolve(tag, options);
    return true;
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND")) return false;
    throw error;
  }
}

function tell(
  context: Context,
  { entry, target }: Pick<PrunePlan, "entry" | "target">,
  tag: string,
  rest: Pick<PruneEvent, "state" | "reason" | "error">,
): void {
  const common = { type: "prune", entry: entry.number, target: nameOf(target, { tag }) } as const;
  context.tell({ ...common, ...rest });
}
