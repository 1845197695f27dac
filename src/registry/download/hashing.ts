/** The hash of a file that is being written, not always in order. */
import type { Digest } from "../../reference/descriptor.ts";
import type { Digester } from "../../store/digester.ts";
import type { Part } from "./part.ts";

/** Bytes that are read back at once. */
const blockSize = 1024 * 1024;

/**
 * Takes chunks as they come where they come in order; what was written out of turn, or by another process, is read back
 * once the bytes before it are there.
 */
export class Hashing {
  readonly #digester: Digester;
  readonly #part: Part;
  #position = 0;
  #reading: Promise<void> | undefined;
  #updating: Promise<void> | undefined;
  #failure: unknown;

  constructor(digester: Digester, part: Part) {
    this.#digester = digester;
    this.#part = part;
  }

  /** Takes a chunk if its turn is now. */
  take(chunk: Uint8Array, position: number): void | Promise<void> {
    if (this.#reading || position !== this.#position) return;
    this.#position += chunk.byteLength;
    return this.#update(chunk);
  }

  /** A digester takes one chunk after another: the next when the one before is done. */
  #update(chunk: Uint8Array): void | Promise<void> {
    const taken = this.#updating
      ? this.#updating.then(() => this.#digester.update(chunk))
      : this.#digester.update(chunk);
    if (!taken) return;
    const updating: Promise<void> = taken.finally(() => {
      if (this.#updating === updating) this.#updating = undefined;
    });
    this.#updating = updating;
    return updating;
  }

  /** Begins to read what is there and was not hashed, unless that is little or under way. */
  follow(): void {
    if (this.#reading || this.#part.ranges.prefix - this.#position < blockSize) return;
    this.#reading = this.#read()
      .catch((error: unknown) => {
        this.#failure ??= error;
      })
      .finally(() => {
        this.#reading = undefined;
      });
  }

  /** The digest of all that was written. */
  async finish(): Promise<Digest> {
    await this.#reading;
    if (this.#failure !== undefined) throw this.#failure;
    await this.#read();
    return this.#digester.digest();
  }

  dispose(): void {
    this.#digester.dispose();
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(new SharedArrayBuffer(blockSize));
    while (this.#position < this.#part.ranges.prefix) {
      const room = Math.min(blockSize, this.#part.ranges.prefix - this.#position);
      const read = await this.#part.read(buffer.subarray(0, room), this.#position);
      if (read === 0) return;
      await this.#update(buffer.subarray(0, read));
      this.#position += read;
    }
  }
}
