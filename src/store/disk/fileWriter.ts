/** Writes a stream of chunks to a file: here while the system takes them at once, else on another thread. */
import type { FileHandle } from "node:fs/promises";

import { DirectWriter, pieceSize } from "./directWriter.ts";
import { diskError } from "./failure.ts";
import { announce } from "./steps.ts";

/** Bytes that may wait for the disk: enough to hide its hiccups, few enough to stay in the processor's cache. */
const window = 1 << 20;

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
  /** Whether the file will be synced in the end, so that the disk begins early. @default true */
  readonly durable?: boolean;
  /** Whether this thread writes as long as nothing holds it up. @default with at most two processors */
  readonly here?: boolean;
}

/** One write is under way at a time, so what is in the file is always the beginning of what was given. */
export class FileWriter {
  readonly #handle: FileHandle;
  readonly #path: string;
  readonly #recycle: ((chunk: Uint8Array) => void) | undefined;
  readonly #durable: boolean;
  readonly #direct: DirectWriter;
  #position: number;
  #synced: number;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #batch: Promise<void> | undefined;
  #sync: Promise<void> | undefined;
  #failure: Error | undefined;
  #lost = false;

  constructor(handle: FileHandle, path: string, options: FileWriterOptions = {}) {
    this.#handle = handle;
    this.#path = path;
    this.#position = options.position ?? 0;
    this.#synced = this.#position;
    this.#recycle = options.recycle;
    this.#durable = options.durable ?? true;
    this.#direct = new DirectWriter(options.here);
  }

  /** Bytes in the file. */
  get position(): number {
    return this.#position;
  }

  /** Whether the disk has lost bytes that can still be read here: the system goes on showing them, and tells no second time. */
  get lost(): boolean {
    return this.#lost;
  }

  /**
   * Takes a chunk, which must not be changed any more. Wait for the promise, where there is one, before giving more.
   * @throws WharfError DISK_FULL, FILE_FAILED, also of an earlier chunk
   */
  write(chunk: Uint8Array): void | Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (chunk.byteLength === 0) return;
    if (this.#batch === undefined && this.#direct.ready) {
      this.#writeNow(chunk);
      return;
    }
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

  #writeNow(chunk: Uint8Array): void {
    try {
      announce("write", this.#path);
      this.#direct.write(this.#handle.fd, chunk, this.#position, (count) => {
        this.#position += count;
      });
    } catch (error) {
      this.#failure = diskError(error, this.#path);
      return;
    }
    this.#recycle?.(chunk);
    this.#syncBehind();
  }

  #next(): void {
    const batch = this.#queue;
    this.#queue = [];
    this.#queued = 0;
    this.#batch = this.#write(batch).then(
      () => {
        this.#batch = undefined;
        if (this.#queue.length > 0) this.#next();
        else this.#syncBehind();
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
      const { bytesWritten } = await this.#handle.writev(upTo(pieceSize, rest), this.#position);
      this.#position += bytesWritten;
      rest = after(rest, bytesWritten);
    }
    if (this.#recycle !== undefined) for (const chunk of batch) this.#recycle(chunk);
  }

  #syncBehind(): void {
    if (!this.#durable || this.#position - this.#synced < syncEvery) return;
    this.#synced = this.#position;
    this.#sync ??= this.#handle.datasync().then(
      () => {
        this.#sync = undefined;
      },
      (error: unknown) => {
        this.#sync = undefined;
        this.#lost = true;
        this.#failure ??= diskError(error, this.#path);
      },
    );
  }
}

/** The first of `chunks`, together at most `size` bytes. */
function upTo(size: number, chunks: Uint8Array[]): Uint8Array[] {
  const taken: Uint8Array[] = [];
  let left = size;
  for (const chunk of chunks) {
    if (left === 0) break;
    const part = chunk.subarray(0, left);
    taken.push(part);
    left -= part.byteLength;
  }
  return taken;
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
