/** What a copy would cost, found out by going through it without writing. */
import { isError, WharfError } from "../errors.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { isIndexType, parseManifest } from "../reference/manifest.ts";
import { matchesPlatform } from "../reference/platform.ts";
import type { PullGuard, PullLimit } from "../registry/pullLimit.ts";
import { supports, type Cancellable, type Source, type Target } from "../store/store.ts";
import { PullBudget, type PullCount } from "./budget.ts";
import { memoryShelf } from "./budgetShelf.ts";
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
  const budget = given ?? new PullBudget({ shelf: memoryShelf() });
  const counted = guardPulls(source, budget);
  const { onEvent: _, ...quiet } = options;
  const going = async () => {
    if (counted) await checkPulls(source, reference, target, budget, options);
    return copy(source, reference, planned(target), quiet);
  };
  const { descriptor, totals, notes } = await going().finally(() => {
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

/**
 * Makes sure that the pulls which are left suffice for a copy, before any but that of the index is taken.
 * @throws WharfError PULL_BUDGET_REACHED
 */
export async function checkPulls(
  source: Source,
  reference: string,
  target: Target,
  budget: PullBudget,
  { platforms = [], signal }: Pick<CopyOptions, "platforms" | "signal"> = {},
): Promise<void> {
  const cancel = signal ? { signal } : {};
  const root = await source.resolve(reference, cancel);
  const room = () => (budget.limit?.remaining ?? Infinity) - budget.keep;
  if (room() === Infinity || (await isThere(target, root.digest, cancel))) return;
  let needed = [root];
  if (isIndexType(root.mediaType)) {
    const { bytes, descriptor } = await source.fetchManifest(root.digest, cancel);
    const parsed = parseManifest(bytes, descriptor.mediaType);
    const wanted = ({ platform }: Descriptor) =>
      platforms.length === 0 ||
      (platform !== undefined && platforms.some((one) => matchesPlatform(one, platform)));
    needed = parsed.kind === "index" ? parsed.manifests.filter(wanted) : [];
  }
  for (const child of needed) {
    if (needed.length <= room()) return;
    if (await isThere(target, child.digest, cancel)) needed = needed.filter((one) => one !== child);
  }
  if (needed.length <= room()) return;
  const { limit = 0, remaining = 0 } = budget.limit ?? {};
  const kept = budget.keep === 0 ? "" : `, ${budget.keep} to be kept`;
  throw new WharfError(
    "PULL_BUDGET_REACHED",
    `The copy of ${reference} takes ${count(needed.length)}; ${remaining} of ${limit} are left${kept}`,
    {
      hint: "Copy fewer platforms, sign in for more pulls, or let it wait: --keep-pulls N --wait.",
    },
  );
}

const count = (pulls: number) => `${pulls} pull${pulls === 1 ? "" : "s"}`;

async function isThere(target: Target, digest: Digest, options: Cancellable): Promise<boolean> {
  try {
    await target.resolve(digest, options);
    return true;
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return false;
    throw error;
  }
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
