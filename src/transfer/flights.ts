/** Each digest is worked on once, however many manifests name it, also across copies that run side by side. */
import { isError } from "../errors.ts";
import type { Digest } from "../reference/descriptor.ts";
import type { Batch } from "./batch.ts";

export class Flights {
  readonly #done = new Set<Digest>();
  readonly #running = new Map<Digest, { readonly work: Promise<void>; readonly batch: Batch }>();

  has(digest: Digest): boolean {
    return this.#done.has(digest);
  }

  /** Notes what was done in another way. */
  add(digest: Digest): void {
    this.#done.add(digest);
  }

  /**
   * Does `work` unless it is done; where somebody else does it, waits for that.
   * @returns whether it was this call that did it
   */
  async once(digest: Digest, batch: Batch, work: () => Promise<void>): Promise<boolean> {
    for (;;) {
      if (this.#done.has(digest)) return false;
      const other = this.#running.get(digest);
      if (other === undefined) break;
      try {
        await batch.wait(other.work);
      } catch (error) {
        // Another copy was stopped, for a reason that is no concern of ours: then it falls to us.
        const stopped = other.batch !== batch && isError(error, "INTERRUPTED");
        if (!stopped || batch.signal.aborted) throw error;
      }
    }
    const flight = { work: work(), batch };
    this.#running.set(digest, flight);
    try {
      await flight.work;
      this.#done.add(digest);
    } finally {
      this.#running.delete(digest);
    }
    return true;
  }
}
