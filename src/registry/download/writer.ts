/** Writes to a file, one after another: several at once on one file wait for each other in the system, and burn time there. */
import type { FileHandle } from "node:fs/promises";

/** Bytes after which the disk is set to work, so that little is left to wait for at the end. */
const flushInterval = 64 * 1024 * 1024;
/** Buffers in one call: what systems promise to take (`IOV_MAX`) is 1024. */
const mostBuffers = 256;

interface Waiting {
  readonly bytes: Uint8Array;
  readonly position: number;
  resolve(): void;
  reject(error: unknown): void;
}

export class Writer {
  readonly #handle: FileHandle;
  readonly #queue: Waiting[] = [];
  #writing = false;
  #flushing: Promise<void> | undefined;
  #unflushed = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Writes all of `bytes`; what lies side by side and waits is written together. */
  write(bytes: Uint8Array, position: number): Promise<void> {
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
    for (let run = this.#next(); run.length > 0; run = this.#next()) {
      try {
        const size = await this.#writeRun(run);
        for (const { resolve } of run) resolve();
        this.#flush(size);
      } catch (error) {
        for (const { reject } of run) reject(error);
      }
    }
    this.#writing = false;
  }

  /** What is at the head of the queue, as far as it is one stretch of the file. */
  #next(): Waiting[] {
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
    const [first] = run;
    if (!first) return 0;
    const size = run.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    const { position } = first;
    const buffers = run.map(({ bytes }) => bytes);
    let done = (await this.#handle.writev(buffers, position)).bytesWritten;
    while (done < size) {
      // A full disk takes a part, and says so at the next call.
      const rest = Buffer.concat(buffers).subarray(done);
      done += (await this.#handle.write(rest, 0, rest.byteLength, position + done)).bytesWritten;
    }
    return size;
  }

  #flush(bytes: number): void {
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
