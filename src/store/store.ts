/**
 * What holds content: one repository of a registry, an OCI layout, an archive, memory.
 * Small interfaces; a function asks for the least that it needs.
 */
import type { Bytes, Cancellable } from "../http/bytes.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";

export type { Bytes, Cancellable };

/** A manifest as it was pushed: never serialised again, because the digest is that of these bytes. */
export interface Manifest {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** Part of a blob. */
export interface Range {
  /** First byte, from 0. @default 0 */
  readonly offset?: number;
  /** Number of bytes. @default all that follow */
  readonly length?: number;
}

/** Where the bytes of a blob come from, for whoever pushes it. */
export interface BlobSource {
  /** Opens the bytes from `offset` on; called again, with what the target has already, to resume after a cut. */
  open(offset: number, options?: Cancellable): Promise<Bytes>;
  /** Whether `open` may be called more than once (false for a pipe). */
  readonly replayable: boolean;
  /** Bytes, where known beforehand. */
  readonly size?: number;
}

/** Finds what a tag or digest names, without its content. */
export interface Resolver {
  /**
   * @param reference tag or digest
   * @throws WharfError MANIFEST_NOT_FOUND, REPOSITORY_NOT_FOUND
   */
  resolve(reference: string, options?: Cancellable): Promise<Descriptor>;
}

/** Reads content. */
export interface Fetcher {
  /**
   * Reads a manifest whole, verified against its digest.
   * @param reference tag or digest
   * @throws WharfError MANIFEST_NOT_FOUND, DIGEST_MISMATCH, MANIFEST_TOO_LARGE
   */
  fetchManifest(reference: string, options?: Cancellable): Promise<Manifest>;
  /**
   * Opens a blob. Cuts are mended by the store (resumed); the digest is **not** checked here, but by whoever
   * keeps or hands on the bytes: stores verify what is pushed to them, others use `verified()`.
   * @throws WharfError BLOB_NOT_FOUND
   */
  fetchBlob(descriptor: Descriptor, options?: Range & Cancellable): Promise<Bytes>;
}

/** Stores content. What does not match its digest or size is never stored. */
export interface Pusher {
  /** The blob's descriptor (media type may be generic), or undefined where the store lacks it. */
  statBlob(digest: Digest, options?: Cancellable): Promise<Descriptor | undefined>;
  /**
   * Stores a blob.
   * @throws WharfError DIGEST_MISMATCH, SIZE_MISMATCH
   */
  pushBlob(
    descriptor: Descriptor,
    source: BlobSource,
    options?: Cancellable & PushOptions,
  ): Promise<void>;
  /**
   * Stores a manifest under its digest, and under `tag` where given.
   * @throws WharfError MANIFEST_INVALID, DIGEST_MISMATCH
   */
  pushManifest(
    manifest: Manifest,
    options?: Cancellable & TagGuard & Requirement & { tag?: string },
  ): Promise<void>;
}

/** What must be here for a manifest. Honoured by stores that collect garbage meanwhile; others ignore it. */
export interface Requirement {
  /** Blobs of this repository, looked for in the moment in which the manifest is stored: else BLOB_NOT_FOUND is thrown. */
  readonly required?: readonly Digest[];
}

/** Says no where a tag must stay. Honoured by the stores that a registry server keeps its content in; others ignore it. */
export interface TagGuard {
  /**
   * Called with each tag that would be moved to another manifest or removed, while no other writer can come in between.
   * What it throws is thrown to the caller, and all tags are as they were.
   */
  readonly beforeUntag?: (tag: string) => void;
}

/** What a push tells of its way. */
export interface PushOptions {
  /** Called with the number of bytes that this push has stored so far; may go back when a piece is sent again. */
  readonly onProgress?: (bytes: number) => void;
}

/** Takes a blob over from a sibling store without its bytes passing through us. */
export interface Mounter {
  /** Whether a mount from `source` can be tried at all (same registry, same data directory). */
  canMount(source: object): boolean;
  /** True where the blob is now here; false where the store declined and the blob must be pushed. */
  mountBlob(descriptor: Descriptor, source: object, options?: Cancellable): Promise<boolean>;
}

/** Gives a manifest that is already here a name. */
export interface Tagger {
  /**
   * A tag that names another manifest is moved.
   * @throws WharfError MANIFEST_NOT_FOUND, REFERENCE_INVALID
   */
  tag(descriptor: Descriptor, tag: string, options?: Cancellable & TagGuard): Promise<void>;
}

/** Lists tags, sorted as the store sorts them, lazily. */
export interface TagLister {
  /** @param options.last begins after this name */
  listTags(options?: Cancellable & { last?: string; pageSize?: number }): AsyncIterable<string>;
}

/** Lists manifests whose `subject` is `digest`. */
export interface ReferrerLister {
  /** @param options.artifactType only those of this type; without it all */
  listReferrers(
    digest: Digest,
    options?: Cancellable & { artifactType?: string },
  ): AsyncIterable<Descriptor>;
}

/** Removes content. */
export interface Deleter {
  /** Removes the manifest and every tag on it. */
  deleteManifest(digest: Digest, options?: Cancellable & TagGuard): Promise<void>;
  /** Removes one tag; others on the same manifest stay. */
  deleteTag(tag: string, options?: Cancellable): Promise<void>;
  /** Removes a blob. @throws WharfError BLOB_NOT_FOUND, UNSUPPORTED where it may not be deleted */
  deleteBlob(digest: Digest, options?: Cancellable): Promise<void>;
}

/** An upload in pieces that outlives a request, and for stores on disk a process. */
export interface Upload {
  readonly id: string;
  /** Bytes received and kept so far. */
  readonly size: number;
  /**
   * Appends bytes. A body that ends early or fails keeps what came.
   * @param options.offset where the piece begins; must be `size`
   * @param options.expected bytes that will come, where known: a large piece may be hashed on another thread
   * @returns the new size
   * @throws WharfError UPLOAD_INVALID where `offset` is not `size`
   */
  append(
    body: AsyncIterable<Uint8Array>,
    options?: Cancellable & { offset?: number; expected?: number },
  ): Promise<number>;
  /** Verifies and stores the blob. After DIGEST_MISMATCH the upload is gone. */
  commit(digest: Digest, options?: Cancellable): Promise<Descriptor>;
  /** Forgets the upload and its bytes. */
  cancel(): Promise<void>;
}

/** Receives blobs in pieces; what the registry server needs of a store. */
export interface Uploader {
  /**
   * Begins an upload.
   * @param options.algorithm of the digest to come, `sha256` or `sha512`, where it is known
   */
  createUpload(options?: { algorithm?: string }): Promise<Upload>;
  /** @throws WharfError UPLOAD_UNKNOWN */
  openUpload(id: string): Promise<Upload>;
}

/** What can be copied from. */
export interface Source extends Resolver, Fetcher {}

/** What can be copied to. */
export interface Target extends Resolver, Pusher {}

/** A store that does everything; what a repository of a registry server is. */
export interface Repository
  extends Source, Target, Mounter, Tagger, TagLister, ReferrerLister, Deleter, Uploader {}

/** Many repositories under names: a registry server's data, or a remote registry. */
export interface RepositoryCollection {
  /** Opens a repository; it need not exist yet. */
  repository(name: string): Repository;
  /** Whether anything was ever pushed to it. */
  hasRepository(name: string): Promise<boolean>;
  /**
   * Lists the names of its repositories.
   * @param options.last begins after this name
   */
  listRepositories(options?: Cancellable & { last?: string }): AsyncIterable<string>;
  /** How much it holds, for metrics; takes time that grows with that. */
  count?(): Promise<CollectionCounts>;
  /** Frees what it holds open; its repositories are not to be used any more. */
  close(): Promise<void>;
}

/** How much a collection holds. */
export interface CollectionCounts {
  readonly repositories: number;
  /** Each as often as there are repositories that have it. */
  readonly manifests: number;
  readonly tags: number;
  /** Each once. */
  readonly blobs: number;
  /** Not finished yet; of this process, and of those that have died. */
  readonly uploads: number;
}

/** Whether a store has the methods named, e.g. `supports(store, "listReferrers")`. */
export function supports<Store extends object, Method extends keyof Repository>(
  store: Store,
  ...methods: Method[]
): store is Store & Pick<Repository, Method> {
  return methods.every(
    (method) => typeof (store as Record<string, unknown>)[method] === "function",
  );
}
