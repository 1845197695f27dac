/** Hands a source's bytes to one request after another, each from wherever the registry wants them. */
import { WharfError } from "../../errors.ts";
import type { StreamBody } from "../../http/http.ts";
import type { BlobSource, Bytes, Cancellable } from "../../store/store.ts";

export interface OutletOptions extends Cancellable {
  /** Whose bytes these are, for messages. */
  readonly subject: string;
  /** Bytes that the source must have, where known. */
  readonly size?: number;
  /** Called with each run of bytes the first time that it passes, before it is sent. */
  readonly onBytes?: (chunk: Uint8Array) => void | Promise<void>;
  readonly onProgress?: (bytes: number) => void;
}

export class Outlet {
  readonly #source: BlobSource;
  readonly #options: OutletOptions;
  #bytes: Bytes | undefined;
  #iterator: AsyncIterator<Uint8Array> | undefined;
  /** What is left of a chunk when a piece ends within it. */
  #rest: Uint8Array | undefined;
  /** Of the read that is under way, if the request that began it has failed meanwhile. */
  #reading: Promise<unknown> = Promise.resolve();
  #position = 0;
  /** Bytes that `onBytes` was called with. */
  #shown = 0;
  #ended = false;

  constructor(source: BlobSource, options: OutletOptions) {
    this.#source = source;
    this.#options = options;
  }

  /** Bytes that a request has taken, counted from the source's beginning. */
  get position(): number {
    return this.#position;
  }

  /** Whether the source has given its last byte. */
  get ended(): boolean {
    return this.#ended || this.#position === this.#options.size;
  }

  get replayable(): boolean {
    return this.#source.replayable;
  }

  /** Whether the source can go on from there. */
  canContinue(offset: number): boolean {
    return this.replayable || offset === this.#position;
  }

  /**
   * A body from `offset` on.
   * @param length bytes at most; without it to the end
   */
  body(offset: number, length?: number): StreamBody {
    const { size } = this.#options;
    const rest = size === undefined ? undefined : size - offset;
    const bytes =
      length === undefined || rest === undefined ? (rest ?? undefined) : Math.min(length, rest);
    return {
      replayable: this.replayable,
      ...(bytes !== undefined && { size: bytes }),
      open: async () => this.#open(offset, length ?? Infinity),
    };
  }

  /** All bytes go out another way. */
  passed(): void {
    this.close();
    this.#position = this.#options.size ?? 0;
  }

  /** Frees the source. */
  close(): void {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    this.#rest = undefined;
    // A source in the middle of a read ends when that read does; nobody waits for it.
    void iterator?.return?.()?.catch(() => {});
  }

  #open(offset: number, length: number): Bytes {
    const chunks = this.#chunks(offset, length);
    // What is left of a chunk that is split is still to be sent: none goes back then.
    if (length !== Infinity) return chunks;
    return {
      [Symbol.asyncIterator]: () => chunks,
      recycle: (chunk) => this.#bytes?.recycle?.(chunk),
    };
  }

  async *#chunks(offset: number, length: number): AsyncGenerator<Uint8Array, void, undefined> {
    const { subject, size, onBytes, onProgress } = this.#options;
    await this.#reading;
    await this.#seek(offset);
    for (let left = length; left > 0;) {
      let chunk = await this.#next();
      if (!chunk) {
        this.#ended = true;
        break;
      }
      if (chunk.byteLength > left) {
        this.#rest = chunk.subarray(left);
        chunk = chunk.subarray(0, left);
      }
      left -= chunk.byteLength;
      this.#position += chunk.byteLength;
      if (size !== undefined && this.#position > size) {
        throw new WharfError(
          "SIZE_MISMATCH",
          `${subject}: the source has more than the ${size} bytes promised`,
        );
      }
      if (onBytes && this.#position > this.#shown) {
        const known = this.#shown - (this.#position - chunk.byteLength);
        this.#shown = this.#position;
        await onBytes(known > 0 ? chunk.subarray(known) : chunk);
      }
      onProgress?.(this.#position);
      yield chunk;
    }
    if (size !== undefined && this.#ended && this.#position < size) {
      throw new WharfError(
        "SIZE_MISMATCH",
        `${subject}: the source ended after ${this.#position} of the ${size} bytes promised`,
      );
    }
  }

  async #seek(offset: number): Promise<void> {
    if (this.#iterator && this.#position === offset) return;
    const { signal, subject } = this.#options;
    if (this.#iterator && !this.replayable) {
      throw new WharfError(
        "UNSUPPORTED",
        `${subject}: the source cannot be read again from byte ${offset}`,
      );
    }
    this.close();
    this.#bytes = await this.#source.open(offset, signal && { signal });
    this.#iterator = this.#bytes[Symbol.asyncIterator]();
    this.#position = offset;
    this.#ended = false;
  }

  async #next(): Promise<Uint8Array | undefined> {
    const rest = this.#rest;
    if (rest) {
      this.#rest = undefined;
      return rest;
    }
    const reading = this.#iterator?.next();
    this.#reading = Promise.resolve(reading).catch(() => {});
    const result = await reading;
    return result && !result.done ? result.value : undefined;
  }
}
