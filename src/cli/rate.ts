/** How fast something goes now, rather than on the average since it began. */

/** Milliseconds that are looked back upon. */
const window = 10_000;

export class Rate {
  readonly #samples: { readonly at: number; readonly through: number }[];

  /** @param began milliseconds since some moment */
  constructor(began: number) {
    this.#samples = [{ at: began, through: 0 }];
  }

  /**
   * Notes how much is through and tells the rate of the last ten seconds.
   * @returns units per second; 0 where nothing can be said
   */
  at(now: number, through: number): number {
    this.#samples.push({ at: now, through });
    // One sample from before the window stays: the window is never shorter than it says.
    while (this.#samples.length > 2 && this.#samples[1]!.at < now - window) this.#samples.shift();
    const first = this.#samples[0]!;
    if (now <= first.at) return 0;
    return Math.max(0, ((through - first.through) / (now - first.at)) * 1000);
  }
}
