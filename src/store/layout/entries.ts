/**
 * The entries of an `index.json`: descriptors, some of them with a name.
 * Source: OCI image-spec 1.1, "Image Layout", "Indicating image references".
 */
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { isTag } from "../../reference/name.ts";

const nameAnnotation = "org.opencontainers.image.ref.name";
/** containerd puts the whole reference here. */
const containerdAnnotation = "io.containerd.image.name";
/**
 * On an entry that we make for tools which look for referrers under the tag `sha256-…` (distribution-spec 1.1,
 * "Referrers Tag Schema"). For us it is no tag: we find referrers by their subject.
 */
const generatedAnnotation = "io.wharfinger.generated";

/** Entries in their order, found by name and by digest. */
export class Entries {
  /** The keys are names, or unique where an entry has none, or the same as an earlier one. */
  readonly #entries = new Map<string, Descriptor>();
  readonly #keys = new Map<Digest, Set<string>>();
  /** Of those keys, the ones whose entries have no name. */
  readonly #unnamed = new Map<Digest, Set<string>>();
  #fresh = 0;
  /** Whether anything differs from what was given. */
  changed = false;

  constructor(entries: readonly Descriptor[]) {
    for (const entry of entries) {
      const name = nameOf(entry);
      const key = name === undefined ? undefined : tagKey(name);
      this.#set(key === undefined || this.#entries.has(key) ? this.#freshKey() : key, entry);
    }
    this.changed = false;
  }

  /** All entries, as they are to be written. */
  list(): Descriptor[] {
    return [...this.#entries.values()];
  }

  find(tag: string): Descriptor | undefined {
    const entry = this.#entries.get(tagKey(tag));
    return entry && isGenerated(entry) ? undefined : entry;
  }

  /** An entry of the digest, with or without a name. */
  findDigest(digest: Digest): Descriptor | undefined {
    for (const key of this.#keys.get(digest) ?? []) {
      const entry = this.#entries.get(key);
      if (entry !== undefined && !isGenerated(entry)) return entry;
    }
    return undefined;
  }

  /** Names, sorted. */
  tags(): string[] {
    const tags: string[] = [];
    for (const [key, entry] of this.#entries) {
      if (key.startsWith(tagPrefix) && !isGenerated(entry)) tags.push(key.slice(tagPrefix.length));
    }
    return tags.toSorted();
  }

  /** The manifests that have an entry, each once. */
  roots(): Descriptor[] {
    const roots = new Map<Digest, Descriptor>();
    for (const entry of this.#entries.values()) {
      if (!isGenerated(entry)) roots.set(entry.digest, entry);
    }
    return [...roots.values()];
  }

  /** Adds a manifest without a name, unless it has an entry. */
  add(descriptor: Descriptor): void {
    if (this.findDigest(descriptor.digest) !== undefined) return;
    this.#set(this.#freshKey(), descriptor);
  }

  /** Gives a manifest a name. The one that had it stays, without. */
  tag(descriptor: Descriptor, tag: string): void {
    const key = tagKey(tag);
    const before = this.#entries.get(key);
    if (before?.digest === descriptor.digest && before.annotations?.[nameAnnotation] === tag) {
      if (!isGenerated(before)) return;
    }
    this.#set(key, { ...descriptor, annotations: { [nameAnnotation]: tag } });
    this.dropUnnamed(descriptor.digest);
    if (before !== undefined && !isGenerated(before)) this.add(nameless(before));
  }

  /** Takes a name away; the manifest stays. @returns whether the name was there */
  untag(tag: string): boolean {
    const entry = this.find(tag);
    if (entry === undefined) return false;
    this.#delete(tagKey(tag));
    this.add(nameless(entry));
    return true;
  }

  /** Drops entries without a name, such as of a manifest that has got a parent. */
  dropUnnamed(digest: Digest): void {
    for (const key of this.#unnamed.get(digest) ?? []) this.#delete(key);
  }

  /** @returns whether there was an entry */
  remove(digest: Digest): boolean {
    const keys = [...(this.#keys.get(digest) ?? [])];
    for (const key of keys) this.#delete(key);
    return keys.length > 0;
  }

  /** What stands under the referrers tag of a digest, made by us or by another tool. */
  findReferrersTag(tag: string): Descriptor | undefined {
    return this.#entries.get(tagKey(tag));
  }

  /**
   * Sets the entry that lists referrers for other tools; without a descriptor, removes it if it is ours.
   * @returns the index of ours that it names no more
   */
  setReferrersTag(tag: string, descriptor?: Descriptor): Digest | undefined {
    const key = tagKey(tag);
    const before = this.#entries.get(key);
    const ours = before !== undefined && isGenerated(before) ? before.digest : undefined;
    if (descriptor === undefined) {
      if (ours !== undefined) this.#delete(key);
      return ours;
    }
    if (ours === descriptor.digest) return undefined;
    const annotations = { [nameAnnotation]: tag, [generatedAnnotation]: "referrers" };
    this.#set(key, { ...descriptor, annotations });
    return ours;
  }

  #freshKey(): string {
    return `unnamed ${this.#fresh++}`;
  }

  #set(key: string, entry: Descriptor): void {
    this.#forget(key);
    this.#entries.set(key, entry);
    note(this.#keys, entry.digest, key);
    if (nameOf(entry) === undefined) note(this.#unnamed, entry.digest, key);
    this.changed = true;
  }

  #delete(key: string): void {
    this.#forget(key);
    if (this.#entries.delete(key)) this.changed = true;
  }

  #forget(key: string): void {
    const digest = this.#entries.get(key)?.digest;
    if (digest === undefined) return;
    this.#keys.get(digest)?.delete(key);
    this.#unnamed.get(digest)?.delete(key);
  }
}

function note(keys: Map<Digest, Set<string>>, digest: Digest, key: string): void {
  const known = keys.get(digest);
  if (known === undefined) keys.set(digest, new Set([key]));
  else known.add(key);
}

const tagPrefix = "tag ";

function tagKey(tag: string): string {
  return `${tagPrefix}${tag}`;
}

/**
 * What an entry is called. Some tools write the whole reference; then its tag is the name, so that `docker.io/x/y:1` is
 * found as `1`.
 */
export function nameOf({ annotations }: Descriptor): string | undefined {
  const name = annotations?.[nameAnnotation] ?? annotations?.[containerdAnnotation];
  if (name === undefined || name === "" || isTag(name)) return name || undefined;
  const [reference = name] = name.split("@", 1);
  const last = reference.slice(reference.lastIndexOf("/") + 1);
  const tag = last.slice(last.indexOf(":") + 1);
  return last.includes(":") && isTag(tag) ? tag : name;
}

function isGenerated({ annotations }: Descriptor): boolean {
  return annotations?.[generatedAnnotation] !== undefined;
}

/** The entry without its name; other annotations are kept. */
function nameless(entry: Descriptor): Descriptor {
  const { annotations, ...rest } = entry;
  const kept = Object.entries(annotations ?? {}).filter(
    ([key]) => key !== nameAnnotation && key !== containerdAnnotation,
  );
  return kept.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(kept) };
}
