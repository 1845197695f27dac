/** Content in memory: for tests, the sandbox, and small things on their way. */
import { interrupted } from "../errors.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { isDigest, parseDigest } from "../reference/digest.ts";
import { checkRepositoryName, checkTag } from "../reference/reference.ts";
import { admitManifest } from "./admission.ts";
import type { ManifestRecord } from "./admission.ts";
import { type Blob, type MemoryUpload, MemoryUploads, type UploadBounds } from "./memoryUpload.ts";
import { blobNotFound, manifestNotFound, uploadUnknown } from "./missing.ts";
import { copies } from "./sources.ts";
import type {
  BlobSource,
  Bytes,
  Cancellable,
  CollectionCounts,
  Manifest,
  PushOptions,
  Range,
  Repository,
  RepositoryCollection,
  TagGuard,
  Upload,
} from "./store.ts";
import { verified } from "./verified.ts";

/** What one repository holds. It comes into being with the first write, so that asking for names leaves nothing behind. */
class Shelf {
  readonly blobs = new Map<Digest, Blob>();
  readonly manifests = new Map<Digest, { record: ManifestRecord; bytes: Uint8Array }>();
  readonly tags = new Map<string, Digest>();
  readonly uploads = new Map<string, MemoryUpload>();
  /** Whether anything was ever pushed. */
  exists = false;
}

/** One repository in memory, without siblings. */
export function createMemoryRepository(): Repository {
  return new MemoryRepository(new Map(), "", new MemoryUploads());
}

/**
 * Repositories in memory. A repository exists once something was pushed to it.
 * @param options.uploads how much of what was begun and not ended is kept
 */
export function createMemoryCollection(
  options: { readonly uploads?: UploadBounds } = {},
): RepositoryCollection {
  const shelves = new Map<string, Shelf>();
  const uploads = new MemoryUploads(options.uploads);
  return {
    repository: (name) => new MemoryRepository(shelves, checkRepositoryName(name), uploads),
    hasRepository: async (name) => shelves.get(name)?.exists ?? false,
    async *listRepositories({ last = "", signal } = {}) {
      const names = [...shelves.keys()].filter((name) => name > last).toSorted();
      for (const name of names) {
        if (signal?.aborted) throw interrupted(signal);
        if (shelves.get(name)?.exists) yield name;
      }
    },
    count: async () => countShelves([...shelves.values()]),
    close: async () => shelves.clear(),
  };
}

function countShelves(shelves: readonly Shelf[]): CollectionCounts {
  const sum = (of: (shelf: Shelf) => number) =>
    shelves.reduce((total, shelf) => total + of(shelf), 0);
  return {
    repositories: sum(({ exists }) => Number(exists)),
    manifests: sum(({ manifests }) => manifests.size),
    tags: sum(({ tags }) => tags.size),
    blobs: new Set(shelves.flatMap(({ blobs }) => [...blobs.keys()])).size,
    uploads: sum(({ uploads }) => uploads.size),
  };
}

class MemoryRepository implements Repository {
  readonly #shelves: Map<string, Shelf>;
  readonly #name: string;
  readonly #uploads: MemoryUploads;

  /**
   * @param shelves of the collection, by name
   * @param uploads of the collection
   */
  constructor(shelves: Map<string, Shelf>, name: string, uploads: MemoryUploads) {
    this.#shelves = shelves;
    this.#name = name;
    this.#uploads = uploads;
  }

  async resolve(reference: string): Promise<Descriptor> {
    return this.#find(reference).record.descriptor;
  }

  async fetchManifest(reference: string): Promise<Manifest> {
    const { record, bytes } = this.#find(reference);
    return { descriptor: record.descriptor, bytes: bytes.slice() };
  }

  async fetchBlob(
    { digest }: Descriptor,
    { offset = 0, length, signal }: Range & Cancellable = {},
  ): Promise<Bytes> {
    const blob = this.#blob(digest);
    if (blob === undefined) throw blobNotFound(digest);
    return copies(slices(blob.chunks, offset, length), { ...(signal && { signal }) });
  }

  async statBlob(digest: Digest): Promise<Descriptor | undefined> {
    const blob = this.#blob(digest);
    return blob && { mediaType: "application/octet-stream", digest, size: blob.size };
  }

  async pushBlob(
    descriptor: Descriptor,
    source: BlobSource,
    { signal, onProgress }: Cancellable & PushOptions = {},
  ): Promise<void> {
    parseDigest(descriptor.digest);
    if (this.#shelf.blobs.has(descriptor.digest)) return;
    const chunks: Uint8Array[] = [];
    let size = 0;
    const body = await source.open(0, { ...(signal && { signal }) });
    for await (const chunk of verified(descriptor, body)) {
      if (signal?.aborted) throw interrupted(signal);
      chunks.push(chunk);
      size += chunk.byteLength;
      onProgress?.(size);
    }
    this.#keep(descriptor.digest, { size, chunks });
  }

  async pushManifest(
    manifest: Manifest,
    { tag, beforeUntag }: TagGuard & { tag?: string } = {},
  ): Promise<void> {
    if (tag !== undefined) checkTag(tag);
    const record = admitManifest(manifest);
    const { digest } = record.descriptor;
    if (tag !== undefined) this.#guard(tag, digest, beforeUntag);
    const shelf = this.#own();
    // A manifest that is pushed again is listed as the newest referrer, like the first time.
    shelf.manifests.set(digest, { record, bytes: manifest.bytes.slice() });
    if (tag !== undefined) shelf.tags.set(tag, digest);
    shelf.exists = true;
  }

  canMount(source: object): boolean {
    return source instanceof MemoryRepository && source.#shelves === this.#shelves;
  }

  async mountBlob({ digest }: Descriptor, source: object): Promise<boolean> {
    if (!(source instanceof MemoryRepository) || !this.canMount(source)) return false;
    const blob = source.#shelf.blobs.get(digest);
    if (blob === undefined) return false;
    this.#keep(digest, blob);
    return true;
  }

  async tag({ digest }: Descriptor, tag: string, { beforeUntag }: TagGuard = {}): Promise<void> {
    checkTag(tag);
    this.#find(digest);
    this.#guard(tag, digest, beforeUntag);
    this.#shelf.tags.set(tag, digest);
  }

  async *listTags({ last = "", signal }: Cancellable & { last?: string } = {}) {
    for (const tag of [...this.#shelf.tags.keys()].filter((name) => name > last).toSorted()) {
      if (signal?.aborted) throw interrupted(signal);
      yield tag;
    }
  }

  async *listReferrers(digest: Digest, { artifactType }: { artifactType?: string } = {}) {
    for (const { record } of this.#shelf.manifests.values()) {
      if (record.subject !== digest) continue;
      if (artifactType !== undefined && record.referrer.artifactType !== artifactType) continue;
      yield record.referrer;
    }
  }

  async deleteManifest(digest: Digest, { beforeUntag }: TagGuard = {}): Promise<void> {
    this.#find(digest);
    const { manifests, tags } = this.#shelf;
    const removed = [...tags].filter(([, tagged]) => tagged === digest);
    for (const [tag] of removed) beforeUntag?.(tag);
    manifests.delete(digest);
    for (const [tag] of removed) tags.delete(tag);
  }

  async deleteTag(tag: string): Promise<void> {
    if (!this.#shelf.tags.delete(tag)) throw manifestNotFound(tag);
  }

  async deleteBlob(digest: Digest): Promise<void> {
    if (!this.#shelf.blobs.delete(digest)) throw blobNotFound(digest);
  }

  async createUpload(): Promise<Upload> {
    const upload = this.#uploads.begin({
      keep: (digest, blob) => this.#keep(digest, blob),
      forget: (id) => this.#forget(id),
    });
    this.#own().uploads.set(upload.id, upload);
    return upload;
  }

  async openUpload(id: string): Promise<Upload> {
    const upload = this.#shelf.uploads.get(id);
    if (upload === undefined) throw uploadUnknown(id);
    this.#uploads.used(upload);
    return upload;
  }

  #guard(tag: string, digest: Digest, beforeUntag: TagGuard["beforeUntag"]): void {
    const before = this.#shelf.tags.get(tag);
    if (before !== undefined && before !== digest) beforeUntag?.(tag);
  }

  /** To be read only: it may be one that nobody keeps. */
  get #shelf(): Shelf {
    return this.#shelves.get(this.#name) ?? new Shelf();
  }

  /** To be written to. */
  #own(): Shelf {
    const shelf = this.#shelf;
    this.#shelves.set(this.#name, shelf);
    return shelf;
  }

  #forget(upload: string): void {
    const { uploads, exists } = this.#shelf;
    uploads.delete(upload);
    if (!exists && uploads.size === 0) this.#shelves.delete(this.#name);
  }

  #find(reference: string) {
    const digest = isDigest(reference) ? reference : this.#shelf.tags.get(reference);
    const found = digest === undefined ? undefined : this.#shelf.manifests.get(digest);
    if (found === undefined) throw manifestNotFound(reference);
    return found;
  }

  /** Manifests can be read as blobs too, as in a layout, where both lie in one folder. */
  #blob(digest: Digest): Blob | undefined {
    const bytes = this.#shelf.manifests.get(digest)?.bytes;
    return this.#shelf.blobs.get(digest) ?? (bytes && { size: bytes.byteLength, chunks: [bytes] });
  }

  #keep(digest: Digest, blob: Blob): void {
    const shelf = this.#own();
    shelf.blobs.set(digest, blob);
    shelf.exists = true;
  }
}

/** The pieces of `chunks` that lie in the range. */
function* slices(chunks: readonly Uint8Array[], offset: number, length = Infinity) {
  let position = 0;
  for (const chunk of chunks) {
    const start = Math.max(offset - position, 0);
    const end = Math.min(offset + length - position, chunk.byteLength);
    if (start < end) yield chunk.subarray(start, end);
    position += chunk.byteLength;
  }
}
