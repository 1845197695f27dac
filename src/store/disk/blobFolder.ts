/** The `blobs` folder of an OCI layout: `blobs/ALGORITHM/HEX`. Source: OCI image-spec 1.1, "Image Layout". */
import { lstatSync, renameSync } from "node:fs";
import { realpath } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { join } from "node:path";

import { interrupted, WharfError } from "../../errors.ts";
import type { Bytes, Cancellable } from "../../http/bytes.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { parseDigest, type DigestAlgorithm } from "../../reference/digest.ts";
import { createDigester, type Digester } from "../digester.ts";
import { blobNotFound } from "../missing.ts";
import type { BlobSource, PushOptions, Range } from "../store.ts";
import { verified } from "../verified.ts";
import { confirmFile, touchFile } from "./confirmation.ts";
import { diskError, failedWith } from "./failure.ts";
import { FileWriter } from "./fileWriter.ts";
import { fileBytes, readExactly } from "./fileBytes.ts";
import { createFile, createFolder, openRegular, putFile, removeFile, renameFile } from "./files.ts";
import { sizeOfRegular, syncFile, syncFolder } from "./files.ts";
import { Flush } from "./flush.ts";
import type { Pool } from "./pool.ts";
import { announce } from "./steps.ts";
import { tryLinkNow } from "./tryLink.ts";
import type { Turns } from "./turns.ts";

/**
 * Bytes up to which a blob that nobody waits for on the disk is written at once: four calls of the system, which together
 * take less time than one journey to another thread and back.
 */
const smallSize = 64 << 10;

/** A blob's file, open for reading; whoever asked for it closes it. */
export interface BlobFile {
  readonly handle: FileHandle;
  /** Bytes. */
  readonly size: number;
}

export interface BlobFolderOptions {
  /** Where blobs are shared with other layouts. */
  readonly pool?: Pool;
  /** Whether what is written is made to survive a power cut. @default true */
  readonly durable?: boolean;
  /** Milliseconds since 1970, for the times at which blobs are confirmed. @default Date.now */
  readonly now?: () => number;
  /** Where somebody may collect what lies here. */
  readonly turns?: Turns;
}

export class BlobFolder {
  readonly #folder: string;
  readonly #pool: Pool | undefined;
  readonly #durable: boolean;
  readonly #now: () => number;
  readonly #turns: Turns | undefined;
  readonly #syncs = new Map<string, Flush>();
  readonly #prepared = new Set<string>();

  /** @param folder the layout's; it need not exist yet */
  constructor(folder: string, options: BlobFolderOptions = {}) {
    const { pool, durable = true, now = Date.now, turns } = options;
    this.#folder = folder;
    this.#turns = turns;
    this.#pool = pool;
    this.#durable = durable;
    this.#now = now;
  }

  /** @throws WharfError DIGEST_INVALID */
  path(digest: Digest): string {
    const { algorithm, encoded } = parseDigest(digest);
    return join(this.#folder, "blobs", algorithm, encoded);
  }

  /**
   * Checks that no folder of blobs is a link to somewhere else.
   * @throws WharfError LAYOUT_INVALID
   */
  async checkFolders(): Promise<void> {
    for (const name of ["blobs", join("blobs", "sha256"), join("blobs", "sha512")]) {
      const path = join(this.#folder, name);
      try {
        const expected = join(await realpath(this.#folder), name);
        if ((await realpath(path)) === expected) continue;
      } catch (error) {
        if (failedWith(error, "ENOENT")) continue;
        throw diskError(error, path);
      }
      throw new WharfError("LAYOUT_INVALID", `${path}: leads out of the layout`);
    }
  }

  /** The blob's size in bytes, undefined where it is not here. */
  async size(digest: Digest): Promise<number | undefined> {
    return sizeOfRegular(this.path(digest));
  }

  /**
   * As {@link size}, and notes that somebody relies on the blob: see `confirmation.ts`. What is said to be here stays for
   * as long as its time says, whoever collects at this moment: see `turns.ts`.
   */
  async confirm(digest: Digest): Promise<number | undefined> {
    const path = this.path(digest);
    const size = await confirmFile(path, this.#now());
    if (size === undefined || this.#turns === undefined) return size;
    lookOut(path);
    if (this.#turns.isLeaving(digest)) return this.#turns.take(() => sizeNow(path));
    lookOut(path);
    // Between our time and our look somebody may have removed it, and taken back the announcement. The system has just
    // looked at the name: to look again takes less than a journey to another thread.
    return sizeNow(path);
  }

  async open(digest: Digest): Promise<BlobFile | undefined> {
    return openRegular(this.path(digest));
  }

  /** All of a blob of at most `limit` bytes. */
  async readWhole(digest: Digest, limit: number): Promise<Uint8Array | undefined> {
    const file = await this.open(digest);
    if (file === undefined) return undefined;
    const { handle, size } = file;
    const path = this.path(digest);
    try {
      if (size > limit) {
        throw new WharfError("MANIFEST_TOO_LARGE", `${path}: has ${size} bytes, not ${limit}`);
      }
      return await readExactly(handle, 0, new Uint8Array(size));
    } catch (error) {
      throw diskError(error, path);
    } finally {
      await handle.close();
    }
  }

  /** @throws WharfError BLOB_NOT_FOUND */
  async read(digest: Digest, range: Range & Cancellable = {}): Promise<Bytes> {
    if ((await this.size(digest)) === undefined) throw blobNotFound(digest, this.#folder);
    return fileBytes(this.path(digest), range, () => blobNotFound(digest, this.#folder));
  }

  /**
   * Writes a blob to `temporary`, verified, and moves it to its place when it is whole and, if it is to be durable, on
   * the disk. Its name is on the disk after {@link sync}.
   */
  async write(
    descriptor: Descriptor,
    source: BlobSource,
    temporary: string,
    { signal, onProgress }: Cancellable & PushOptions = {},
  ): Promise<void> {
    const body = await source.open(0, { ...(signal && { signal }) });
    if (!this.#durable && this.#pool === undefined && descriptor.size <= smallSize) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of verified(descriptor, body)) chunks.push(chunk);
      if (signal?.aborted) throw interrupted(signal);
      await this.#prepare(this.path(descriptor.digest));
      putFile(chunks, temporary, this.path(descriptor.digest));
      onProgress?.(descriptor.size);
      return;
    }
    const options = { ...(signal && { signal }), ...(onProgress && { onProgress }) };
    await this.#fill(temporary, verified(descriptor, body), options);
    await this.#finish(temporary, descriptor.digest);
  }

  /**
   * Writes bytes whose digest shows in the end, and moves them to where it says.
   * @param algorithm of the digest
   */
  async writeStream(
    source: BlobSource,
    algorithm: DigestAlgorithm,
    temporary: string,
    options: Cancellable & PushOptions = {},
  ): Promise<{ digest: Digest; size: number }> {
    const { signal } = options;
    const digester = createDigester(
      algorithm,
      source.size === undefined ? {} : { size: source.size },
    );
    try {
      const body = await source.open(0, signal && { signal });
      const size = await this.#fill(temporary, hashed(body, digester), options);
      const digest = await digester.digest();
      await this.#finish(temporary, digest);
      return { digest, size };
    } finally {
      digester.dispose();
    }
  }

  /** @returns bytes written */
  async #fill(
    temporary: string,
    body: Bytes,
    { signal, onProgress }: Cancellable & PushOptions,
  ): Promise<number> {
    const handle = await createFile(temporary);
    try {
      const recycle = body.recycle?.bind(body);
      const writer = new FileWriter(handle, temporary, { recycle, durable: this.#durable });
      for await (const chunk of body) {
        if (signal?.aborted) throw interrupted(signal);
        const room = writer.write(chunk);
        if (room !== undefined) await room;
        onProgress?.(writer.position);
      }
      await writer.flush();
      onProgress?.(writer.position);
      if (this.#durable) await syncFile(handle, temporary);
      await handle.close();
      return writer.position;
    } catch (error) {
      await handle.close().catch(() => {});
      await removeFile(temporary).catch(() => {});
      throw error;
    }
  }

  async #finish(temporary: string, digest: Digest): Promise<void> {
    try {
      await this.place(temporary, digest);
    } catch (error) {
      await removeFile(temporary).catch(() => {});
      throw error;
    }
  }

  /** Moves a finished file to where its digest says, or drops it for the same one of the pool. */
  async place(temporary: string, digest: Digest): Promise<void> {
    const path = this.path(digest);
    await this.#prepare(path);
    if (this.#pool) {
      const size = (await sizeOfRegular(temporary)) ?? 0;
      const now = this.#now();
      const shared = await this.#pool.find(digest, { path: temporary, size }, now);
      if (shared !== undefined && (await this.#inTurn(() => shared.giveName(path)))) {
        await removeFile(temporary);
        return;
      }
      await touchFile(temporary, now);
    }
    if (this.#turns === undefined) await renameFile(temporary, path);
    else await this.#inTurn(() => renameNow(temporary, path));
    await this.#pool?.give(digest, path);
  }

  /** Takes a blob over from a sibling. @returns false where that cannot be done */
  async takeFrom(sibling: BlobFolder, digest: Digest): Promise<boolean> {
    const path = this.path(digest);
    // Both names may be of one file, which is confirmed before it gets the second.
    if ((await sibling.confirm(digest)) === undefined) return false;
    if ((await this.confirm(digest)) !== undefined) return true;
    await this.#prepare(path);
    const from = sibling.path(digest);
    if (await this.#inTurn(() => tryLinkNow(from, path))) return true;
    return (await this.confirm(digest)) !== undefined;
  }

  /** @returns whether it was here */
  async remove(digest: Digest): Promise<boolean> {
    const found = await removeFile(this.path(digest));
    await this.unshare(digest);
    return found;
  }

  /** Lets the pool forget a blob whose file was removed, unless others have it. */
  async unshare(digest: Digest): Promise<void> {
    await this.#pool?.drop(digest);
  }

  /** Makes the names of blobs of the digest's algorithm survive a power cut. */
  async sync(digest: Digest): Promise<void> {
    if (!this.#durable) return;
    const folder = join(this.path(digest), "..");
    let flush = this.#syncs.get(folder);
    if (flush === undefined) {
      let known = false;
      flush = new Flush(async () => {
        await syncFolder(folder);
        // Who made the folders above may have been killed before they were on the disk.
        const above = [join(folder, ".."), this.#folder, join(this.#folder, "..")];
        if (!known) await Promise.all(above.map((path) => syncFolder(path)));
        known = true;
      });
      this.#syncs.set(folder, flush);
    }
    await flush.run();
  }

  async #inTurn<Result>(work: () => Result): Promise<Result> {
    return this.#turns === undefined ? work() : this.#turns.take(work);
  }

  async #prepare(path: string): Promise<void> {
    const folder = join(path, "..");
    if (this.#prepared.has(folder)) return;
    await createFolder(folder, { durable: this.#durable });
    this.#prepared.add(folder);
  }
}

function lookOut(path: string): void {
  try {
    announce("look", path);
  } catch (error) {
    throw diskError(error, path);
  }
}

/** At once: in a turn there is no waiting. */
function sizeNow(path: string): number | undefined {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? found.size : undefined;
}

function renameNow(from: string, to: string): void {
  try {
    announce("rename", to);
    renameSync(from, to);
  } catch (error) {
    throw diskError(error, to);
  }
}

/** Hands bytes on while they are hashed. */
function hashed(body: Bytes, digester: Digester): Bytes {
  async function* chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of body) {
      const taken = digester.update(chunk);
      if (taken !== undefined) await taken;
      yield chunk;
    }
  }
  const generator = chunks();
  return {
    [Symbol.asyncIterator]: () => generator,
    recycle: (chunk) => body.recycle?.(chunk),
  };
}
