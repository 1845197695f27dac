/** What hangs together: children of indexes, referrers, digest tags. */
import { isError, WharfError } from "../../errors.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { digestOfTag } from "../../reference/digestTags.ts";
import { isIndexType, isManifestType } from "../../reference/manifest.ts";
import { supports, type Cancellable, type Source } from "../../store/store.ts";
import { maxManifests } from "../../transfer/limits.ts";
import { readManifest } from "../read.ts";
import { each } from "../several.ts";

export interface ReachOptions extends Cancellable {
  /** Requests at once. @default 6 */
  readonly concurrency?: number;
}

/** A tag, and what it names. */
export interface NamedTag {
  readonly tag: string;
  readonly digest: Digest;
  readonly mediaType: string;
}

/** A manifest that goes once nothing that stays needs it. */
export interface Loose {
  readonly descriptor: Descriptor;
  /** Why it would be there without a tag. */
  readonly as: "untagged" | "child" | "referrer" | "attached";
  /** What goes and needs it: indexes, subjects. It goes after them. */
  readonly of: readonly Digest[];
  /** Digest tags that name it, as `sha256-….sig`. */
  readonly tags: readonly string[];
}

/**
 * All manifests below those given, themselves included: children of indexes, and theirs. What is not there is passed over,
 * since an index may name what was never copied.
 */
export async function reachable(
  store: Source,
  roots: Iterable<Pick<Descriptor, "digest" | "mediaType">>,
  options: ReachOptions = {},
): Promise<Map<Digest, Pick<Descriptor, "digest" | "mediaType">>> {
  const found = new Map(Array.from(roots, (root) => [root.digest, root] as const));
  let level = [...found.values()];
  while (level.length > 0) {
    const children = await each(
      level.filter(({ mediaType }) => isIndexType(mediaType)),
      ({ digest }) => childrenOf(store, digest, options),
      options.concurrency,
    );
    level = children.flat().filter(({ digest }) => !found.has(digest));
    for (const child of level) found.set(child.digest, child);
  }
  return found;
}

/**
 * What would be loose without `roots`: themselves, what is below them, what refers to them, what lies under tags made of
 * their digests; each with all that belongs to it. What `stays` has is left out, with what belongs to it.
 * @param digestTags the repository's, by what they name
 */
export async function looseManifests(
  store: Source,
  roots: readonly Descriptor[],
  stays: ReadonlySet<Digest>,
  digestTags: readonly NamedTag[],
  options: ReachOptions = {},
): Promise<Loose[]> {
  const loose = new Map<Digest, Loose & { readonly of: Digest[] }>();
  const tagsOf = grouped(digestTags, ({ digest }) => digest);
  const attachedTo = grouped(digestTags, ({ tag }) => digestOfTag(tag));
  const add = (descriptor: Descriptor, as: Loose["as"], of: readonly Digest[]) => {
    const { digest } = descriptor;
    if (stays.has(digest)) return [];
    const known = loose.get(digest);
    if (known !== undefined) {
      known.of.push(...of);
      return [];
    }
    if (loose.size >= maxManifests) {
      throw new WharfError(
        "MANIFEST_TOO_LARGE",
        `More than ${maxManifests} manifests would be untagged`,
        { hint: "Prune fewer tags at a time." },
      );
    }
    const tags = (tagsOf.get(digest) ?? []).map(({ tag }) => tag);
    const one = { descriptor, as, of: [...of], tags };
    loose.set(digest, one);
    return [one];
  };
  let level = roots.flatMap((root) => add(root, "untagged", []));
  while (level.length > 0) {
    const work = async ({ descriptor: { digest, mediaType } }: Loose) => {
      const children = isIndexType(mediaType) ? await childrenOf(store, digest, options) : [];
      return { digest, children, referrers: await referrersOf(store, digest, options) };
    };
    const found = await each(level, work, options.concurrency);
    level = found.flatMap(({ digest, children, referrers }) => [
      ...children.flatMap((child) => add(child, "child", [digest])),
      ...referrers.flatMap((referrer) => add(referrer, "referrer", [digest])),
      ...(attachedTo.get(digest) ?? []).flatMap((tag) =>
        add({ digest: tag.digest, mediaType: tag.mediaType, size: 0 }, "attached", [digest]),
      ),
    ]);
  }
  return [...loose.values()];
}

function grouped<Item, Key>(items: readonly Item[], keyOf: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

async function childrenOf(
  store: Source,
  digest: Digest,
  { signal }: Cancellable,
): Promise<Descriptor[]> {
  try {
    const { parsed } = await readManifest(store, digest, signal ? { signal } : {});
    if (parsed.kind !== "index") return [];
    return parsed.manifests.filter(({ mediaType }) => isManifestType(mediaType));
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND")) return [];
    throw error;
  }
}

async function referrersOf(
  store: Source,
  digest: Digest,
  { signal }: Cancellable,
): Promise<Descriptor[]> {
  if (!supports(store, "listReferrers")) return [];
  const found: Descriptor[] = [];
  for await (const one of store.listReferrers(digest, signal ? { signal } : {})) found.push(one);
  return found;
}
