/** Writes to a file, one after another: several at once on one file wait for each other in the system, and burn time there. */
import type { FileHandle } from "node:fs/promises";

import { DirectWriter, pieceSize } from "../../store/disk/directWriter.ts";

/** Bytes after which the disk is set to work, so that little is left to wait for at the end. */
const flushInterval = 64 * 1024 * 1024;

export class Writer {
  readonly #handle: FileHandle;
  readonly #durable: boolean;
  readonly #direct = new DirectWriter();
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
    if (!this.#writing && this.#direct.ready) return this.#writeNow(bytes, position);
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
    this.#direct.write(this.#handle.fd, bytes, position);
    this.#flush(bytes.byteLength);
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
