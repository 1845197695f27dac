/** Deletes tags of targets that their sources lack: only where the file says so, few at once, and asked for again first. */
import { isError, WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import { isDigestTag } from "../reference/digestTags.ts";
import type { PruneEvent as ImagePruneEvent } from "../image/prune/execute.ts";
import type { Digest } from "../reference/descriptor.ts";
import type { Resolver, TagLister } from "../store/store.ts";
import { isBackup } from "./backup.ts";
import type { Context } from "./context.ts";
import { nameOf, type EntryOptions, type RepositoryPlace } from "./entry.ts";
import { failureOf, type PruneEvent } from "./event.ts";
import { forEach } from "./pool.ts";
import type { Selection } from "./select.ts";
import type { Lease, TargetStore } from "./stores.ts";

/** The tags that are to go from a repository. */
export interface PrunePlan {
  readonly entry: EntryOptions;
  readonly source: RepositoryPlace;
  readonly target: RepositoryPlace;
  readonly tags: readonly string[];
  /** Those of them that the source listed, and that are to go nevertheless. */
  readonly known: ReadonlySet<string>;
  /** What tags of the target were found to name, or were given, in this run. */
  readonly digests: ReadonlyMap<string, Digest>;
}

export interface PruneCase {
  readonly entry: EntryOptions;
  readonly source: RepositoryPlace;
  readonly target: RepositoryPlace;
  readonly selection: Selection;
  /** Tags of the target. */
  readonly listed: Iterable<string>;
  /** What was found out of them. */
  readonly digests: ReadonlyMap<string, Digest>;
}

/** Plans the deletions of a repository, or says why there are none. */
export function planPrune(context: Context, found: PruneCase): void {
  const { entry, source, target, selection, listed, digests } = found;
  const { tags: which, limit } = entry.prune!;
  const stays = new Set(which === "gone" ? selection.all : selection.references);
  const backup = entry.backup === undefined ? () => false : isBackup(entry.backup);
  const tags: string[] = [];
  for (const tag of listed)
    if (!stays.has(tag) && !isDigestTag(tag) && !backup(tag)) tags.push(tag);
  if (tags.length === 0) return;
  const spare = (reason: string, hint: string) =>
    context.tell({
      type: "prune",
      entry: entry.number,
      state: "failed",
      target: nameOf(target),
      error: failureOf(
        new WharfError("CONFIG_INVALID", `${tags.length} tags are to be pruned; ${reason}`, {
          hint,
        }),
      ),
    });
  const { all, references } = selection;
  if (all?.length === 0) {
    return spare(
      "the source lists no tags at all, so none is",
      `If ${nameOf(source)} is meant to be empty, delete them with \`wharf prune\`.`,
    );
  }
  if (which === "unselected" && references.length === 0) {
    const reason = `\`tags\` selects none of the ${all?.length ?? 0} that the source has, so none is`;
    return spare(reason, `Look at \`tags\` at ${entry.where}.`);
  }
  if (tags.length > limit) {
    return spare(
      `the limit is ${limit}, so none is`,
      `See which with --dry-run; if they shall go, set prune.limit at ${entry.where}.`,
    );
  }
  for (const tag of tags) tell(context, { entry, target }, tag, { state: "planned" });
  const known = new Set(all?.filter((tag) => !stays.has(tag)));
  context.plans.push({ entry, source, target, tags, known, digests });
}

/** Does what was planned. */
export async function prune(context: Context): Promise<void> {
  for (const plan of context.plans) {
    const source = await context.stores.source(plan.source);
    const target = await context.stores.target(plan.target);
    try {
      await pruneRepository(context, plan, source.store, target);
    } finally {
      await source.done();
      await target.done();
    }
  }
}

async function pruneRepository(
  context: Context,
  plan: PrunePlan,
  source: Resolver,
  { store: target, remote }: Lease<TargetStore>,
): Promise<void> {
  context.batch.check();
  const { executePrune } = await import("../image/prune/execute.ts");
  const { jobs: concurrency, batch } = context;
  const { signal } = batch;
  const open = new Set(plan.tags);
  const end = (tag: string, rest: Ending) => {
    if (open.delete(tag)) tell(context, plan, tag, rest);
  };
  try {
    await forEach(plan.tags, concurrency, async (tag) => {
      try {
        if (await cameBack(plan, tag, source, { signal }))
          end(tag, { state: "spared", reason: "the source has it" });
      } catch (error) {
        if (signal.aborted || !isError(error)) throw error;
        end(tag, { state: "failed", error: failureOf(error) });
      }
    });
    if (open.size === 0) return;
    const looking = { signal, concurrency };
    const doomed = await digestsUnder(target, [...open], looking);
    for (const tag of open)
      if (!doomed.has(tag)) end(tag, { state: "spared", reason: "it is gone already" });
    if (open.size === 0) return;
    // Those on the same manifest must live on, also at a registry that takes them along; a folder of ours does not.
    const kept = remote ? await siblingsOf(target, plan, doomed, looking) : [];
    const decided = { source: "unknown" } as const;
    const tags = [
      ...Array.from(doomed, ([tag, digest]) => {
        return { ...decided, tag, digest, action: "prune", reason: "matched" } as const;
      }),
      ...Array.from(kept, ([tag, digest]) => {
        return { ...decided, tag, digest, action: "keep", reason: "not-matched" } as const;
      }),
    ];
    await executePrune(
      target,
      { rules: {}, tags, manifests: [] },
      {
        signal,
        concurrency,
        onEvent(event) {
          if (event.type === "tag") end(event.tag, endingOf(event));
        },
      },
    );
  } catch (error) {
    if (signal.aborted || !isError(error)) throw error;
    for (const tag of open) end(tag, { state: "failed", error: failureOf(error) });
  }
}

interface Looking {
  readonly signal: AbortSignal;
  readonly concurrency: number;
}

/** What tags name; those that are gone are left out. */
async function digestsUnder(
  target: Resolver,
  tags: readonly string[],
  { signal, concurrency }: Looking,
): Promise<Map<string, Digest>> {
  const found = new Map<string, Digest>();
  const { digestUnder } = await import("../image/prune/siblings.ts");
  await forEach(tags, concurrency, async (tag) => {
    const digest = await digestUnder(target, tag, { signal });
    if (digest !== undefined) found.set(tag, digest);
  });
  return found;
}

/**
 * Tags that stay, on the manifests of those that go. This run has compared most of them, so that only the others are asked
 * for, and once more those that seem to be siblings.
 */
async function siblingsOf(
  target: Resolver & TagLister,
  { digests }: PrunePlan,
  doomed: ReadonlyMap<string, Digest>,
  looking: Looking,
): Promise<Map<string, Digest>> {
  const going = new Set(doomed.values());
  const unsure: string[] = [];
  for await (const tag of target.listTags({ signal: looking.signal })) {
    if (doomed.has(tag) || isDigestTag(tag)) continue;
    const digest = digests.get(tag);
    if (digest === undefined || going.has(digest)) unsure.push(tag);
  }
  return digestsUnder(target, unsure, looking);
}

function endingOf({ state, error }: Extract<ImagePruneEvent, { type: "tag" }>): Ending {
  if (state === "deleted") return { state };
  if (state === "moved") return { state: "spared", reason: "it names something else by now" };
  if (state === "gone") return { state: "spared", reason: "it is gone already" };
  return { state, ...(error && { error: failureOf(error) }) };
}

/** Whether the source has a tag that was not among those it listed: a list may be behind, or old by now. */
async function cameBack(
  { known }: PrunePlan,
  tag: string,
  source: Resolver,
  options: Cancellable,
): Promise<boolean> {
  if (known.has(tag)) return false;
  try {
    await source.resolve(tag, options);
    return true;
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND")) return false;
    throw error;
  }
}

type Ending = Pick<PruneEvent, "state" | "reason" | "error">;

function tell(
  context: Context,
  { entry, target }: Pick<PrunePlan, "entry" | "target">,
  tag: string,
  rest: Ending,
): void {
  const common = { type: "prune", entry: entry.number, target: nameOf(target, { tag }) } as const;
  context.tell({ ...common, ...rest });
}
