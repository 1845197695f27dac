/**
 * A folder in the OCI image layout as a store. skopeo, podman, oras, crane and regctl read what is written here, and we
 * what they write. Source: OCI image-spec 1.1, "Image Layout".
 */
import { existsSync } from "node:fs";
import { resolve as absolutePath } from "node:path";

import { interrupted, isError, WharfError } from "../../errors.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import type { DigestAlgorithm } from "../../reference/digest.ts";
import { checkTag } from "../../reference/name.ts";
import { admitManifest } from "../admission.ts";
import { BlobFolder } from "../disk/blobFolder.ts";
import type { BlobFile } from "../disk/blobFolder.ts";
import { Uploads } from "../disk/uploads.ts";
import { blobNotFound, manifestNotFound } from "../missing.ts";
import { bytesSource } from "../sources.ts";
import type {
  BlobSource,
  Bytes,
  Cancellable,
  Manifest,
  PushOptions,
  Range,
  Repository,
  Upload,
} from "../store.ts";
import { IndexFile } from "./indexFile.ts";
import { LayoutManifests } from "./manifests.ts";
import { findReferrers } from "./referrers.ts";
import { LayoutWriter } from "./writer.ts";
import type { Change } from "./writer.ts";

export interface LayoutOptions {
  /** Whether a folder that is missing or empty becomes a layout, when something is first written. @default false */
  readonly create?: boolean;
  /**
   * What a push promises. Always: nothing is named before it is whole, and what was pushed survives the end of the
   * process, however it ends. Of a power cut:
   * - `each`: when a push returns, it survives one.
   * - `batch`: it survives one once a manifest with a tag was pushed after it, or the layout was closed.
   * - `none`: what the system had not written by then is lost or cut short, and is seen by its size and copied again.
   *   Nothing waits for the disk, as with other tools.
   *
   * With `batch` and `none` untagged manifests are named in `index.json` together, with the next one that has a tag or
   * at the end, not one by one.
   * @default each
   */
  readonly durability?: Durability;
}

export type Durability = "each" | "batch" | "none";

export interface StreamPushOptions extends Cancellable, PushOptions {
  /** @default sha256 */
  readonly algorithm?: DigestAlgorithm;
  /** Of the descriptor returned. @default application/octet-stream */
  readonly mediaType?: string;
}

/** One OCI layout. Close it after writing. */
export interface LayoutStore extends Repository {
  /** The folder's absolute path. */
  readonly folder: string;
  /** The manifests named in `index.json`, with a tag or without. */
  roots(): Promise<Descriptor[]>;
  /** Stores bytes whose digest nobody knows yet, in one pass. */
  pushStream(source: BlobSource, options?: StreamPushOptions): Promise<Descriptor>;
  /** A blob's file, to be sent without streams; the caller closes it. */
  openBlobFile(digest: Digest): Promise<BlobFile | undefined>;
  /** Waits until everything pushed is named and, unless durability is `none`, on the disk. */
  flush(): Promise<void>;
  /**
   * Forgets uploads that nothing was appended to for `age` milliseconds.
   * @returns how many
   */
  expireUploads(age: number): Promise<number>;
  /** Flushes, and removes what was only needed for writing. */
  close(): Promise<void>;
}

/**
 * Opens a layout. Several processes may write to it at once, and each may be killed at any point: afterwards the layout
 * holds what it held, or the new content, whole.
 *
 * @throws WharfError FILE_NOT_FOUND, LAYOUT_INVALID
 * @example
 * const layout = await openLayout("images/nginx", { create: true });
 * await layout.pushManifest(manifest, { tag: "1.27" });
 * await layout.close();
 */
export async function openLayout(
  folder: string,
  options: LayoutOptions = {},
): Promise<LayoutStore> {
  const path = absolutePath(folder);
  const { durability = "each" } = options;
  const durable = durability !== "none";
  const file = new IndexFile(path, { durable });
  const isLayout = await file.check();
  if (!isLayout && options.create !== true) {
    if (!existsSync(path)) throw new WharfError("FILE_NOT_FOUND", `${path}: no such folder`);
    throw new WharfError("LAYOUT_INVALID", `${path}: is no OCI layout`);
  }
  const blobs = new BlobFolder(path, { durable });
  await blobs.checkFolders();
  return new Layout(path, blobs, file, durability);
}

class Layout implements LayoutStore {
  readonly folder: string;
  readonly #blobs: BlobFolder;
  readonly #file: IndexFile;
  readonly #manifests: LayoutManifests;
  readonly #writer: LayoutWriter;
  readonly #uploads: Uploads;
  readonly #durability: Durability;

  constructor(folder: string, blobs: BlobFolder, file: IndexFile, durability: Durability) {
    this.folder = folder;
    this.#blobs = blobs;
    this.#file = file;
    this.#manifests = new LayoutManifests(folder, blobs);
    const durable = durability !== "none";
    this.#writer = new LayoutWriter({ folder, blobs, file, manifests: this.#manifests, durable });
    this.#uploads = new Uploads(() => this.#writer.workspace());
    this.#durability = durability;
  }

  async resolve(reference: string): Promise<Descriptor> {
    const { entries } = await this.#file.read();
    return this.#manifests.resolve(entries, reference);
  }

  async fetchManifest(reference: string): Promise<Manifest> {
    const { entries } = await this.#file.read();
    return this.#manifests.fetch(entries, reference);
  }

  fetchBlob({ digest }: Descriptor, options: Range & Cancellable = {}): Promise<Bytes> {
    return this.#blobs.read(digest, options);
  }

  async statBlob(digest: Digest): Promise<Descriptor | undefined> {
    const size = await this.#blobs.size(digest);
    return size === undefined ? undefined : { mediaType: generic, digest, size };
  }

  openBlobFile(digest: Digest): Promise<BlobFile | undefined> {
    return this.#blobs.open(digest);
  }

  async roots(): Promise<Descriptor[]> {
    await this.#writer.flush();
    return (await this.#file.read()).entries.roots();
  }

  async pushBlob(
    descriptor: Descriptor,
    source: BlobSource,
    options: Cancellable & PushOptions = {},
  ): Promise<void> {
    await this.#writer.storeBlob(descriptor, source, options);
    if (this.#durability === "each") await this.#writer.sync();
  }

  async pushStream(
    source: BlobSource,
    { algorithm = "sha256", mediaType = generic, ...options }: StreamPushOptions = {},
  ): Promise<Descriptor> {
    const { digest, size } = await this.#writer.storeStream(source, algorithm, options);
    if (this.#durability === "each") await this.#writer.sync();
    return { mediaType, digest, size };
  }

  async pushManifest(manifest: Manifest, options: { tag?: string } = {}): Promise<void> {
    const { tag } = options;
    if (tag !== undefined) checkTag(tag);
    const record = admitManifest(manifest);
    const { descriptor, children, subject } = record;
    const { artifactType } = record.referrer;
    const { platform } = manifest.descriptor;
    const entry = {
      ...descriptor,
      ...(subject !== undefined && artifactType !== undefined && { artifactType }),
      ...(platform !== undefined && { platform }),
    };
    const store = () => this.#writer.storeBlob(descriptor, bytesSource(manifest.bytes));
    await store();
    const change: Change = async ({ entries, subjects, doomed }) => {
      // Another process may have deleted it since; while the lock is held, none can.
      if ((await this.#blobs.size(descriptor.digest)) === undefined) await store();
      doomed.delete(descriptor.digest);
      if (tag === undefined) entries.add(entry);
      else entries.tag(entry, tag);
      for (const child of children) {
        // What refers to something must keep its entry: that is where referrers are looked for.
        if ((await this.#subjectOf(child.digest)) === undefined) entries.dropUnnamed(child.digest);
      }
      if (subject !== undefined) subjects.add(subject);
      this.#manifests.note(record);
    };
    if (tag === undefined && this.#durability !== "each") this.#writer.changeLater(change);
    else await this.#writer.change(change);
  }

  canMount(): boolean {
    return false;
  }

  async mountBlob(): Promise<boolean> {
    return false;
  }

  async tag({ digest }: Descriptor, tag: string): Promise<void> {
    checkTag(tag);
    await this.#writer.change(async ({ entries, doomed }) => {
      if (doomed.has(digest)) throw manifestNotFound(digest, this.folder);
      const found = await this.#manifests.resolve(entries, digest);
      entries.tag(entries.findDigest(digest) ?? found, tag);
    });
  }

  async *listTags({ last = "", signal }: Cancellable & { last?: string } = {}) {
    const { entries } = await this.#file.read();
    for (const tag of entries.tags()) {
      if (signal?.aborted) throw interrupted(signal);
      if (tag > last) yield tag;
    }
  }

  async *listReferrers(
    digest: Digest,
    { artifactType, signal }: Cancellable & { artifactType?: string } = {},
  ) {
    await this.#writer.flush();
    const { entries } = await this.#file.read();
    for (const referrer of await findReferrers(digest, entries, this.#manifests)) {
      if (signal?.aborted) throw interrupted(signal);
      if (artifactType === undefined || referrer.artifactType === artifactType) yield referrer;
    }
  }

  async deleteManifest(digest: Digest): Promise<void> {
    await this.#writer.change(async ({ entries, subjects, doomed }) => {
      const here = !doomed.has(digest) && (await this.#manifests.has(digest));
      if (!here) throw manifestNotFound(digest, this.folder);
      const { children, subject } = await this.#manifests.record(digest);
      entries.remove(digest);
      doomed.add(digest);
      if (subject !== undefined) subjects.add(subject);
      this.#manifests.forget(digest);
      // Children that were only reached through it stay, so they are named from now on.
      for (const child of children) {
        const stays = !doomed.has(child.digest) && (await this.#manifests.has(child.digest));
        if (stays) entries.add(child);
      }
    });
  }

  async deleteTag(tag: string): Promise<void> {
    await this.#writer.change(({ entries }) => {
      if (!entries.untag(tag)) throw manifestNotFound(tag, this.folder);
    });
  }

  async deleteBlob(digest: Digest): Promise<void> {
    const path = this.#blobs.path(digest);
    await this.#writer.change(async ({ entries }) => {
      if (entries.findDigest(digest) !== undefined) {
        throw new WharfError("UNSUPPORTED", `${path}: is a manifest, not a blob`, {
          hint: "Delete it as a manifest.",
        });
      }
      if (!(await this.#blobs.remove(digest))) throw blobNotFound(digest, this.folder);
      this.#writer.noteBlob(digest);
    });
  }

  createUpload({ algorithm }: { algorithm?: string } = {}): Promise<Upload> {
    return this.#uploads.create(this.folder, this.#place, algorithm);
  }

  openUpload(id: string): Promise<Upload> {
    return this.#uploads.open(this.folder, this.#place, id);
  }

  expireUploads(age: number): Promise<number> {
    return this.#uploads.expire(age);
  }

  flush(): Promise<void> {
    return this.#writer.flush();
  }

  async close(): Promise<void> {
    await this.#uploads.close();
    await this.#writer.close();
  }

  readonly #place = async (file: string, { digest }: Descriptor): Promise<void> => {
    await this.#blobs.place(file, digest);
    this.#writer.noteBlob(digest);
    await this.#writer.sync();
  };

  /** What a child refers to, where it is here and a manifest. */
  async #subjectOf(digest: Digest): Promise<Digest | undefined> {
    try {
      return (await this.#manifests.record(digest)).subject;
    } catch (error) {
      if (isError(error, "MANIFEST_NOT_FOUND", "DIGEST_MISMATCH")) return undefined;
      throw error;
    }
  }
}

const generic = "application/octet-stream";
