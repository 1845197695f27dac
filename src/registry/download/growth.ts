/** When one more connection is worth it. */

/** What to do about the number of connections. */
export type Advice = "stay" | "grow" | "shrink";

export interface GrowthOptions {
  /** Connections at most. */
  readonly most: number;
  /** Milliseconds. */
  readonly now: () => number;
}

/** Some bytes that have come. */
export interface Arrival {
  readonly bytes: number;
  /** Milliseconds that their connection had nothing to give: what is not waited for is held up by this machine. */
  readonly waited: number;
  /** Bytes that are still to come. */
  readonly left: number;
  /** In use now. */
  readonly connections: number;
}

/** Milliseconds that a connection gets to come up to speed, and then that a rate is measured. */
const settling = 400;
const measuring = 400;
/** What a connection more must bring. */
const gain = 1.15;
/** Share of the time that connections must have made us wait. */
const starved = 0.5;
/** Milliseconds that must be left for a further connection to pay. */
const worthwhile = 1500;

/**
 * Adds connections one by one as long as we wait for the network and each makes the whole faster: a single stream is often
 * held back by its round trip time or by a limit on the server, but not always.
 */
export class Growth {
  readonly #options: GrowthOptions;
  #since: number;
  #bytes = 0;
  #waited = 0;
  #settled = false;
  /** Bytes in a millisecond, before the last connection came; undefined where none is to be judged. */
  #before: number | undefined;
  #over = false;

  constructor(options: GrowthOptions) {
    this.#options = options;
    this.#since = options.now();
  }

  /** Takes note of bytes that have come. */
  came({ bytes, waited, left, connections }: Arrival): Advice {
    if (this.#over) return "stay";
    const elapsed = this.#options.now() - this.#since;
    if (!this.#settled) {
      if (elapsed >= settling) this.#measure(true);
      return "stay";
    }
    this.#bytes += bytes;
    this.#waited += waited;
    if (elapsed < measuring) return "stay";
    const rate = this.#bytes / elapsed;
    const share = this.#waited / (elapsed * connections);
    const before = this.#before;
    this.#before = undefined;
    if (before !== undefined && rate < before * gain) {
      this.#over = true;
      return connections > 1 ? "shrink" : "stay";
    }
    const pays = share >= starved && left / rate >= worthwhile;
    const grows = pays && connections < this.#options.most;
    if (grows) this.#before = rate;
    this.#measure(!grows);
    return grows ? "grow" : "stay";
  }

  /** No more connections: the server has refused one. */
  stop(): void {
    this.#over = true;
  }

  #measure(settled: boolean): void {
    this.#settled = settled;
    this.#bytes = 0;
    this.#waited = 0;
    this.#since = this.#options.now();
  }
}
