/** Bodies on their way in: a queue between a socket and its reader, with backpressure and an idle time-out. */
import { WharfError } from "../errors.ts";
import type { IncomingBody } from "./lane.ts";
import { Failure } from "./failure.ts";

/**
 * Reads all of a stream into one array.
 * @throws WharfError RESPONSE_INVALID above `limit` bytes; the source is freed
 */
export async function readAll(
  bytes: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > limit) {
      throw new WharfError("RESPONSE_INVALID", `Body is larger than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  if (chunks.length === 1 && chunks[0]) return chunks[0];
  return Buffer.concat(chunks, size);
}

/** What a body asks of the connection that it comes from. */
export interface Valve {
  pause(): void;
  resume(): void;
  /** Ends the exchange: the reader wants no more. */
  abort(): void;
  recycle?(chunk: Uint8Array): void;
}

/** Bytes that may wait unread before the connection is paused. */
const highWater = 256 * 1024;
/** What `discard` is ready to read so that a connection serves again. */
const drainLimit = 64 * 1024;

/** One body; `push`, `end` and `fail` belong to the connection, the rest to the reader. */
export class BodyQueue implements IncomingBody {
  readonly done: Promise<void>;
  readonly #valve: Valve;
  readonly #idleTimeout: number;
  readonly #explain: (failure: Failure) => unknown;
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #paused = false;
  #state: "open" | "ended" | "failed" | "cancelled" = "open";
  #error: unknown;
  #waiter:
    | { resolve(result: IteratorResult<Uint8Array>): void; reject(error: unknown): void }
    | undefined;
  #timer: NodeJS.Timeout | undefined;
  #settle: () => void;

  /**
   * @param idleTimeout milliseconds
   * @param explain turns a failure into the error that the reader gets
   */
  constructor(valve: Valve, idleTimeout: number, explain: (failure: Failure) => unknown) {
    this.#valve = valve;
    this.#idleTimeout = idleTimeout;
    this.#explain = explain;
    let settle = () => {};
    this.done = new Promise((resolve) => (settle = resolve));
    this.#settle = settle;
  }

  /** Whether the whole body has come, or nobody wants it. */
  get over(): boolean {
    return this.#state !== "open";
  }

  push(chunk: Uint8Array): void {
    if (this.#state !== "open") return;
    const waiter = this.#waiter;
    if (waiter) {
      this.#waiter = undefined;
      waiter.resolve({ done: false, value: chunk });
      return;
    }
    this.#queue.push(chunk);
    this.#queued += chunk.byteLength;
    if (this.#queued >= highWater && !this.#paused) {
      this.#paused = true;
      this.#valve.pause();
    }
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#close("ended");
    this.#waiter?.resolve({ done: true, value: undefined });
    this.#waiter = undefined;
  }

  fail(error: unknown): void {
    if (this.#state !== "open") return;
    this.#error = error instanceof Failure ? this.#explain(error) : error;
    this.#close("failed");
    this.#waiter?.reject(this.#error);
    this.#waiter = undefined;
  }

  recycle(chunk: Uint8Array): void {
    this.#valve.recycle?.(chunk);
  }

  async discard(): Promise<void> {
    let size = this.#queued;
    this.#queue.length = 0;
    this.#queued = 0;
    if (size <= drainLimit) {
      try {
        for (;;) {
          const { done, value } = await this.#next();
          if (done) return;
          size += value.byteLength;
          this.recycle(value);
          if (size > drainLimit) break;
        }
      } catch {
        return;
      }
    }
    this.cancel();
  }

  /** Drops what is queued and ends the exchange. */
  cancel(): void {
    this.#queue.length = 0;
    this.#queued = 0;
    if (this.#state !== "open") return;
    this.#close("cancelled");
    this.#waiter?.resolve({ done: true, value: undefined });
    this.#waiter = undefined;
    this.#valve.abort();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.cancel();
        return { done: true, value: undefined };
      },
    };
  }

  #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const chunk = this.#queue.shift();
    if (chunk) {
      this.#queued -= chunk.byteLength;
      if (this.#paused && this.#queued < highWater / 2) this.#flow();
      return Promise.resolve({ done: false, value: chunk });
    }
    if (this.#state === "failed") return Promise.reject(this.#error);
    if (this.#state !== "open") return Promise.resolve({ done: true, value: undefined });
    if (this.#paused) this.#flow();
    return new Promise((resolve, reject) => {
      this.#waiter = { resolve, reject };
      this.#watch();
    });
  }

  #flow(): void {
    this.#paused = false;
    this.#valve.resume();
  }

  /** One timer a body: refreshed when a wait begins, ignored when it strikes while nobody waits. */
  #watch(): void {
    if (this.#timer) {
      this.#timer.refresh();
      return;
    }
    this.#timer = setTimeout(() => {
      if (!this.#waiter) {
        this.#timer = undefined;
        return;
      }
      this.fail(new Failure("TIMEOUT", `no byte of the body for ${this.#idleTimeout / 1000} s`));
      this.#valve.abort();
    }, this.#idleTimeout);
  }

  #close(state: "ended" | "failed" | "cancelled"): void {
    this.#state = state;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#settle();
  }
}
