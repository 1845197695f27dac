/** Does what a plan says, as far as it still holds. */
import { interrupted, isError, WharfError } from "../../errors.ts";
import type { Digest } from "../../reference/descriptor.ts";
import type {
  Cancellable,
  Deleter,
  Manifest,
  Pusher,
  Source,
  TagLister,
} from "../../store/store.ts";
import { each } from "../several.ts";
import { digestUnder, lookAfter } from "./siblings.ts";
import { resolveTags, untagged, type PrunePlan } from "./plan.ts";
import type { Loose } from "./reach.ts";

/**
 * What became of a tag or a manifest: `deleted`; `moved`, the tag names something else by now and is left alone; `gone`
 * already; `needed` by a tag that was set since; or `failed`.
 */
export type PruneEvent =
  | {
      readonly type: "tag";
      readonly state: "deleted" | "moved" | "gone" | "failed";
      readonly tag: string;
      readonly digest: Digest;
      readonly error?: WharfError;
    }
  | {
      readonly type: "manifest";
      readonly state: "deleted" | "gone" | "needed" | "failed";
      readonly digest: Digest;
      readonly as: Loose["as"];
      readonly error?: WharfError;
    };

/** How many were deleted, left alone, and failed. */
export interface PruneResult {
  readonly tags: { readonly deleted: number; readonly left: number; readonly failed: number };
  readonly manifests: { readonly deleted: number; readonly left: number; readonly failed: number };
}

/** How much is deleted at once, and who is told. */
export interface ExecuteOptions extends Cancellable {
  /** Tags that are deleted at once. @default 4 */
  readonly concurrency?: number;
  /** Called as things happen; must not throw. */
  readonly onEvent?: (event: PruneEvent) => void;
}

type Prunable = Source & TagLister & Deleter & Pick<Pusher, "pushManifest">;

interface NamedDigest {
  readonly tag: string;
  readonly digest: Digest;
}

/** What the next tag would meet as well. */
const fatal = [
  "INTERRUPTED",
  "UNAUTHORIZED",
  "UNSUPPORTED",
  "RATE_LIMITED",
  "CONNECTION_FAILED",
  "TLS_UNTRUSTED",
] as const;

/**
 * Carries out a plan. Each tag is resolved again before it is deleted, and left alone where it moved. Other tags on the same
 * manifest live on. Interrupted, the next plan finds what is left.
 *
 * Manifests that the plan names go with the last tag on them, after all tags were looked at once more, and their children
 * and referrers go right after them.
 *
 * @throws WharfError UNSUPPORTED where the store deletes nothing, UNAUTHORIZED, FORBIDDEN, INTERRUPTED; what fails for one
 *   tag is an event, and the rest goes on
 */
export async function executePrune(
  store: Prunable,
  plan: PrunePlan,
  options: ExecuteOptions = {},
): Promise<PruneResult> {
  const work = new Work(store, options);
  const loose = new Set(plan.manifests.map(({ descriptor }) => descriptor.digest));
  const doomed = plan.tags.filter(({ action }) => action === "prune");
  const alone = doomed.filter(({ digest }) => !loose.has(digest));
  const kept = plan.tags.filter(({ action }) => action === "keep");
  const shared = new Set(kept.map(({ digest }) => digest));
  // The tag that shares its manifest with one that stays is tried first, and watched.
  const first = alone.find(({ digest }) => shared.has(digest)) ?? alone[0];
  if (first !== undefined) {
    const siblings = kept.filter(({ digest }) => digest === first.digest);
    await work.watchedTag(
      first,
      siblings.map(({ tag }) => tag),
    );
  }
  const rest = alone.filter((one) => one !== first);
  let failure: unknown;
  const remove = async (one: NamedDigest) => {
    if (failure !== undefined) return;
    await work.tag(one).catch((error: unknown) => (failure ??= error));
  };
  // What is begun elsewhere ends before the failure is told.
  await each(rest, remove, options.concurrency ?? 4);
  if (failure !== undefined) throw failure;
  const whole = doomed.filter(({ digest }) => loose.has(digest));
  if (loose.size > 0) await pruneManifests(work, plan, whole);
  return work.result;
}

/** Looks at all tags once more, since a tag that was set meanwhile must keep what it names. */
async function pruneManifests(
  work: Work,
  { manifests }: PrunePlan,
  doomed: readonly NamedDigest[],
): Promise<void> {
  const { store, cancel } = work;
  const names = await resolveTags(store, cancel);
  const now = new Map(names.named.map(({ tag, digest }) => [tag, digest]));
  const unmoved = doomed.filter(({ tag, digest }) => now.get(tag) === digest);
  const pruned = new Set(unmoved.map(({ tag }) => tag));
  const found = await untagged(store, { ...names, pruned }, cancel);
  // What the plan did not name was pushed since, and nobody has agreed to its end.
  const planned = new Set(manifests.map(({ descriptor }) => descriptor.digest));
  const going = new Map(found.map((one) => [one.descriptor.digest, one]));
  for (const digest of going.keys()) if (!planned.has(digest)) going.delete(digest);

  const gone = new Set(doomed.map(({ tag }) => tag));
  for (const one of doomed) {
    // Its manifest goes with it, or it has another name or owner by now, and loses only this tag.
    if (pruned.has(one.tag) && going.has(one.digest)) continue;
    const siblings = names.named.filter(
      ({ tag, digest }) => digest === one.digest && !gone.has(tag),
    );
    await work.watchedTag(
      one,
      siblings.map(({ tag }) => tag),
    );
  }
  for (const { descriptor, as } of manifests) {
    if (!going.has(descriptor.digest)) await work.spare(descriptor.digest, as);
  }
  const needed = new Map(
    Array.from(going, ([digest, { of }]) => [digest, new Set(of.filter((one) => going.has(one)))]),
  );
  const remove = async (digest: Digest): Promise<void> => {
    needed.delete(digest);
    const tags = unmoved.filter((one) => one.digest === digest).map(({ tag }) => tag);
    if (!(await work.manifest(going.get(digest)!, tags))) return;
    for (const [child, parents] of needed) {
      if (parents.delete(digest) && parents.size === 0) await remove(child);
    }
  };
  for (const { descriptor } of manifests) {
    // In between, never within: what hangs together goes together.
    if (cancel.signal?.aborted) throw interrupted(cancel.signal);
    if (needed.get(descriptor.digest)?.size === 0) await remove(descriptor.digest);
  }
}

/** Deletes and counts. */
class Work {
  readonly store: Prunable;
  readonly cancel: Cancellable;
  readonly #onEvent: ExecuteOptions["onEvent"];
  readonly #tags = { deleted: 0, left: 0, failed: 0 };
  readonly #manifests = { deleted: 0, left: 0, failed: 0 };
  /** Whether a tag of several was deleted, and the others lived on. */
  #sparesSiblings = false;

  constructor(store: Prunable, { signal, onEvent }: ExecuteOptions) {
    this.store = store;
    this.cancel = signal ? { signal } : {};
    this.#onEvent = onEvent;
  }

  get result(): PruneResult {
    return { tags: { ...this.#tags }, manifests: { ...this.#manifests } };
  }

  tell(event: PruneEvent): void {
    const count = event.type === "tag" ? this.#tags : this.#manifests;
    if (event.state === "deleted" || event.state === "failed") count[event.state] += 1;
    else count.left += 1;
    this.#onEvent?.(event);
  }

  /** Deletes a tag, if it still names what it did. */
  async tag({ tag, digest }: NamedDigest): Promise<"deleted" | "left" | "failed"> {
    const told = { type: "tag", tag, digest } as const;
    if (this.cancel.signal?.aborted) throw interrupted(this.cancel.signal);
    try {
      const found = await digestUnder(this.store, tag);
      if (found !== digest) {
        this.#left(tag, digest, found);
        return "left";
      }
      // Begun is finished: where a registry cannot delete a tag alone, it names something else for a moment.
      await this.store.deleteTag(tag);
    } catch (error) {
      if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) {
        this.#left(tag, digest, undefined);
        return "left";
      }
      // Moved after we had looked, which the deletion itself has seen.
      const now = isError(error, "CONFLICT")
        ? await digestUnder(this.store, tag).catch(() => digest)
        : digest;
      if (now !== digest) {
        this.#left(tag, digest, now);
        return "left";
      }
      this.tell({ ...told, state: "failed", error: this.#bearable(error) });
      return "failed";
    }
    this.tell({ ...told, state: "deleted" });
    return "deleted";
  }

  /**
   * Deletes a tag, and, unless that is known of this registry, looks whether its siblings live: there are registries that
   * take a manifest away with any of its tags. They get theirs back, and it ends there.
   * @param siblings tags on the same manifest that stay
   */
  async watchedTag(one: NamedDigest, siblings: readonly string[]): Promise<void> {
    if (siblings.length === 0 || this.#sparesSiblings) return void (await this.tag(one));
    const manifest = await this.#manifestOf(one);
    if (manifest === undefined) return void (await this.tag(one));
    let failure: unknown;
    // An answer that was lost says nothing of what was done.
    const state = await this.tag(one).catch((error: unknown) => {
      failure = error;
      return "failed" as const;
    });
    if (state !== "left") await lookAfter(this.store, siblings, { deleted: one, manifest });
    if (failure !== undefined) throw failure;
    if (state === "deleted") this.#sparesSiblings = true;
  }

  /** What siblings may have to get back; undefined where it is gone. */
  async #manifestOf({ digest }: NamedDigest): Promise<Manifest | undefined> {
    try {
      return await this.store.fetchManifest(digest, this.cancel);
    } catch (error) {
      if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return undefined;
      throw error;
    }
  }

  /**
   * Deletes a manifest with the tags on it.
   * @param tags those that the plan says; digest tags go as well
   * @returns whether it is gone
   */
  async manifest(one: Loose, tags: readonly string[]): Promise<boolean> {
    const { digest } = one.descriptor;
    const told = { type: "manifest", digest, as: one.as } as const;
    const here: string[] = [];
    for (const tag of [...tags, ...one.tags]) {
      const found = await digestUnder(this.store, tag);
      if (found === digest) here.push(tag);
      else if (tags.includes(tag)) this.#left(tag, digest, found);
    }
    try {
      await this.#deleteManifest(digest, here);
    } catch (error) {
      if (!isError(error, "MANIFEST_NOT_FOUND")) {
        this.tell({ ...told, state: "failed", error: this.#bearable(error) });
        return false;
      }
      this.tell({ ...told, state: "gone" });
      return true;
    }
    for (const tag of here) {
      // There are registries where a tag outlives what it names.
      if ((await digestUnder(this.store, tag)) === digest)
        await this.store.deleteTag(tag).catch(() => {});
      if (tags.includes(tag)) this.tell({ type: "tag", state: "deleted", tag, digest });
    }
    this.tell({ ...told, state: "deleted" });
    return true;
  }

  /** Says of a manifest that does not go whether it is still there. */
  async spare(digest: Digest, as: Loose["as"]): Promise<void> {
    const state = (await digestUnder(this.store, digest)) === undefined ? "gone" : "needed";
    this.tell({ type: "manifest", state, digest, as });
  }

  #left(tag: string, digest: Digest, found: Digest | undefined): void {
    if (found === undefined) this.tell({ type: "tag", state: "gone", tag, digest });
    else this.tell({ type: "tag", state: "moved", tag, digest: found });
  }

  /** Some registries delete no manifest that has a tag (Google's Artifact Registry). */
  async #deleteManifest(digest: Digest, tags: readonly string[]): Promise<void> {
    try {
      await this.store.deleteManifest(digest);
    } catch (error) {
      if (!isError(error, "REGISTRY_ERROR") || tags.length === 0) throw error;
      for (const tag of tags) {
        if ((await digestUnder(this.store, tag)) === digest) await this.store.deleteTag(tag);
      }
      await this.store.deleteManifest(digest);
    }
  }

  /** @throws what the next one would meet as well */
  #bearable(error: unknown): WharfError {
    const nothing = this.#tags.deleted + this.#manifests.deleted === 0;
    const refused = nothing && isError(error, "FORBIDDEN");
    if (refused || isError(error, ...fatal)) throw error;
    if (isError(error)) return error;
    throw error;
  }
}
