/** What was found out about secrets, for some minutes, so that it need not be found out for each request. */
import { createHmac, randomBytes } from "node:crypto";

interface Entry<Value> {
  readonly value: Value;
  readonly until: number;
}

/**
 * The secrets themselves are not kept: entries are found by a hash under a key that only this process has, so that a dump
 * of its memory cannot be searched with guesses.
 */
export class Remembered<Value> {
  readonly #key = randomBytes(32);
  readonly #entries = new Map<string, Entry<Value>>();
  readonly #limit: number;
  readonly #clock: () => number;

  /**
   * @param limit entries; where there are more, the oldest is forgotten
   * @param clock milliseconds
   */
  constructor(limit: number, clock: () => number) {
    this.#limit = limit;
    this.#clock = clock;
  }

  /** The name under which something is kept that is known by these texts together. */
  nameOf(...texts: readonly string[]): string {
    const hash = createHmac("sha256", this.#key);
    // With its length before each, no two lists of texts read the same.
    for (const text of texts) hash.update(`${text.length}:`).update(text);
    return hash.digest("base64");
  }

  get(name: string): Value | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.until > this.#clock()) return entry.value;
    this.#entries.delete(name);
    return undefined;
  }

  /** @param until moment of the clock after which it is forgotten */
  set(name: string, value: Value, until: number): void {
    this.#entries.delete(name);
    if (this.#entries.size >= this.#limit)
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    this.#entries.set(name, { value, until });
  }
}
