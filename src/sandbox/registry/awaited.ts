/**
 * Which indexes wait for something that they list: an index may be pushed before its images, or with some of them only, and whoever
 * brings the rest later need not push it again.
 */
import type { Digest } from "../../reference/descriptor.ts";

/** Manifests that one index may wait for; real ones list a few dozen. */
const listedLimit = 100;

export class Awaited {
  readonly #limit: number;
  /** Indexes with what each waits for, the oldest first. */
  readonly #waiting = new Map<string, readonly string[]>();
  /** What is waited for, with the indexes that do. */
  readonly #parents = new Map<string, Set<Digest>>();

  /** @param limit indexes that are remembered; the oldest go first */
  constructor(limit = 1000) {
    this.#limit = limit;
  }

  isWaiting(path: string, index: string): boolean {
    return this.#waiting.has(keyOf(path, index));
  }

  /** Notes what an index waits for now; with nothing it is complete. */
  note(path: string, index: Digest, missing: ReadonlySet<string>): void {
    this.#forget(keyOf(path, index));
    if (missing.size === 0 || missing.size > listedLimit) return;
    const keys = [...missing].map((digest) => keyOf(path, digest));
    this.#waiting.set(keyOf(path, index), keys);
    for (const key of keys) {
      const parents = this.#parents.get(key);
      if (parents) parents.add(index);
      else this.#parents.set(key, new Set([index]));
    }
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size > this.#limit && oldest !== undefined) this.#forget(oldest);
  }

  /** The indexes that wait for a manifest. */
  indexesFor(path: string, digest: string): Digest[] {
    return [...(this.#parents.get(keyOf(path, digest)) ?? [])];
  }

  #forget(index: string): void {
    for (const key of this.#waiting.get(index) ?? []) {
      const parents = this.#parents.get(key);
      parents?.delete(digestIn(index));
      if (parents?.size === 0) this.#parents.delete(key);
    }
    this.#waiting.delete(index);
  }
}

function keyOf(path: string, digest: string): string {
  return `${path}@${digest}`;
}

function digestIn(key: string): Digest {
  return key.slice(key.indexOf("@") + 1) as Digest;
}
