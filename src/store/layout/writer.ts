/** Changes to a layout: blobs first, then `index.json`, which only one process at a time may replace. */
import { join } from "node:path";

import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import type { DigestAlgorithm } from "../../reference/digest.ts";
import { referrersTag } from "../../reference/manifest.ts";
import type { BlobFolder } from "../disk/blobFolder.ts";
import { Flush } from "../disk/flush.ts";
import { takeLock } from "../disk/lock.ts";
import { isUploadId } from "../disk/uploads.ts";
import { Workspace } from "../disk/workspace.ts";
import { bytesSource } from "../sources.ts";
import type { BlobSource, Cancellable, PushOptions } from "../store.ts";
import type { Entries } from "./entries.ts";
import type { IndexFile } from "./indexFile.ts";
import type { LayoutManifests } from "./manifests.ts";
import { findReferrers, referrersIndex } from "./referrers.ts";

/** What changes work on while the lock is held. */
export interface Draft {
  readonly entries: Entries;
  /** Manifests whose referrers change. */
  readonly subjects: Set<Digest>;
  /** Blobs to remove once no index names them any more. */
  readonly doomed: Set<Digest>;
}

/** What a change throws is its caller's; other changes of the same turn are made all the same. */
export type Change = (draft: Draft) => Promise<void> | void;

interface Waiting {
  readonly change: Change;
  /** What nobody waits for is tried again if the index cannot be written. */
  readonly awaited: boolean;
  failure?: unknown;
}

export interface WriterParts {
  readonly folder: string;
  readonly blobs: BlobFolder;
  readonly file: IndexFile;
  readonly manifests: LayoutManifests;
  /** Whether what is written is made to survive a power cut. */
  readonly durable: boolean;
}

export class LayoutWriter {
  readonly #parts: WriterParts;
  readonly #flush = new Flush(() => this.#turn());
  #workspace: Promise<Workspace> | undefined;
  #waiting: Waiting[] = [];
  /** Blobs, one of each algorithm, whose names are not on the disk yet. */
  readonly #unsynced = new Map<string, Digest>();

  constructor(parts: WriterParts) {
    this.#parts = parts;
  }

  /** Where unfinished files are; at first use the folder becomes a layout. */
  workspace(): Promise<Workspace> {
    this.#workspace ??= this.#open().catch((error: unknown) => {
      this.#workspace = undefined;
      throw error;
    });
    return this.#workspace;
  }

  /** Stores a blob; its name is on the disk after {@link sync}. */
  async storeBlob(
    descriptor: Descriptor,
    source: BlobSource,
    options: Cancellable & PushOptions = {},
  ): Promise<void> {
    const { blobs } = this.#parts;
    const { digest, size } = descriptor;
    // A file of another size was cut short by somebody who does not sync; it is replaced.
    if ((await blobs.size(digest)) !== size) {
      const workspace = await this.workspace();
      await blobs.write(descriptor, source, workspace.path(), options);
    }
    this.noteBlob(digest);
  }

  /** Stores bytes whose digest is found out while they are written; the name is on the disk after {@link sync}. */
  async storeStream(
    source: BlobSource,
    algorithm: DigestAlgorithm,
    options: Cancellable & PushOptions = {},
  ): Promise<{ digest: Digest; size: number }> {
    const workspace = await this.workspace();
    const stored = await this.#parts.blobs.writeStream(
      source,
      algorithm,
      workspace.path(),
      options,
    );
    this.noteBlob(stored.digest);
    return stored;
  }

  /** Remembers that a blob's name is not on the disk yet. */
  noteBlob(digest: Digest): void {
    this.#unsynced.set(digest.slice(0, digest.indexOf(":")), digest);
  }

  /** Waits until the names of all blobs are on the disk. */
  async sync(): Promise<void> {
    const unsynced = [...this.#unsynced.values()];
    await Promise.all(unsynced.map((digest) => this.#parts.blobs.sync(digest)));
    for (const digest of unsynced) {
      const algorithm = digest.slice(0, digest.indexOf(":"));
      if (this.#unsynced.get(algorithm) === digest) this.#unsynced.delete(algorithm);
    }
  }

  /** Makes a change, together with others that wait, and returns when it is written. */
  async change(change: Change): Promise<void> {
    const waiting: Waiting = { change, awaited: true };
    this.#waiting.push(waiting);
    await this.#flush.run();
    if (waiting.failure !== undefined) throw waiting.failure;
  }

  /** Makes a change with the next one, or when the layout is closed. */
  changeLater(change: Change): void {
    this.#waiting.push({ change, awaited: false });
  }

  /** Makes the changes that wait. */
  async flush(): Promise<void> {
    if (this.#waiting.length > 0) await this.#flush.run();
    await this.sync();
  }

  async close(): Promise<void> {
    await this.flush();
    const workspace = await this.#workspace;
    this.#workspace = undefined;
    await workspace?.close();
  }

  async #open(): Promise<Workspace> {
    const { folder, file, durable } = this.#parts;
    const isLayout = await file.check();
    const workspace = await Workspace.open(join(folder, ".wharfinger"), isUploadId, { durable });
    try {
      if (!isLayout) await file.create(workspace.path());
      return workspace;
    } catch (error) {
      await workspace.close();
      throw error;
    }
  }

  async #turn(): Promise<void> {
    const { folder, file } = this.#parts;
    const turn = this.#waiting;
    this.#waiting = [];
    if (turn.length === 0) return;
    try {
      const workspace = await this.workspace();
      const lock = await takeLock(join(folder, ".wharfinger", "lock"));
      try {
        await this.#apply(turn, workspace);
      } finally {
        await lock.release();
      }
    } catch (error) {
      file.forget();
      this.#waiting.unshift(...turn.filter(({ awaited }) => !awaited));
      throw error;
    }
  }

  async #apply(turn: readonly Waiting[], workspace: Workspace): Promise<void> {
    const { file, blobs } = this.#parts;
    const index = await file.read();
    const draft = {
      entries: index.entries,
      subjects: new Set<Digest>(),
      doomed: new Set<Digest>(),
    };
    for (const waiting of turn) {
      try {
        await waiting.change(draft);
      } catch (error) {
        waiting.failure = error;
      }
    }
    await this.sync();
    for (const subject of draft.subjects) await this.#listReferrers(subject, draft, workspace);
    if (draft.entries.changed) await file.write(index, workspace.path());
    for (const digest of draft.doomed) await blobs.remove(digest);
  }

  /** Keeps the index of a manifest's referrers that other tools look for. */
  async #listReferrers(subject: Digest, draft: Draft, workspace: Workspace): Promise<void> {
    const { blobs, manifests } = this.#parts;
    const { entries, doomed } = draft;
    const found = await findReferrers(subject, entries, manifests);
    const referrers = found.filter(({ digest }) => !doomed.has(digest));
    const tag = referrersTag(subject);
    let before: Digest | undefined;
    if (referrers.length === 0) before = entries.setReferrersTag(tag);
    else {
      const { descriptor, bytes } = referrersIndex(referrers);
      if ((await blobs.size(descriptor.digest)) === undefined) {
        await blobs.write(descriptor, bytesSource(bytes), workspace.path());
        await blobs.sync(descriptor.digest);
      }
      before = entries.setReferrersTag(tag, descriptor);
    }
    if (before !== undefined) doomed.add(before);
  }
}
