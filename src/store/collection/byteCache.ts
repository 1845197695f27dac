/** Small things that are asked for again and again, such as the manifest of `latest`. */

/** Bytes of one entry: manifests have one to ten kilobytes, large indexes a hundred. */
const entryLimit = 256 << 10;

/** Keeps what was used last, within a limit of bytes. What a digest names never changes, so nothing goes stale. */
export class ByteCache {
  readonly #limit: number;
  readonly #entries = new Map<string, Uint8Array>();
  #size = 0;

  /** @param limit bytes in all */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): Uint8Array | undefined {
    const bytes = this.#entries.get(key);
    if (bytes === undefined) return undefined;
    // A map lists what was set last at its end.
    this.#entries.delete(key);
    this.#entries.set(key, bytes);
    return bytes;
  }

  set(key: string, bytes: Uint8Array): void {
    if (bytes.byteLength > entryLimit || this.#entries.has(key)) return;
    this.#entries.set(key, bytes);
    this.#size += bytes.byteLength;
    for (const [oldest, { byteLength }] of this.#entries) {
      if (this.#size <= this.#limit) break;
      this.#entries.delete(oldest);
      this.#size -= byteLength;
    }
  }
}
