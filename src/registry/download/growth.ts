/** When one more connection is worth it. */

/** What to do about the number of connections. */
export type Advice = "stay" | "grow" | "shrink";

export interface GrowthOptions {
  /** Connections at most. */
  readonly most: number;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Milliseconds that a connection gets to come up to speed before it is judged, and that a rate is measured. */
const settling = 400;
const measuring = 400;
/** What a connection more must bring. */
const gain = 1.15;
/** Bytes in a millisecond above which the machine is the limit, not the connection: 400 MiB/s. */
const fastEnough = (400 * 1024 * 1024) / 1000;
/** Milliseconds that must be left for a further connection to pay. */
const worthwhile = 1500;

/**
 * Adds connections one by one as long as each makes the whole faster: a single stream is often held back by its round trip
 * time or by a limit on the server, but not always.
 */
export class Growth {
  readonly #options: GrowthOptions;
  #since: number;
  #bytes = 0;
  #settled = false;
  /** Bytes in a millisecond, before the last connection came. */
  #rate: number | undefined;
  #over = false;

  constructor(options: GrowthOptions) {
    this.#options = options;
    this.#since = options.now();
  }

  /**
   * Takes note of bytes that have come.
   * @param left bytes that are still to come
   * @param connections in use now
   */
  came(bytes: number, left: number, connections: number): Advice {
    if (this.#over) return "stay";
    const elapsed = this.#options.now() - this.#since;
    if (!this.#settled) {
      if (elapsed >= settling) this.#begin(true);
      return "stay";
    }
    this.#bytes += bytes;
    if (elapsed < measuring) return "stay";
    const rate = this.#bytes / elapsed;
    const before = this.#rate;
    this.#rate = rate;
    this.#begin(false);
    if (before !== undefined && rate < before * gain) {
      this.#over = true;
      return connections > 1 ? "shrink" : "stay";
    }
    if (connections >= this.#options.most || rate > fastEnough || left / rate < worthwhile) {
      this.#over = true;
      return "stay";
    }
    return "grow";
  }

  /** No more connections: the server has refused one. */
  stop(): void {
    this.#over = true;
  }

  #begin(settled: boolean): void {
    this.#settled = settled;
    this.#bytes = 0;
    this.#since = this.#options.now();
  }
}
