/** Work that several callers want at the same time is done once. */
import { interrupted } from "../errors.ts";

interface Flight<T> {
  readonly result: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Single flight by key. A caller that aborts leaves alone; the work itself is aborted only when nobody waits any more.
 * A failure reaches all who waited and is not kept.
 */
export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /** @throws WharfError INTERRUPTED where `signal` aborts first; else whatever `start` throws */
  async run(
    key: string,
    start: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    if (signal?.aborted) throw interrupted(signal);
    const flight = this.#flights.get(key) ?? this.#start(key, start);
    flight.waiting += 1;
    let leave: (() => void) | undefined;
    try {
      if (signal === undefined) return await flight.result;
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(interrupted(signal));
        signal.addEventListener("abort", leave, { once: true });
      });
      return await Promise.race([flight.result, left]);
    } finally {
      if (leave !== undefined) signal?.removeEventListener("abort", leave);
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        if (this.#flights.get(key) === flight) this.#flights.delete(key);
        flight.controller.abort();
      }
    }
  }

  #start(key: string, start: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const controller = new AbortController();
    const result = start(controller.signal);
    const flight: Flight<T> = { result, controller, waiting: 0 };
    this.#flights.set(key, flight);
    const land = (): void => {
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    result.then(land, land);
    return flight;
  }
}
