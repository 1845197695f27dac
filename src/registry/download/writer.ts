/** Writes to a file, one after another: several at once on one file wait for each other in the system, and burn time there. */
import type { FileHandle } from "node:fs/promises";

import { DirectWriter, pieceSize } from "../../store/disk/directWriter.ts";

/** Bytes after which the disk is set to work, so that little is left to wait for at the end. */
const flushInterval = 64 * 1024 * 1024;

export interface WriterOptions {
  /** Whether `sync` will be called, so that the disk may begin early. @default false */
  readonly durable?: boolean;
  /** Whether this thread writes as long as nothing holds it up. @default with at most two processors */
  readonly here?: boolean;
}

export class Writer {
  readonly #handle: FileHandle;
  readonly #durable: boolean;
  readonly #direct: DirectWriter;
  /** The last of the writes that other threads do. */
  #writing: Promise<void> | undefined;
  #flushing: Promise<void> | undefined;
  #unflushed = 0;
  #failure: { readonly error: unknown } | undefined;
  #lost = false;

  constructor(handle: FileHandle, { durable = false, here }: WriterOptions = {}) {
    this.#handle = handle;
    this.#durable = durable;
    this.#direct = new DirectWriter(here);
  }

  /**
   * Writes all of `bytes`. After a failure nothing is written any more: what came behind bytes that are missing would make
   * a file of which they seem to be a part.
   */
  write(bytes: Uint8Array, position: number): void | Promise<void> {
    this.#check();
    if (!this.#writing && this.#direct.ready) return this.#writeNow(bytes, position);
    const before = this.#writing;
    const writing = this.#writeLater(before, bytes, position).finally(() => {
      if (this.#writing === writing) this.#writing = undefined;
    });
    this.#writing = writing;
    return writing;
  }

  /** Waits until the disk has everything. @throws what a write or a flush failed with, too */
  async sync(): Promise<void> {
    await this.#flushing;
    this.#check();
    await this.#datasync();
  }

  /** Whether the disk has lost bytes that can still be read here: the system goes on showing them, and tells no second time. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Waits for a flush that is under way, without beginning one. */
  async idle(): Promise<void> {
    await this.#flushing;
  }

  #writeNow(bytes: Uint8Array, position: number): void {
    try {
      this.#direct.write(this.#handle.fd, bytes, position);
    } catch (error) {
      throw this.#failed(error);
    }
    this.#flush(bytes.byteLength);
  }

  async #writeLater(before: Promise<void> | undefined, bytes: Uint8Array, position: number) {
    await before;
    try {
      for (let done = 0; done < bytes.byteLength;) {
        const length = Math.min(pieceSize, bytes.byteLength - done);
        done += (await this.#handle.write(bytes, done, length, position + done)).bytesWritten;
      }
    } catch (error) {
      throw this.#failed(error);
    }
    this.#flush(bytes.byteLength);
  }

  #flush(bytes: number): void {
    if (!this.#durable) return;
    this.#unflushed += bytes;
    if (this.#unflushed < flushInterval || this.#flushing) return;
    this.#unflushed = 0;
    // The system tells once that bytes did not reach the disk: the sync at the end would find nothing wrong.
    this.#flushing = this.#datasync()
      .catch(() => {})
      .finally(() => (this.#flushing = undefined));
  }

  async #datasync(): Promise<void> {
    try {
      await this.#handle.datasync();
    } catch (error) {
      this.#lost = true;
      throw this.#failed(error);
    }
  }

  #check(): void {
    if (this.#failure) throw this.#failure.error;
  }

  #failed(error: unknown): unknown {
    this.#failure ??= { error };
    return error;
  }
}
