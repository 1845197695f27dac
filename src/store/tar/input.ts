/** Where the reader gets a tar's bytes: a stream, or a file in which it can seek. */
import type { FileHandle } from "node:fs/promises";

import type { Bytes } from "../../http/bytes.ts";

export interface TarInput {
  /** Bytes read and skipped so far. */
  readonly position: number;
  /** The next `length` bytes (at most 1 MiB), fewer only where the input ends. */
  read(length: number): Promise<Uint8Array>;
  /** Passes over bytes; false where the input ends before. */
  skip(length: number): Promise<boolean>;
}

/** A stream: its chunks are handed on as parts of themselves, not copied. */
export class StreamInput implements TarInput {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array();
  #position = 0;

  constructor(bytes: Bytes) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  get position(): number {
    return this.#position;
  }

  /** The bytes at hand, at most `most`; undefined at the end. */
  async some(most: number): Promise<Uint8Array | undefined> {
    while (this.#chunk.byteLength === 0) {
      const next = await this.#chunks.next();
      if (next.done) return undefined;
      this.#chunk = next.value;
    }
    const part = this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(part.byteLength);
    this.#position += part.byteLength;
    return part;
  }

  async read(length: number): Promise<Uint8Array> {
    const first = (await this.some(length)) ?? new Uint8Array();
    if (first.byteLength === length) return first;
    const parts = [first];
    let missing = length - first.byteLength;
    for (let part; missing > 0 && (part = await this.some(missing));) {
      parts.push(part);
      missing -= part.byteLength;
    }
    return Buffer.concat(parts);
  }

  async skip(length: number): Promise<boolean> {
    for (let left = length; left > 0;) {
      const part = await this.some(left);
      if (!part) return false;
      left -= part.byteLength;
    }
    return true;
  }

  /** Reads to the end, so that whoever checks the bytes sees them all. */
  async drain(): Promise<void> {
    while (await this.some(Number.MAX_SAFE_INTEGER));
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}

/** Bytes read at a time: small blobs' headers stand close together, large ones are jumped over. */
const windowSize = 32 << 10;

/** A file: bodies are jumped over without being read. */
export class FileInput implements TarInput {
  readonly #file: FileHandle;
  readonly #size: number;
  #window: Uint8Array = new Uint8Array();
  #windowStart = 0;
  #position = 0;

  /** @param size bytes of the file */
  constructor(file: FileHandle, size: number) {
    this.#file = file;
    this.#size = size;
  }

  get position(): number {
    return this.#position;
  }

  async read(length: number): Promise<Uint8Array> {
    let start = this.#position - this.#windowStart;
    if (start + length > this.#window.byteLength) {
      const buffer = new Uint8Array(Math.max(length, windowSize));
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.byteLength, this.#position);
      this.#window = buffer.subarray(0, bytesRead);
      this.#windowStart = this.#position;
      start = 0;
    }
    const part = this.#window.subarray(start, start + length);
    this.#position += part.byteLength;
    return part;
  }

  async skip(length: number): Promise<boolean> {
    const enough = length <= this.#size - this.#position;
    this.#position = enough ? this.#position + length : this.#size;
    return enough;
  }
}
