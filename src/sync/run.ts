/** A run over all entries of a sync file. */
import { isError, WharfError } from "../errors.ts";
import { namesFound } from "../image/tags/pattern.ts";
import { connect } from "../registry/remote.ts";
import type { RemoteRegistry } from "../registry/remote.ts";
import { Batch } from "../transfer/batch.ts";
import type { CopyEvent } from "../transfer/event.ts";
import { Hosts } from "../transfer/slots.ts";
import { Budgets, type BudgetOptions, type PullReport } from "./budgets.ts";
import type { Context } from "./context.ts";
import { nameOf, type SyncEntry, type SyncFile } from "./entry.ts";
import { failureOf, type SyncEvent } from "./event.ts";
import { Door, forEach } from "./pool.ts";
import { prune, type PrunePlan } from "./prune.ts";
import { Landed } from "./landed.ts";
import { placeIn } from "./place.ts";
import { syncRepository, type RepositoryTask } from "./repository.ts";
import { Selections } from "./selections.ts";
import { Stores } from "./stores.ts";
import { Tally, type Counts, type Failed } from "./tally.ts";

/** How registries are reached, what a run may do, and who is told. All of it may be left out. */
export interface SyncOptions {
  /** Opens a registry; who passes this closes what it opens. @default connect(host) */
  readonly registry?: (host: string) => Promise<RemoteRegistry>;
  /** Images at once. @default 6 */
  readonly jobs?: number;
  /** Compares only. @default false */
  readonly dryRun?: boolean;
  /** Leaves alone what the target has, whatever it names. @default false */
  readonly missing?: boolean;
  /** Whether the first failure ends the run. @default false */
  readonly failFast?: boolean;
  /**
   * Asked once, when all is copied, before tags are deleted where the file says so.
   * @param tags their names in full
   * @default nothing is deleted
   */
  readonly confirmPrune?: (tags: readonly string[]) => Promise<boolean>;
  /** Aborted, it ends the run with INTERRUPTED; the next one does the rest. */
  readonly signal?: AbortSignal;
  /** Called as things happen; must not throw. */
  readonly onEvent?: (event: SyncEvent) => void;
  /** The events of each copy, which are many. @param target the image's name there */
  readonly onCopy?: (event: CopyEvent, target: string) => void;
  /** How many pulls must be left at registries that count them, and how long to wait for more. */
  readonly pulls?: BudgetOptions;
  /** For what need not be asked twice. @default the user's folder for caches */
  readonly cacheFolder?: string;
}

/** What a run has copied, deleted and failed at. */
export interface SyncResult {
  readonly totals: Counts;
  /** For each entry of the file. */
  readonly entries: readonly Counts[];
  /** What failed, the first thousand. */
  readonly failures: readonly Failed[];
  /** Pulls from registries that count them. */
  readonly pulls: readonly PullReport[];
}

/** See `sync` of index.ts. */
export async function run(file: SyncFile, options: SyncOptions = {}): Promise<SyncResult> {
  const { jobs = 6, dryRun = false, missing = false, failFast = false } = options;
  const tally = new Tally(file.entries.length, { dryRun });
  const registries = new Map<string, RemoteRegistry>();
  const own = async (host: string) => {
    const found = registries.get(host) ?? connect(host);
    registries.set(host, found);
    return found;
  };
  const batch = new Batch(options.signal);
  const { cacheFolder } = options;
  const budgets = new Budgets(options.pulls ?? {}, cacheFolder);
  const stores = new Stores({ registry: options.registry ?? own, budgets });
  const selections = new Selections(cacheFolder);
  const plans: PrunePlan[] = [];
  const context: Context = {
    stores,
    budgets,
    hosts: new Hosts(Math.max(6, jobs)),
    landed: new Landed(),
    selections,
    jobs,
    images: new Door(jobs),
    batch,
    failFast,
    dryRun,
    missing,
    plans,
    tell(event) {
      tally.count(event);
      options.onEvent?.(event);
    },
    onCopy: options.onCopy,
    cacheFolder,
    now: () => new Date(),
  };
  try {
    const all = repositories(context, file.entries);
    await batch.all([forEach(all, jobs, (task) => syncRepository(context, task))]);
    if (plans.length > 0 && !dryRun) {
      const names = plans.flatMap(({ target, tags }) => tags.map((tag) => nameOf(target, { tag })));
      if (await options.confirmPrune?.(names)) await batch.all([prune(context)]);
    }
  } finally {
    batch.close();
    await stores.close();
    await selections.close();
    await budgets.close();
    for (const registry of registries.values()) await registry.close();
  }
  const { totals, entries, failures } = tally;
  return { totals, entries, failures, pulls: budgets.reports };
}

/** Every repository that the entries name, found out as it is needed. */
async function* repositories(
  context: Context,
  entries: readonly SyncEntry[],
): AsyncGenerator<RepositoryTask, void, undefined> {
  for (const entry of entries) {
    if (entry.type !== "registry") {
      yield { entry, source: entry.source, target: entry.target };
      continue;
    }
    try {
      yield* repositoriesOf(context, entry);
    } catch (error) {
      if (context.batch.signal.aborted || !isError(error)) throw error;
      const [source, target] = [nameOf(entry.source), nameOf(entry.target)];
      const common = { type: "repository", entry: entry.number, source, target } as const;
      context.tell({ ...common, state: "failed", error: failureOf(error), left: 1 });
      if (context.failFast) throw error;
    }
  }
}

async function* repositoriesOf(
  context: Context,
  entry: Extract<SyncEntry, { type: "registry" }>,
): AsyncGenerator<RepositoryTask, void, undefined> {
  const { source, target } = entry;
  const { signal } = context.batch;
  const { match, exclude } = entry.repositories ?? {};
  const prefix = source.transport === "docker" ? source.prefix : "";
  const begin = prefix === "" ? "" : `${prefix}/`;
  const registry = await context.stores.collection(source, { create: false });
  let names: string[] = [];
  for await (const name of registry.listRepositories({ signal }))
    if (name.startsWith(begin)) names.push(name.slice(begin.length));
  if (match !== undefined) {
    const found = await namesFound([match].flat(), names);
    names = names.filter((name) => found.has(name));
  }
  if (exclude !== undefined) {
    const found = await namesFound([exclude].flat(), names);
    names = names.filter((name) => !found.has(name));
  }
  if (names.length === 0) {
    const where = nameOf(source);
    throw new WharfError("REPOSITORY_NOT_FOUND", `${where} has no repository that is wanted`);
  }
  for (const name of names)
    yield { entry, source: placeIn(source, name), target: placeIn(target, name) };
}
