/** What a prune would do, found out without changing anything. */
import { isError } from "../../errors.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { digestOfTag, isDigestTag } from "../../reference/digestTags.ts";
import type { Cancellable, Source, TagLister } from "../../store/store.ts";
import { throwAwayMark } from "../../registry/tagDeletion.ts";
import { readManifest } from "../read.ts";
import { each } from "../several.ts";
import { dateTags, type DatedTag, type DateOptions } from "../tags/dates.ts";
import {
  looseManifests,
  reachable,
  type Loose,
  type NamedTag,
  type ReachOptions,
} from "./reach.ts";
import {
  candidates,
  checkRules,
  decide,
  needsDates,
  type Decision,
  type PruneRules,
} from "./rules.ts";
import { digestUnder } from "./siblings.ts";

/** What becomes of each tag, and which manifests go with them. */
export interface PrunePlan {
  readonly rules: PruneRules;
  /** All tags but digest tags, in the store's order. */
  readonly tags: readonly (Decision & { readonly digest: Digest })[];
  /** With `includeUntagged`: what would be left without a tag, parents before children. */
  readonly manifests: readonly Loose[];
}

/** A store that knows its manifests also where no tag names them, as a layout does. */
interface RootLister {
  roots(): Promise<Descriptor[]>;
}

/**
 * Plans which tags go. Nothing is changed.
 *
 * Each tag costs a `HEAD`, and where age decides what {@link dateTags} says. With `includeUntagged`, each index that stays
 * is read too, for what it names stays. A registry does not list untagged manifests, so there these are the manifests that
 * the pruned tags named, with their children and referrers; a layout knows all of its own.
 *
 * @throws WharfError USAGE for rules that make no sense, or would prune everything
 * @example
 * const plan = await planPrune(repository, { keepNewest: 5, keepMatch: "^v\\d", olderThan: Date.now() - 30 * 86_400_000 });
 */
export async function planPrune(
  store: Source & TagLister,
  rules: PruneRules,
  options: DateOptions = {},
): Promise<PrunePlan> {
  checkRules(rules);
  const { named, digestTags } = await resolveTags(store, options);
  const names = named.map(({ tag }) => tag);
  const digests = new Map(named.map(({ tag, digest }) => [tag, digest]));
  const { may, stay } = await candidates(rules, names);
  const undated = (tag: string): DatedTag => ({ tag, source: "unknown" });
  const dated = needsDates(rules)
    ? await dateTags(store, may, { ...options, named: digests })
    : may.map(undated);
  const decisions = await each(
    decide(rules, dated),
    (decision) => unlessUnfinished(store, decision, options),
    options.concurrency,
  );
  const decided = new Map(decisions.map((decision) => [decision.tag, decision]));
  const tags = names.flatMap((tag): PrunePlan["tags"] => {
    const reason = stay.get(tag);
    const kept = reason && ({ ...undated(tag), action: "keep", reason } as const);
    const decision = decided.get(tag) ?? kept;
    // What has gone since it was listed is no concern of ours.
    return decision === undefined ? [] : [{ ...decision, digest: digests.get(tag)! }];
  });
  const pruned = new Set(tags.filter(({ action }) => action === "prune").map(({ tag }) => tag));
  const manifests = rules.includeUntagged
    ? await untagged(store, { named, digestTags, pruned }, options)
    : [];
  return { rules, tags, manifests };
}

/** What a deletion that was killed has left under a tag has no date, and would stay for ever. */
async function unlessUnfinished(
  store: Source,
  decision: Decision,
  { signal }: Cancellable,
): Promise<Decision> {
  const { reason, doubt, digest } = decision;
  if (reason !== "unknown-date" || doubt !== "missing" || digest === undefined) return decision;
  const { parsed } = await readManifest(store, digest, signal ? { signal } : {});
  if (parsed.kind === "schema1" || parsed.annotations?.[throwAwayMark] === undefined)
    return decision;
  return { ...decision, action: "prune", reason: "unfinished" };
}

export interface Names {
  readonly named: readonly NamedTag[];
  readonly digestTags: readonly NamedTag[];
}

/** All tags with what they name; those that are gone by now are left out. */
export async function resolveTags(
  store: Source & TagLister,
  { signal, concurrency }: ReachOptions,
): Promise<Names> {
  const cancel: Cancellable = signal ? { signal } : {};
  const all: string[] = [];
  for await (const tag of store.listTags(cancel)) all.push(tag);
  const work = async (tag: string): Promise<NamedTag[]> => {
    try {
      const { digest, mediaType } = await store.resolve(tag, cancel);
      return [{ tag, digest, mediaType }];
    } catch (error) {
      if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return [];
      throw error;
    }
  };
  const found = (await each(all, work, concurrency)).flat();
  return {
    named: found.filter(({ tag }) => !isDigestTag(tag)),
    digestTags: found.filter(({ tag }) => isDigestTag(tag)),
  };
}

/**
 * What no tag names once the pruned ones are gone, and nothing that stays needs: neither an index that stays, nor the
 * subject of a referrer.
 */
export async function untagged(
  store: Source & TagLister,
  { named, digestTags, pruned }: Names & { readonly pruned: ReadonlySet<string> },
  options: ReachOptions,
): Promise<Loose[]> {
  const staying = named.filter(({ tag }) => !pruned.has(tag));
  const doomed = named.filter(({ tag }) => pruned.has(tag)).map(descriptorOf);
  const listed = await untaggedRoots(store, { named, digestTags }, options);
  const roots = [...doomed, ...listed];
  const stays = new Set((await reachable(store, staying, options)).keys());
  for (;;) {
    const loose = await looseManifests(store, roots, stays, digestTags, options);
    const going = new Set(loose.map(({ descriptor }) => descriptor.digest));
    // A digest tag stays with what it is about, and also where nobody knows what that is; a referrer with its subject.
    const attached = digestTags.filter(({ tag }) => !going.has(digestOfTag(tag)!));
    const referring = await withSubject(store, loose, options);
    const more = [...attached, ...referring].filter(({ digest }) => !stays.has(digest));
    if (more.length === 0) return loose;
    for (const digest of (await reachable(store, more, options)).keys()) stays.add(digest);
    if (!loose.some(({ descriptor }) => stays.has(descriptor.digest))) return loose;
  }
}

/** What a layout names without a tag. What refers to something goes with that, never alone. */
async function untaggedRoots(
  store: Source & Partial<RootLister>,
  { named, digestTags }: Names,
  { signal, concurrency }: ReachOptions,
): Promise<Descriptor[]> {
  if (typeof store.roots !== "function") return [];
  const tagged = new Set([...named, ...digestTags].map(({ digest }) => digest));
  const found = (await store.roots()).filter(({ digest }) => !tagged.has(digest));
  const work = async (root: Descriptor): Promise<Descriptor[]> => {
    const { parsed } = await readManifest(store, root.digest, signal ? { signal } : {});
    return parsed.kind !== "schema1" && parsed.subject !== undefined ? [] : [root];
  };
  return (await each(found, work, concurrency)).flat();
}

/** Those of the loose manifests that are about something else which is there, and does not go. */
async function withSubject(
  store: Source,
  loose: readonly Loose[],
  { signal, concurrency }: ReachOptions,
): Promise<Descriptor[]> {
  const cancel: Cancellable = signal ? { signal } : {};
  const going = new Set(loose.map(({ descriptor }) => descriptor.digest));
  const work = async ({ descriptor, as }: Loose): Promise<Descriptor[]> => {
    // Docker's types know no subject, and what was found by its subject goes with that.
    if (as === "referrer" || !mayHaveSubject(descriptor.mediaType)) return [];
    const subject = await subjectOf(store, descriptor.digest, cancel);
    if (subject === undefined || going.has(subject)) return [];
    return (await digestUnder(store, subject, cancel)) === undefined ? [] : [descriptor];
  };
  return (await each(loose, work, concurrency)).flat();
}

async function subjectOf(
  store: Source,
  digest: Digest,
  cancel: Cancellable,
): Promise<Digest | undefined> {
  try {
    const { parsed } = await readManifest(store, digest, cancel);
    return parsed.kind === "schema1" ? undefined : parsed.subject?.digest;
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND")) return undefined;
    throw error;
  }
}

const mayHaveSubject = (mediaType: string): boolean =>
  !mediaType.startsWith("application/vnd.docker.");

function descriptorOf({ digest, mediaType }: NamedTag): Descriptor {
  return { digest, mediaType, size: 0 };
}
