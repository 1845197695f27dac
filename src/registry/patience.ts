/** How often something is begun again. */
import { isError } from "../errors.ts";
import { pause } from "../http/gate.ts";
import { type Backoff, backoffDelay } from "../http/retry.ts";

export interface PatienceOptions {
  /** Waits between the tries. @default 500 ms, at most 10 s */
  readonly backoff?: Backoff;
  /** Failures in a row without anything gained. @default 5 */
  readonly limit?: number;
}

/** Failures in all, gain or not: a peer that gives a byte at a time is not served for ever. */
const totalLimit = 1000;

/**
 * Counts failures that bring nothing, and waits longer after each.
 *
 * @example
 * for (const patience = new Patience(); ; ) {
 *   try { return await attempt(() => patience.gained()) }
 *   catch (error) { await patience.failed(error, signal) }
 * }
 */
export class Patience {
  readonly #backoff: Backoff;
  readonly #limit: number;
  #fruitless = 0;
  #total = 0;

  constructor({ backoff = { base: 500, cap: 10_000 }, limit = 5 }: PatienceOptions = {}) {
    this.#backoff = backoff;
    this.#limit = limit;
  }

  /** Something moved: the count begins again. */
  gained(): void {
    this.#fruitless = 0;
  }

  /** Waits before the next try. @throws the error itself where there were too many */
  async failed(error: unknown, signal?: AbortSignal): Promise<void> {
    this.#fruitless += 1;
    this.#total += 1;
    if (this.#fruitless > this.#limit || this.#total > totalLimit) throw error;
    // The first cut after a good stretch is mended at once.
    if (this.#fruitless > 1) {
      await pause(backoffDelay(this.#fruitless - 1, this.#backoff, Math.random), signal);
    }
  }
}

/** Whether the same, begun again, may end otherwise: the network or the server failed, not the request. */
export function isCurable(error: unknown): boolean {
  return isError(error, "CONNECTION_FAILED", "TIMEOUT", "SERVER_ERROR");
}
