/** Writes to a file, one after another: several at once on one file wait for each other in the system, and burn time there. */
import { writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { availableParallelism } from "node:os";

/** Bytes after which the disk is set to work, so that little is left to wait for at the end. */
const flushInterval = 64 * 1024 * 1024;
/** Buffers in one call; systems take 1024 (`IOV_MAX`). */
const mostBuffers = 256;
/** Milliseconds that a write may hold this thread up before others do it, and for how long they do. */
const slow = 10;
const respite = 1000;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly position: number;
  resolve(): void;
  reject(error: unknown): void;
}

export class Writer {
  readonly #handle: FileHandle;
  readonly #durable: boolean;
  readonly #queue: Waiting[] = [];
  /**
   * When this thread may write by itself again (`performance.now`). On two cores, which are busy with receiving and
   * hashing, a third thread costs more than it brings: half of the system's time is saved by writing what is still in the cache.
   */
  #next = availableParallelism() <= 2 ? 0 : Infinity;
  #writing = false;
  #flushing: Promise<void> | undefined;
  #unflushed = 0;

  /** @param durable whether `sync` will be called, so that the disk may begin early */
  constructor(handle: FileHandle, durable = false) {
    this.#handle = handle;
    this.#durable = durable;
  }

  /** Writes all of `bytes`; what lies side by side and waits is written together. */
  write(bytes: Uint8Array, position: number): void | Promise<void> {
    const now = performance.now();
    if (!this.#writing && now >= this.#next) {
      for (let done = 0; done < bytes.byteLength;) {
        done += writeSync(this.#handle.fd, bytes, done, undefined, position + done);
      }
      this.#flush(bytes.byteLength);
      // The disk does not keep up: whatever else this process does must not wait for it.
      if (performance.now() - now > slow) this.#next = performance.now() + respite;
      return;
    }
    return new Promise((resolve, reject) => {
      this.#queue.push({ bytes, position, resolve, reject });
      if (!this.#writing) void this.#run();
    });
  }

  /** Waits until the disk has everything. */
  async sync(): Promise<void> {
    await this.#flushing;
    await this.#handle.datasync();
  }

  /** Waits for a flush that is under way, without beginning one. */
  async idle(): Promise<void> {
    await this.#flushing;
  }

  async #run(): Promise<void> {
    this.#writing = true;
    for (let run = this.#take(); run.length > 0; run = this.#take()) {
      try {
        this.#flush(await this.#writeRun(run));
        for (const { resolve } of run) resolve();
      } catch (error) {
        for (const { reject } of run) reject(error);
      }
    }
    this.#writing = false;
  }

  /** What is at the head of the queue, as far as it is one stretch of the file. */
  #take(): Waiting[] {
    const run: Waiting[] = [];
    let end = this.#queue[0]?.position;
    while (this.#queue[0] && this.#queue[0].position === end && run.length < mostBuffers) {
      const next = this.#queue.shift()!;
      end = next.position + next.bytes.byteLength;
      run.push(next);
    }
    return run;
  }

  async #writeRun(run: readonly Waiting[]): Promise<number> {
    const position = run[0]?.position ?? 0;
    const buffers = run.map(({ bytes }) => bytes);
    const size = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
    let done = (await this.#handle.writev(buffers, position)).bytesWritten;
    while (done < size) {
      // A full disk takes a part, and says so at the next call.
      const rest = Buffer.concat(buffers).subarray(done);
      done += (await this.#handle.write(rest, 0, rest.byteLength, position + done)).bytesWritten;
    }
    return size;
  }

  #flush(bytes: number): void {
    if (!this.#durable) return;
    this.#unflushed += bytes;
    if (this.#unflushed < flushInterval || this.#flushing) return;
    this.#unflushed = 0;
    // Where it fails, the sync at the end fails, too.
    this.#flushing = this.#handle
      .datasync()
      .catch(() => {})
      .finally(() => (this.#flushing = undefined));
  }
}
