/**
 * A registry's data directory: one OCI layout for each repository, in a folder of its own, so that other tools can read
 * it; a catalogue that knows names and referrers; unfinished uploads; and a pool by which repositories share bytes.
 *
 *     catalog.db          manifests, tags, referrers
 *     repositories/a+b/   the layout of the repository a/b
 *     pool/               hard links to all blobs
 *     uploads/            what is being received
 */
import { existsSync } from "node:fs";
import { join, resolve as absolutePath } from "node:path";

import { interrupted, WharfError } from "../../errors.ts";
import type { Cancellable } from "../../http/bytes.ts";
import { checkRepositoryName } from "../../reference/name.ts";
import { BlobFolder } from "../disk/blobFolder.ts";
import { createFolder } from "../disk/files.ts";
import { Pool } from "../disk/pool.ts";
import { isUploadId, Uploads } from "../disk/uploads.ts";
import { Workspace } from "../disk/workspace.ts";
import { IndexFile } from "../layout/indexFile.ts";
import type { CollectionCounts, RepositoryCollection } from "../store.ts";
import { ByteCache } from "./byteCache.ts";
import { Catalog } from "./catalog.ts";
import { countCollection } from "./counts.ts";
import { takeIn } from "./takeIn.ts";
import { Projection } from "./projection.ts";
import { folderName, RepositoryRecords, repositoryNames } from "./records.ts";
import { CollectionRepository } from "./repository.ts";
import { turnsOf } from "./retiring.ts";
import type { Shared, StoredRepository } from "./repository.ts";
import type { Collected, CollectOptions, Premises } from "./garbage/collect.ts";
import type { Verified, VerifyOptions } from "./garbage/verify.ts";

/** Bytes of manifests that are kept in memory. */
const manifestCache = 16 << 20;

/** Repositories whose objects are kept, each of some hundred bytes. */
const openLimit = 10_000;

/** Milliseconds after which an upload that nobody continues is forgotten, and how often that is looked for. */
const uploadAge = 7 * 24 * 3600_000;
const tidyEvery = 3600_000;

/** How a data directory is opened, and how long uploads wait in it. */
export interface CollectionOptions {
  /** Whether a folder that is missing becomes a data directory. @default true */
  readonly create?: boolean;
  /**
   * Milliseconds after which an upload that nobody continues is forgotten; Infinity keeps them all.
   * @default a week
   */
  readonly uploadAge?: number;
  /** Milliseconds since 1970, for the times at which content is confirmed. @default Date.now */
  readonly now?: () => number;
}

/** A data directory. */
export interface StoredCollection extends RepositoryCollection {
  /** The folder's absolute path. */
  readonly folder: string;
  repository(name: string): StoredRepository;
  /**
   * Forgets uploads of this process, and of those that died, that nothing was appended to for `age` milliseconds.
   * @param options.dryRun whether they are only counted
   * @returns how many
   */
  expireUploads(age: number, options?: { readonly dryRun?: boolean }): Promise<number>;
  /**
   * Removes what nothing needs any more, while others read and write, in this process or another; only the bytes of blobs
   * that no repository has are freed. Memory does not grow with the number of blobs. Two calls take turns.
   * @throws WharfError INTERRUPTED: what was removed so far is consistent
   * @example
   * const { bytes } = await collection.collectGarbage({ untagged: true, dryRun: true });
   */
  collectGarbage(options?: CollectOptions): Promise<Collected>;
  /**
   * Reads everything, and finds what is not what its digest says. Damaged blobs are mended from a good copy, or set aside
   * in the folder `damaged`, so that they can be pushed again.
   * @throws WharfError INTERRUPTED
   */
  verify(options?: VerifyOptions): Promise<Verified>;
}

/**
 * Opens a data directory, and creates it where it is not there. Several processes may have it open.
 *
 * A push returns when what was pushed would survive a power cut. After a crash, opening removes what was unfinished,
 * keeps the uploads that can be resumed, and brings every `index.json` up to date. Uploads that nobody has continued for
 * a week are forgotten.
 *
 * @throws WharfError FILE_NOT_FOUND, LAYOUT_INVALID, FILE_FAILED, DISK_FULL
 * @example
 * const collection = await openCollection("/var/lib/registry");
 * await collection.repository("library/nginx").pushManifest(manifest, { tag: "1.27" });
 * await collection.close();
 */
export async function openCollection(
  folder: string,
  options: CollectionOptions = {},
): Promise<StoredCollection> {
  const path = absolutePath(folder);
  const repositories = join(path, "repositories");
  if (options.create === false) checkThere(path);
  await createFolder(repositories);
  const catalog = await Catalog.open(join(path, "catalog.db"), options.now);
  let workspace: Workspace | undefined;
  try {
    workspace = await Workspace.open(join(path, "uploads"), isUploadId);
    await takeIn(repositories, catalog);
    const collection = new Collection(path, catalog, workspace);
    await collection.catchUp();
    await collection.tidy(options.uploadAge);
    return collection;
  } catch (error) {
    await workspace?.close();
    await catalog.close().catch(() => {});
    throw error;
  }
}

/** @throws WharfError FILE_NOT_FOUND, LAYOUT_INVALID where the folder is no data directory */
function checkThere(path: string): void {
  const hint = "Name the folder that `wharf registry serve --store` was given.";
  if (!existsSync(path))
    throw new WharfError("FILE_NOT_FOUND", `${path}: no such folder`, { hint });
  if (["catalog.db", "repositories"].some((name) => existsSync(join(path, name)))) return;
  throw new WharfError("LAYOUT_INVALID", `${path}: is no data directory of a registry`, { hint });
}

class Collection implements StoredCollection {
  readonly folder: string;
  readonly #shared: Shared;
  readonly #projection: Projection;
  readonly #pool: Pool;
  readonly #repositories = new Map<string, CollectionRepository>();
  readonly #prepared = new Map<string, Promise<void>>();
  #tidying: NodeJS.Timeout | undefined;
  #collecting: Promise<unknown> = Promise.resolve();

  constructor(folder: string, catalog: Catalog, workspace: Workspace) {
    this.folder = folder;
    this.#pool = new Pool(join(folder, "pool"));
    this.#projection = new Projection({
      catalog,
      workspace,
      place: (name) => ({ folder: this.#path(name), blobs: this.#blobs(name) }),
    });
    this.#shared = {
      catalog,
      workspace,
      uploads: new Uploads(async () => workspace),
      manifests: new ByteCache(manifestCache),
      confirmed: new Map(),
      prepare: (name) => this.#prepare(name),
      changed: (name) => this.#projection.mark(name),
    };
  }

  repository(name: string): CollectionRepository {
    let repository = this.#repositories.get(name);
    if (repository === undefined) {
      checkRepositoryName(name);
      repository = new CollectionRepository(name, this.#blobs(name), this.#shared);
      if (this.#repositories.size >= openLimit) this.#repositories.clear();
      this.#repositories.set(name, repository);
    }
    return repository;
  }

  async hasRepository(name: string): Promise<boolean> {
    return new RepositoryRecords(this.#shared.catalog, name).exists();
  }

  count(): Promise<CollectionCounts> {
    const { catalog, workspace } = this.#shared;
    return countCollection(catalog, workspace, this.#pool.folder);
  }

  async *listRepositories({ last = "", signal }: Cancellable & { last?: string } = {}) {
    const { catalog } = this.#shared;
    for (let page = repositoryNames(catalog, last); page.length > 0;) {
      for (const name of page) {
        if (signal?.aborted) throw interrupted(signal);
        yield name;
      }
      page = repositoryNames(catalog, page.at(-1) ?? "");
    }
  }

  expireUploads(age: number, options: { dryRun?: boolean } = {}): Promise<number> {
    return this.#shared.uploads.expire(age, options);
  }

  collectGarbage(options: CollectOptions = {}): Promise<Collected> {
    return this.#inTurn(async () => {
      const { collectGarbage } = await import("./garbage/collect.ts");
      return collectGarbage(this.#premises, options);
    }, options);
  }

  verify(options: VerifyOptions = {}): Promise<Verified> {
    return this.#inTurn(async () => {
      const { verifyContent } = await import("./garbage/verify.ts");
      return verifyContent(this.#premises, options);
    }, options);
  }

  /** The collector's tables belong to the connection, so there is one run at a time. */
  async #inTurn<Result>(work: () => Promise<Result>, { signal }: Cancellable): Promise<Result> {
    const before = this.#collecting;
    const run = before.then(() => {
      if (signal?.aborted) throw interrupted(signal);
      return work();
    });
    this.#collecting = run.catch(() => {});
    // Who waits may go; whose work has begun is asked by that work.
    return Promise.race([run, untilInterrupted(before, signal)]);
  }

  get #premises(): Premises {
    const { catalog, workspace } = this.#shared;
    return {
      catalog,
      pool: this.#pool,
      place: (name) => ({ folder: this.#path(name), blobs: this.#blobs(name) }),
      temporary: () => workspace.path(),
      changed: (name) => this.#projection.mark(name),
    };
  }

  catchUp(): Promise<void> {
    return this.#projection.catchUp();
  }

  /** Forgets what was abandoned, now and from time to time. */
  async tidy(age = uploadAge): Promise<void> {
    if (age === Infinity) return;
    // What cannot be removed now is due again next time.
    const work = () => this.expireUploads(age).then(undefined, () => {});
    this.#tidying = setInterval(work, tidyEvery).unref();
    await work();
  }

  async close(): Promise<void> {
    const { catalog, workspace, uploads } = this.#shared;
    clearInterval(this.#tidying);
    await this.#collecting;
    await uploads.close();
    try {
      await this.#projection.catchUp();
    } finally {
      await workspace.close();
      await catalog.close();
    }
  }

  #path(name: string): string {
    return join(this.folder, "repositories", folderName(name));
  }

  #blobs(name: string): BlobFolder {
    const { catalog } = this.#shared;
    const { now } = catalog;
    const turns = turnsOf(catalog, name);
    return new BlobFolder(this.#path(name), { pool: this.#pool, now, turns });
  }

  /** Makes a repository's folder a layout; its index follows when something was pushed. */
  #prepare(name: string): Promise<void> {
    let prepared = this.#prepared.get(name);
    if (prepared === undefined) {
      prepared = this.#makeLayout(name).catch((error: unknown) => {
        this.#prepared.delete(name);
        throw error;
      });
      if (this.#prepared.size >= openLimit) this.#prepared.clear();
      this.#prepared.set(name, prepared);
    }
    return prepared;
  }

  async #makeLayout(name: string): Promise<void> {
    const path = this.#path(name);
    await createFolder(path);
    const file = new IndexFile(path);
    if (!(await file.check())) await file.create(this.#shared.workspace.path());
  }
}

/** Fails where the signal comes before the promise is settled, and else never ends. */
function untilInterrupted(waiting: Promise<unknown>, signal: AbortSignal | undefined) {
  return new Promise<never>((_, reject) => {
    if (signal === undefined) return;
    const abort = () => reject(interrupted(signal));
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    void waiting.finally(() => signal.removeEventListener("abort", abort));
  });
}
