/** A body on its way in: what a connection has read and its reader has not, with backpressure and an idle time-out. */
import { Failure } from "./failure.ts";
import type { IncomingBody } from "./lane.ts";
import { type Block, blockSize, type Loan } from "./wire/blocks.ts";

/** What a body asks of the connection that it comes from. */
export interface Valve {
  pause(): void;
  resume(): void;
  /** Ends the exchange: the reader wants no more. */
  abort(): void;
}

export interface IncomingOptions {
  readonly valve: Valve;
  /** Milliseconds that the reader waits for a byte, and in which a kibibyte must come while it waits. */
  readonly idleTimeout: number;
  /** Turns a failure into the error that the reader gets. */
  readonly explain: (failure: Failure) => unknown;
  /** Memory for a large body; without it each piece gets its own. */
  readonly loan?: Loan;
}

/** Bytes that may wait unread before the connection is paused. */
const highWater = 256 * 1024;
const bulkHighWater = 2 * blockSize;
/** A rest of a block that is not worth a read of its own. */
const leastRoom = 64 * 1024;
/** A piece of a large body that is worth waking its reader for. */
const leastPiece = 64 * 1024;
/**
 * Bytes that must come while the reader waits for the idle time-out: a byte now and then is no progress. Far below the
 * worst line, so that what is streamed may take as long as it needs.
 */
const leastProgress = 1024;
/**
 * Idle time-outs that a body may take which is read whole: in those five minutes a line of 1 Mbit/s brings the largest
 * list that we take, 32 MiB.
 */
const wholeTimeouts = 10;
/** What `discard` is ready to read so that a connection serves again. */
const drainLimit = 64 * 1024;
/** Milliseconds that such a rest may take. */
const drainTime = 1000;

interface Waiter {
  resolve(result: IteratorResult<Uint8Array, undefined>): void;
  reject(error: unknown): void;
}

/** `write`, `room`, `advance`, `end` and `fail` belong to the connection, the rest to the reader. */
export class Incoming implements IncomingBody {
  readonly done: Promise<void>;
  readonly #options: IncomingOptions;
  readonly #queue: Uint8Array[] = [];
  /** Bytes in the queue and in the block. */
  #unread = 0;
  #block: Block | undefined;
  /** What of the block was handed on, and what was read. */
  #start = 0;
  #filled = 0;
  #paused = false;
  #state: "open" | "ended" | "failed" | "cancelled" = "open";
  #error: unknown;
  #waiter: Waiter | undefined;
  #timer: NodeJS.Timeout | undefined;
  #deadline: NodeJS.Timeout | undefined;
  /** Bytes since progress was last seen, and milliseconds that the reader has waited for them. */
  #gained = 0;
  #waited = 0;
  #waitingSince = 0;
  #gathering: NodeJS.Immediate | undefined;
  #settle = () => {};

  constructor(options: IncomingOptions) {
    this.#options = options;
    this.done = new Promise((resolve) => (this.#settle = resolve));
  }

  write(piece: Uint8Array): void {
    if (this.#state !== "open") return;
    for (let at = 0; at < piece.length;) {
      const room = this.room();
      const part = piece.subarray(at, room && at + room.length);
      at += part.length;
      if (room) {
        room.set(part);
        this.#advance(part.length);
      } else {
        this.#unread += part.length;
        this.#queue.push(new Uint8Array(part));
      }
    }
    this.#arrived();
  }

  /** @returns the free end of a block, or undefined where none is to be had */
  room(): Uint8Array | undefined {
    if (!this.#block) {
      this.#block = this.#options.loan?.take();
      this.#start = this.#filled = 0;
    }
    return this.#block?.bytes.subarray(this.#filled);
  }

  advance(count: number): void {
    if (this.#state !== "open") return;
    this.#advance(count);
    this.#arrived();
  }

  end(): void {
    if (this.#state !== "open") return;
    this.#seal();
    this.#close("ended");
    this.#serve();
  }

  fail(error: unknown): void {
    if (this.#state !== "open") return;
    this.#error = error instanceof Failure ? this.#options.explain(error) : error;
    this.#seal();
    this.#close("failed");
    this.#serve();
  }

  recycle(chunk: Uint8Array): void {
    this.#options.loan?.recycle(chunk);
  }

  hurry(): void {
    if (this.#state !== "open" || this.#deadline) return;
    const time = wholeTimeouts * this.#options.idleTimeout;
    this.#deadline = setTimeout(
      () => this.#expire(`body is not whole after ${time / 1000} s`),
      time,
    );
    this.#deadline.unref();
  }

  async discard(): Promise<void> {
    const deadline = setTimeout(() => this.cancel(), drainTime);
    try {
      for (let size = this.#unread; size <= drainLimit;) {
        const { done, value } = await this.#next();
        if (done) return;
        size += value.length;
        this.recycle(value);
      }
    } catch {
      // It is over, which is all that is wanted.
    } finally {
      clearTimeout(deadline);
    }
    this.cancel();
  }

  /** Drops what is there and ends the exchange. */
  cancel(): void {
    for (const chunk of this.#queue) this.recycle(chunk);
    this.#queue.length = 0;
    if (this.#state !== "open") return;
    this.#start = this.#filled;
    this.#seal();
    this.#close("cancelled");
    this.#serve();
    this.#options.valve.abort();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#next(),
      return: () => {
        this.cancel();
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    return new Promise((resolve, reject) => {
      if (this.#waiter) throw new Error("A body has one reader at a time");
      this.#waiter = { resolve, reject };
      this.#serve();
      if (!this.#waiter) return;
      this.#waitingSince = performance.now();
      if (this.#paused) this.#flow();
      this.#watch();
    });
  }

  /** Gives the waiter what there is. */
  #serve(): void {
    const waiter = this.#waiter;
    if (!waiter) return;
    const chunk = this.#queue.shift() ?? this.#cut();
    if (chunk) {
      this.#waiter = undefined;
      this.#unread -= chunk.length;
      this.#count(chunk.length);
      if (this.#paused && this.#unread < this.#highWater / 2) this.#flow();
      waiter.resolve({ done: false, value: chunk });
    } else if (this.#state === "failed") {
      this.#waiter = undefined;
      waiter.reject(this.#error);
    } else if (this.#state !== "open") {
      this.#waiter = undefined;
      waiter.resolve({ done: true, value: undefined });
    }
  }

  /** Notes what came, and how long it was waited for. */
  #count(bytes: number): void {
    this.#gained += bytes;
    if (this.#gained >= leastProgress) {
      this.#gained = this.#waited = 0;
    } else if (this.#waitingSince > 0) {
      this.#waited += performance.now() - this.#waitingSince;
    }
    this.#waitingSince = 0;
  }

  get #highWater(): number {
    return this.#options.loan ? bulkHighWater : highWater;
  }

  #advance(count: number): void {
    this.#filled += count;
    this.#unread += count;
    if (blockSize - this.#filled >= leastRoom) return;
    this.#seal();
  }

  #arrived(): void {
    // Of a large body, small pieces are gathered until the event loop has read all that is there.
    if (!this.#options.loan || this.#unread >= leastPiece) this.#serve();
    else if (this.#waiter) this.#gathering ??= setImmediate(() => this.#gathered());
    if (this.#unread >= this.#highWater && !this.#paused && this.#state === "open") {
      this.#paused = true;
      this.#options.valve.pause();
    }
  }

  #gathered(): void {
    this.#gathering = undefined;
    this.#serve();
  }

  /** The unread part of the block. */
  #cut(): Uint8Array | undefined {
    const { loan } = this.#options;
    if (!loan || !this.#block || this.#start === this.#filled) return undefined;
    const piece = loan.lend(this.#block, this.#start, this.#filled);
    this.#start = this.#filled;
    return piece;
  }

  /** Ends the block; what is unread of it joins the queue. */
  #seal(): void {
    const block = this.#block;
    if (!block) return;
    const piece = this.#cut();
    if (piece) this.#queue.push(piece);
    this.#block = undefined;
    this.#options.loan?.seal(block);
  }

  #flow(): void {
    this.#paused = false;
    this.#options.valve.resume();
  }

  /** One timer a body: refreshed when a wait begins, ignored when it strikes while nobody waits. */
  #watch(): void {
    const { idleTimeout } = this.#options;
    if (this.#waited >= idleTimeout) {
      this.#expire(`only ${this.#gained} bytes of the body in ${idleTimeout / 1000} s`);
      return;
    }
    if (this.#timer) {
      this.#timer.refresh();
      return;
    }
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiter) this.#expire(`no byte of the body for ${idleTimeout / 1000} s`);
    }, idleTimeout);
    // It is the connection that keeps the process; a body that its reader forgot must not.
    this.#timer.unref();
  }

  #expire(message: string): void {
    this.fail(new Failure("TIMEOUT", message));
    this.#options.valve.abort();
  }

  #close(state: "ended" | "failed" | "cancelled"): void {
    this.#state = state;
    clearTimeout(this.#timer);
    clearTimeout(this.#deadline);
    clearImmediate(this.#gathering);
    this.#timer = this.#deadline = this.#gathering = undefined;
    // From now on the connection may serve another body.
    this.#paused = false;
    this.#settle();
  }
}
