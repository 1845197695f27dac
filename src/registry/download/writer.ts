/** Writes to a file, one after another: several at once on one file wait for each other in the system, and burn time there. */
import { writeSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { availableParallelism } from "node:os";

/**
 * Bytes of one call. Above, Linux takes large pages for the cache, which in a virtual machine are often memory that nobody has
 * touched yet: measured, 1 GiB in calls of 256 KiB takes 0.3 s, of 1 MiB 2 s.
 */
const pieceSize = 256 * 1024;
/** Bytes after which the disk is set to work, so that little is left to wait for at the end. */
const flushInterval = 64 * 1024 * 1024;
/** Milliseconds that a write may hold this thread up before others do it, and for how long they do. */
const slow = 10;
const respite = 1000;

export class Writer {
  readonly #handle: FileHandle;
  readonly #durable: boolean;
  /**
   * When this thread may write by itself again (`performance.now`). On two cores, which are busy with receiving and hashing,
   * a third thread costs more than it brings: what was just received is still in the cache here.
   */
  #next = availableParallelism() <= 2 ? 0 : Infinity;
  /** The last of the writes that other threads do. */
  #writing: Promise<void> | undefined;
  #flushing: Promise<void> | undefined;
  #unflushed = 0;

  /** @param durable whether `sync` will be called, so that the disk may begin early */
  constructor(handle: FileHandle, durable = false) {
    this.#handle = handle;
    this.#durable = durable;
  }

  /** Writes all of `bytes`. */
  write(bytes: Uint8Array, position: number): void | Promise<void> {
    if (!this.#writing && performance.now() >= this.#next) return this.#writeNow(bytes, position);
    const before = this.#writing;
    const writing = this.#writeLater(before, bytes, position).finally(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
    this.#writing = writing;
    return writing;
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

  #writeNow(bytes: Uint8Array, position: number): void {
    const begun = performance.now();
    for (let done = 0; done < bytes.byteLength;) {
      const length = Math.min(pieceSize, bytes.byteLength - done);
      done += writeSync(this.#handle.fd, bytes, done, length, position + done);
    }
    this.#flush(bytes.byteLength);
    // The disk does not keep up: whatever else this process does must not wait for it.
    const ended = performance.now();
    if (ended - begun > slow) this.#next = ended + respite;
  }

  async #writeLater(before: Promise<void> | undefined, bytes: Uint8Array, position: number) {
    await before;
    for (let done = 0; done < bytes.byteLength;) {
      const length = Math.min(pieceSize, bytes.byteLength - done);
      done += (await this.#handle.write(bytes, done, length, position + done)).bytesWritten;
    }
    this.#flush(bytes.byteLength);
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
