/** A hash on another thread. */
import type { Digest } from "../../reference/descriptor.ts";
import type { DigestAlgorithm } from "../../reference/digest.ts";
import type { Digester } from "../digester.ts";
import { operation, slotSize } from "./ring.ts";
import { chooseThread } from "./threads.ts";
import type { HashThread } from "./threads.ts";

export class ThreadDigester implements Digester {
  readonly #algorithm: DigestAlgorithm;
  readonly #thread: HashThread = chooseThread();
  readonly #job = this.#thread.begin();
  #begun = false;
  #ended = false;
  #size = 0;

  constructor(algorithm: DigestAlgorithm) {
    this.#algorithm = algorithm;
  }

  get size(): number {
    return this.#size;
  }

  update(chunk: Uint8Array): void | Promise<void> {
    this.#size += chunk.byteLength;
    const done = this.#put(chunk, 0);
    if (done < chunk.byteLength) return this.#putLater(chunk, done);
  }

  async digest(): Promise<Digest> {
    while (!this.#begin() || !this.#thread.put(this.#job, operation.digest)) {
      await this.#thread.room();
    }
    try {
      return `${this.#algorithm}:${await this.#thread.digest(this.#job)}`;
    } finally {
      this.#end();
    }
  }

  dispose(): void {
    if (this.#ended) return;
    this.#end();
    if (this.#begun) this.#forget().catch(() => {});
  }

  /** @returns how many bytes, from the chunk's beginning, are handed over now */
  #put(chunk: Uint8Array, from: number): number {
    if (!this.#begin()) return from;
    let start = from;
    for (; start < chunk.byteLength; start += slotSize) {
      const piece = chunk.subarray(start, start + slotSize);
      if (!this.#thread.put(this.#job, operation.update, piece)) return start;
    }
    return chunk.byteLength;
  }

  async #putLater(chunk: Uint8Array, from: number): Promise<void> {
    for (let start = from; start < chunk.byteLength; start = this.#put(chunk, start)) {
      await this.#thread.room();
    }
  }

  #begin(): boolean {
    this.#begun ||= this.#thread.put(this.#job, operation[this.#algorithm]);
    return this.#begun;
  }

  async #forget(): Promise<void> {
    while (!this.#thread.put(this.#job, operation.forget)) await this.#thread.room();
  }

  #end(): void {
    this.#ended = true;
    this.#thread.end();
  }
}
