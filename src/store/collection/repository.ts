/** One repository of a data directory. */
import { lstatSync, rmSync } from "node:fs";

import { interrupted, WharfError } from "../../errors.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { digestOf, isDigest, parseDigest } from "../../reference/digest.ts";
import { manifestLimit } from "../../reference/manifest.ts";
import { checkTag } from "../../reference/name.ts";
import { admitManifest } from "../admission.ts";
import type { BlobFile, BlobFolder } from "../disk/blobFolder.ts";
import { confirmedFor } from "../disk/confirmation.ts";
import { announce } from "../disk/steps.ts";
import type { Uploads } from "../disk/uploads.ts";
import type { Workspace } from "../disk/workspace.ts";
import { blobNotFound, manifestNotFound, wrongBytes } from "../missing.ts";
import { bytesSource } from "../sources.ts";
import type {
  BlobSource,
  Bytes,
  Cancellable,
  Manifest,
  PushOptions,
  Range,
  Repository,
  Requirement,
  TagGuard,
  Upload,
} from "../store.ts";
import type { Catalog } from "./catalog.ts";
import type { ByteCache } from "./byteCache.ts";
import { RepositoryRecords } from "./records.ts";

/** What the repositories of a data directory share. */
export interface Shared {
  readonly catalog: Catalog;
  readonly workspace: Workspace;
  readonly uploads: Uploads;
  readonly manifests: ByteCache;
  /** Manifests that were confirmed of late, and when (milliseconds since 1970). */
  readonly confirmed: Map<string, number>;
  /** Makes the repository's folder a layout, once. */
  readonly prepare: (name: string) => Promise<void>;
  /** Notes that `index.json` is to be written again. */
  readonly changed: (name: string) => void;
}

/** A repository whose blobs are files. */
export interface StoredRepository extends Repository {
  readonly name: string;
  /** A blob's file, to be sent without streams; the caller closes it. */
  openBlobFile(digest: Digest): Promise<BlobFile | undefined>;
}

const generic = "application/octet-stream";

/** Manifests that are known to be confirmed, each of some hundred bytes. */
const confirmedLimit = 10_000;

/** How often a manifest is stored again that somebody deletes at the same time. */
const attempts = 5;

export class CollectionRepository implements StoredRepository {
  readonly name: string;
  readonly #shared: Shared;
  readonly #blobs: BlobFolder;
  readonly #records: RepositoryRecords;
  #exists = false;

  constructor(name: string, blobs: BlobFolder, shared: Shared) {
    this.name = name;
    this.#blobs = blobs;
    this.#shared = shared;
    this.#records = new RepositoryRecords(shared.catalog, name);
  }

  async resolve(reference: string): Promise<Descriptor> {
    // Who asks for a tag need not be protected: a manifest that loses its last tag is kept for a while in any case.
    if (isDigest(reference)) await this.#confirmManifest(reference);
    const descriptor = this.#records.find(reference);
    if (descriptor === undefined) throw manifestNotFound(reference, this.name);
    return descriptor;
  }

  async fetchManifest(reference: string): Promise<Manifest> {
    const descriptor = await this.resolve(reference);
    const { digest } = descriptor;
    let bytes = this.#shared.manifests.get(digest);
    if (bytes === undefined) {
      bytes = await this.#blobs.readWhole(digest, manifestLimit);
      if (bytes === undefined) throw manifestNotFound(reference, this.name);
      const actual = digestOf(bytes, parseDigest(digest).algorithm);
      if (actual !== digest) throw wrongBytes(this.#blobs.path(digest), actual);
      this.#shared.manifests.set(digest, bytes);
    }
    return { descriptor, bytes: bytes.slice() };
  }

  fetchBlob({ digest }: Descriptor, options: Range & Cancellable = {}): Promise<Bytes> {
    return this.#blobs.read(digest, options);
  }

  async statBlob(digest: Digest): Promise<Descriptor | undefined> {
    const size = await this.#blobs.confirm(digest);
    return size === undefined ? undefined : { mediaType: generic, digest, size };
  }

  openBlobFile(digest: Digest): Promise<BlobFile | undefined> {
    return this.#blobs.open(digest);
  }

  async pushBlob(
    descriptor: Descriptor,
    source: BlobSource,
    options: Cancellable & PushOptions = {},
  ): Promise<void> {
    await this.#storeBlob(descriptor, source, options);
    await this.#create();
  }

  async pushManifest(
    manifest: Manifest,
    { tag, beforeUntag, required = [] }: TagGuard & Requirement & { tag?: string } = {},
  ): Promise<void> {
    if (tag !== undefined) checkTag(tag);
    for (const needed of required) parseDigest(needed);
    const record = admitManifest(manifest);
    const { digest } = record.descriptor;
    const path = this.#blobs.path(digest);
    for (let attempt = 1; ; attempt++) {
      await this.#storeManifest(record.descriptor, manifest.bytes);
      const stored = await this.#shared.catalog.write(() => {
        // Another process may have deleted it since, or collected what it names; while we write, none can.
        if (!isThere(path)) return false;
        const missing = required.find((needed) => !isThere(this.#blobs.path(needed)));
        if (missing !== undefined) throw blobNotFound(missing, this.name);
        if (tag !== undefined) this.#guard(tag, digest, beforeUntag);
        this.#records.put(record, tag);
        return true;
      });
      if (stored) break;
      if (attempt === attempts)
        throw new WharfError("LOCKED", `${path}: is deleted again and again`);
    }
    this.#exists = true;
    this.#shared.changed(this.name);
  }

  canMount(source: object): boolean {
    return source instanceof CollectionRepository && source.#shared === this.#shared;
  }

  async mountBlob({ digest }: Descriptor, source: object): Promise<boolean> {
    if (!(source instanceof CollectionRepository) || !this.canMount(source)) return false;
    if ((await source.statBlob(digest)) === undefined) return false;
    await this.#shared.prepare(this.name);
    if (!(await this.#blobs.takeFrom(source.#blobs, digest))) return false;
    await this.#blobs.sync(digest);
    await this.#create();
    return true;
  }

  async tag({ digest }: Descriptor, tag: string, { beforeUntag }: TagGuard = {}): Promise<void> {
    checkTag(tag);
    await this.#shared.catalog.write(() => {
      if (this.#records.find(digest) === undefined) throw manifestNotFound(digest, this.name);
      this.#guard(tag, digest, beforeUntag);
      this.#records.tag(digest, tag);
    });
    this.#shared.changed(this.name);
  }

  async *listTags({ last = "", signal }: Cancellable & { last?: string } = {}) {
    for (let page = this.#records.tags(last); page.length > 0;) {
      for (const tag of page) {
        if (signal?.aborted) throw interrupted(signal);
        yield tag;
      }
      page = this.#records.tags(page.at(-1) ?? "");
    }
  }

  async *listReferrers(
    digest: Digest,
    { artifactType, signal }: Cancellable & { artifactType?: string } = {},
  ) {
    for (let page = this.#records.referrers(digest, 0); page.length > 0;) {
      for (const { descriptor } of page) {
        if (signal?.aborted) throw interrupted(signal);
        if (artifactType === undefined || descriptor.artifactType === artifactType) {
          yield descriptor;
        }
      }
      page = this.#records.referrers(digest, page.at(-1)?.place ?? 0);
    }
  }

  async deleteManifest(digest: Digest, { beforeUntag }: TagGuard = {}): Promise<void> {
    const path = this.#blobs.path(digest);
    const { catalog } = this.#shared;
    await catalog.write(() => {
      if (beforeUntag) for (const tag of this.#records.tagsOf(digest)) beforeUntag(tag);
      if (!this.#records.remove(digest)) throw manifestNotFound(digest, this.name);
    });
    this.#shared.changed(this.name);
    // The bytes go after the row, so that no row is ever without them; unless somebody has pushed it again.
    await catalog.write(() => {
      if (this.#records.find(digest) !== undefined || this.#records.isUsed(digest)) return;
      announce("remove", path);
      rmSync(path, { force: true });
    });
    await this.#blobs.unshare(digest);
  }

  async deleteTag(tag: string): Promise<void> {
    await this.#shared.catalog.write(() => {
      if (!this.#records.removeTag(tag)) throw manifestNotFound(tag, this.name);
    });
    this.#shared.changed(this.name);
  }

  async deleteBlob(digest: Digest): Promise<void> {
    parseDigest(digest);
    if (this.#records.find(digest) !== undefined) {
      throw new WharfError("UNSUPPORTED", `${this.name}: ${digest} is a manifest, not a blob`, {
        hint: "Delete it as a manifest.",
      });
    }
    if (!(await this.#blobs.remove(digest))) throw blobNotFound(digest, this.name);
    await this.#blobs.sync(digest);
  }

  createUpload({ algorithm }: { algorithm?: string } = {}): Promise<Upload> {
    return this.#shared.uploads.create(this.name, this.#place, algorithm);
  }

  openUpload(id: string): Promise<Upload> {
    return this.#shared.uploads.open(this.name, this.#place, id);
  }

  /** Inside a `catalog.write`, so that the tag stays where it was seen. */
  #guard(tag: string, digest: Digest, beforeUntag: TagGuard["beforeUntag"]): void {
    if (!beforeUntag) return;
    const before = this.#records.find(tag);
    if (before !== undefined && before.digest !== digest) beforeUntag(tag);
  }

  readonly #place = async (file: string, { digest }: Descriptor): Promise<void> => {
    await this.#shared.prepare(this.name);
    await this.#blobs.place(file, digest);
    await this.#blobs.sync(digest);
    await this.#create();
  };

  async #storeBlob(
    descriptor: Descriptor,
    source: BlobSource,
    options: Cancellable & PushOptions = {},
  ): Promise<void> {
    await this.#shared.prepare(this.name);
    if ((await this.#blobs.confirm(descriptor.digest)) !== descriptor.size) {
      await this.#blobs.write(descriptor, source, this.#shared.workspace.path(), options);
    }
    await this.#blobs.sync(descriptor.digest);
  }

  /** A manifest is small enough to be looked at: one that was damaged since is mended by being pushed again. */
  async #storeManifest(descriptor: Descriptor, bytes: Uint8Array): Promise<void> {
    const { digest, size } = descriptor;
    await this.#shared.prepare(this.name);
    const found =
      (await this.#blobs.confirm(digest)) === size
        ? await this.#blobs.readWhole(digest, size)
        : undefined;
    if (found === undefined || Buffer.compare(found, bytes) !== 0) {
      const temporary = this.#shared.workspace.path();
      await this.#blobs.write(descriptor, bytesSource(bytes), temporary);
    }
    await this.#blobs.sync(digest);
  }

  async #confirmManifest(digest: Digest): Promise<void> {
    const { confirmed, catalog } = this.#shared;
    const key = `${this.name}@${digest}`;
    const now = catalog.now();
    if (now - (confirmed.get(key) ?? -Infinity) < confirmedFor) return;
    if ((await this.#blobs.confirm(digest)) === undefined) return;
    if (confirmed.size >= confirmedLimit) confirmed.clear();
    confirmed.set(key, now);
  }

  /** Makes the repository known, once it has something. */
  async #create(): Promise<void> {
    if (this.#exists) return;
    if (!this.#records.exists()) {
      await this.#shared.catalog.write(() => this.#records.create());
      this.#shared.changed(this.name);
    }
    this.#exists = true;
  }
}

/** While the catalogue is written there is no waiting, lest others of this process get into it. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
