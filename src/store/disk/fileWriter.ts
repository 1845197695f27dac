/** Writes a stream of chunks to a file, while the next chunks are fetched and hashed. */
import type { FileHandle } from "node:fs/promises";

import { diskError } from "./failure.ts";
import { announce } from "./steps.ts";

/** Bytes that may wait for the disk: enough to hide its hiccups, little against the limit of 160 MiB for everything. */
const window = 4 << 20;

/**
 * Bytes after which what was written is sent to the disk in the background, so that the end of a large blob need not
 * wait for all of it.
 */
const syncEvery = 64 << 20;

export interface FileWriterOptions {
  /** Where the first chunk goes. @default 0 */
  readonly position?: number;
  /** Takes chunks back once they are written. */
  readonly recycle?: ((chunk: Uint8Array) => void) | undefined;
}

/**
 * One write is under way at a time, and takes along all chunks that came meanwhile; so what is in the file is always the
 * beginning of what was given.
 */
export class FileWriter {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #recycle: ((chunk: Uint8Array) => void) | undefined;
  #position: number;
  #synced: number;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #batch: Promise<void> | undefined;
  #sync: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(handle: FileHandle, path: string, options: FileWriterOptions = {}) {
    this.#handle = handle;
    this.#path = path;
    this.#position = options.position ?? 0;
    this.#synced = this.#position;
    this.#recycle = options.recycle;
  }

  /** Bytes in the file. */
  get position(): number {
    return this.#position;
  }

  /**
   * Takes a chunk, which must not be changed any more. Wait for the promise, where there is one, before giving more.
   * @throws WharfError DISK_FULL, FILE_FAILED, also of an earlier chunk
   */
  write(chunk: Uint8Array): void | Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (chunk.byteLength === 0) return;
    this.#queue.push(chunk);
    this.#queued += chunk.byteLength;
    if (this.#batch === undefined) this.#next();
    else if (this.#queued >= window) return this.#batch.then(() => this.#check());
  }

  /** Waits until everything given is in the file. */
  async flush(): Promise<void> {
    while (this.#batch !== undefined) await this.#batch;
    await this.#sync;
    this.#check();
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #next(): void {
    const batch = this.#queue;
    this.#queue = [];
    this.#queued = 0;
    this.#batch = this.#write(batch).then(
      () => {
        this.#batch = undefined;
        if (this.#queue.length > 0) this.#next();
        else if (this.#position - this.#synced >= syncEvery) this.#syncBehind();
      },
      (error: unknown) => {
        this.#batch = undefined;
        this.#failure = diskError(error, this.#path);
      },
    );
  }

  async #write(batch: Uint8Array[]): Promise<void> {
    announce("write", this.#path);
    let rest = batch;
    while (rest.length > 0) {
      // A disk that is nearly full takes a part, and refuses the next.
      const { bytesWritten } = await this.#handle.writev(rest, this.#position);
      this.#position += bytesWritten;
      rest = after(rest, bytesWritten);
    }
    if (this.#recycle !== undefined) for (const chunk of batch) this.#recycle(chunk);
  }

  #syncBehind(): void {
    this.#synced = this.#position;
    this.#sync ??= this.#handle.datasync().then(
      () => {
        this.#sync = undefined;
      },
      (error: unknown) => {
        this.#sync = undefined;
        this.#failure ??= diskError(error, this.#path);
      },
    );
  }
}

/** What remains of `chunks` without the first `count` bytes. */
function after(chunks: Uint8Array[], count: number): Uint8Array[] {
  let left = count;
  const index = chunks.findIndex((chunk) => {
    if (chunk.byteLength > left) return true;
    left -= chunk.byteLength;
    return false;
  });
  if (index < 0) return [];
  const [first, ...others] = chunks.slice(index);
  return first === undefined ? [] : [first.subarray(left), ...others];
}
