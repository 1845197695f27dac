/** Hashes that are fed piece by piece. */
import { createHash } from "node:crypto";

import type { Digest } from "../reference/descriptor.ts";
import type { DigestAlgorithm } from "../reference/digest.ts";

/** A running hash. */
export interface Digester {
  /** Takes the next bytes. The chunk is the caller's again once the call, and the promise where one is given, is over. */
  update(chunk: Uint8Array): void | Promise<void>;
  /** Ends the hash; may be called once. */
  digest(): Promise<Digest>;
  /** Bytes taken so far. */
  readonly size: number;
  /** Frees what the digester holds when `digest` will not be called; harmless afterwards. */
  dispose(): void;
}

export interface DigesterOptions {
  /** Bytes expected, where known. */
  readonly size?: number;
}

/**
 * Starts a hash.
 *
 * @example
 * const digester = createDigester("sha256");
 * for await (const chunk of body) await digester.update(chunk);
 * const digest = await digester.digest(); // "sha256:…"
 */
export function createDigester(
  algorithm: DigestAlgorithm,
  _options: DigesterOptions = {},
): Digester {
  return new InlineDigester(algorithm);
}

class InlineDigester implements Digester {
  readonly #algorithm: DigestAlgorithm;
  readonly #hash;
  #size = 0;

  constructor(algorithm: DigestAlgorithm) {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
  }

  get size(): number {
    return this.#size;
  }

  update(chunk: Uint8Array): void {
    this.#hash.update(chunk);
    this.#size += chunk.byteLength;
  }

  async digest(): Promise<Digest> {
    return `${this.#algorithm}:${this.#hash.digest("hex")}`;
  }

  dispose(): void {}
}
