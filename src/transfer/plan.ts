/** What a copy would cost, found out by going through it without writing. */
import type { Descriptor } from "../reference/descriptor.ts";
import type { PullGuard, PullLimit } from "../registry/pullLimit.ts";
import { supports, type Source, type Target } from "../store/store.ts";
import { PullBudget, type PullCount } from "./budget.ts";
import { copy, type CopyOptions } from "./copy.ts";
import type { Note, Totals } from "./event.ts";

/** What a copy would do, and take. */
export interface CopyPlan {
  /** What the target would have. */
  readonly descriptor: Descriptor;
  /** Numbers as a copy has them: `copied` is what would be copied, `mounted` what the target may take over by itself. */
  readonly totals: Totals;
  /** Manifests that a copy reads at the source; absent where the source is no registry. */
  readonly pulls?: PullCount;
  /** What the source's registry allows; absent where it states no limit. */
  readonly limit?: PullLimit;
  /** What a copy would leave out, and why. */
  readonly notes: readonly Note[];
}

/**
 * Goes through a copy as {@link copy} does, and writes nothing: the target is asked what it has, the source's manifests are
 * read, blobs are not. Where the source counts pulls, the plan takes those that the copy would take; with a budget that has
 * a shelf the copy finds them there, and takes none again.
 *
 * @param options.budget @default one without a floor
 * @throws WharfError as {@link copy}; PULL_BUDGET_REACHED where the budget does not suffice for the plan
 * @example
 * const { totals, pulls } = await planCopy(hub.repository("library/nginx"), "1.29", target);
 * console.log(`${totals.bytes.copied} bytes, ${pulls?.images} pulls`);
 */
export async function planCopy(
  source: Source,
  reference: string,
  target: Target,
  { budget: given, ...options }: CopyOptions & { readonly budget?: PullBudget } = {},
): Promise<CopyPlan> {
  const budget = given ?? new PullBudget();
  const counted = guardPulls(source, budget);
  const { onEvent: _, ...quiet } = options;
  const copying = copy(source, reference, planned(target), quiet);
  const { descriptor, totals, notes } = await copying.finally(() => {
    if (given === undefined) guardPulls(source, undefined);
  });
  return {
    descriptor,
    totals,
    notes,
    ...(counted && { pulls: budget.count }),
    ...(budget.limit && { limit: budget.limit }),
  };
}

/** Sets a guard where the store is a repository of a registry. @returns whether it is */
export function guardPulls(store: object, guard: PullGuard | undefined): boolean {
  const guarded = store as { guardPulls?: (guard: PullGuard | undefined) => void };
  if (typeof guarded.guardPulls !== "function") return false;
  guarded.guardPulls(guard);
  return true;
}

/** A target that is asked, and never written to. */
export function planned<Store extends Target>(target: Store): Target {
  const { registry, name, folder } = target as {
    registry?: string;
    name?: string;
    folder?: string;
  };
  return {
    // A copy goes by these: who is at the other end, and what it can do.
    ...(registry !== undefined && { registry }),
    ...(name !== undefined && { name }),
    ...(folder !== undefined && { folder }),
    resolve: (reference, options) => target.resolve(reference, options),
    statBlob: (digest, options) => target.statBlob(digest, options),
    pushBlob: async () => {},
    pushManifest: async () => {},
    ...(supports(target, "fetchManifest") && {
      fetchManifest: (...words: Parameters<typeof target.fetchManifest>) =>
        target.fetchManifest(...words),
    }),
    ...(supports(target, "listReferrers") && {
      listReferrers: (...words: Parameters<typeof target.listReferrers>) =>
        target.listReferrers(...words),
    }),
    ...(supports(target, "canMount", "mountBlob") && {
      canMount: (source: object) => target.canMount(source),
      // Nobody knows before it is tried; what is there needs no mount.
      mountBlob: async ({ digest }: Descriptor, _: object, options?: { signal?: AbortSignal }) =>
        (await target.statBlob(digest, options)) === undefined,
    }),
  };
}
