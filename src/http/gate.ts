/** How many requests a host gets at once, and how many in a second. */
import { interrupted } from "../errors.ts";

/**
 * Kinds are counted apart because one may have to wait for another: a push holds the answer that it reads its
 * bytes from, and asks for its upload's status meanwhile.
 */
export type ExchangeKind = "receiving" | "sending" | "brief";

interface Waiter {
  start(): void;
  readonly kind: ExchangeKind;
}

/** The gate of one origin. */
export class Gate {
  readonly #limit: number;
  readonly #interval: number;
  readonly #patience: number;
  readonly #running: Record<ExchangeKind, number> = { receiving: 0, sending: 0, brief: 0 };
  readonly #waiters = new Set<Waiter>();
  /** When the next request may begin (`performance.now`). */
  #next = 0;
  #overflow: NodeJS.Timeout | undefined;

  /**
   * @param limit exchanges at once, counted apart for each kind
   * @param patience milliseconds after which one who waits is let in over the limit: nobody waits for ever on a body that its reader forgot
   * @param perSecond requests begun in a second; several may not come at once
   */
  constructor(limit: number, patience: number, perSecond?: number) {
    this.#limit = limit;
    this.#patience = patience;
    this.#interval = perSecond ? 1000 / perSecond : 0;
  }

  /** Whether exchanges run, or would have to wait. */
  get busy(): boolean {
    const { receiving, sending, brief } = this.#running;
    return receiving + sending + brief > 0 || this.#next > performance.now();
  }

  /** Waits for a turn. @returns what gives it back, to be called once */
  async enter(kind: ExchangeKind, signal?: AbortSignal): Promise<() => void> {
    if (this.#running[kind] >= this.#limit) await this.#queue(kind, signal);
    else this.#running[kind] += 1;
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      this.#running[kind] -= 1;
      this.#admit();
    };
    try {
      await this.#pace(signal);
    } catch (error) {
      leave();
      throw error;
    }
    return leave;
  }

  /** Lets nobody begin for so many milliseconds: the host has asked for it. */
  hold(milliseconds: number): void {
    this.#next = Math.max(this.#next, performance.now() + milliseconds);
  }

  async #pace(signal?: AbortSignal): Promise<void> {
    const now = performance.now();
    const begin = Math.max(now, this.#next);
    if (this.#interval > 0) this.#next = begin + this.#interval;
    if (begin > now) await pause(begin - now, signal);
  }

  #queue(kind: ExchangeKind, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = () => {
        this.#waiters.delete(waiter);
        signal?.removeEventListener("abort", abort);
        if (this.#waiters.size === 0) this.#calm();
      };
      const abort = () => {
        end();
        reject(interrupted(signal));
      };
      const waiter: Waiter = {
        kind,
        start: () => {
          end();
          this.#running[kind] += 1;
          resolve();
        },
      };
      if (signal?.aborted) return reject(interrupted(signal));
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiters.add(waiter);
      this.#overflow ??= setInterval(() => {
        const [first] = this.#waiters;
        first?.start();
      }, this.#patience);
    });
  }

  #admit(): void {
    this.#overflow?.refresh();
    for (const waiter of this.#waiters) {
      if (this.#running[waiter.kind] < this.#limit) {
        waiter.start();
        return;
      }
    }
  }

  #calm(): void {
    clearInterval(this.#overflow);
    this.#overflow = undefined;
  }
}

/** Waits; the signal ends it. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(interrupted(signal));
    const abort = () => {
      clearTimeout(timer);
      reject(interrupted(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
