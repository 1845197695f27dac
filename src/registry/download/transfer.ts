/** The bytes of a download on their way into its part, over one connection or several. */
import { interrupted, isError } from "../../errors.ts";
import type { Descriptor } from "../../reference/descriptor.ts";
import type { Bytes, Cancellable, Fetcher } from "../../store/store.ts";
import type { Growth } from "./growth.ts";
import type { Hashing } from "./hashing.ts";
import type { Part } from "./part.ts";
import type { Span } from "./ranges.ts";

export interface TransferOptions extends Cancellable {
  readonly source: Pick<Fetcher, "fetchBlob">;
  readonly descriptor: Descriptor;
  readonly part: Part;
  readonly hashing: Hashing;
  /** Undefined: one connection. */
  readonly growth?: Pick<Growth, "came" | "stop">;
  /** Bytes that a connection takes on at once where there are several. @default 32 MiB, or a 64th of the blob */
  readonly tile?: number;
  /** Called with the bytes of the blob that have come, those of former processes included. */
  readonly onProgress?: (bytes: number) => void;
}

/** Smaller ones would spend too much of their time on the round trip of their request. */
const smallestTile = 32 * 1024 * 1024;
/** Bytes that wait to be written or hashed, for each connection. */
const backlog = 2 * 1024 * 1024;

/** What one connection is at. */
interface Task {
  position: number;
  /** May come nearer when another connection takes what lies behind. */
  end: number;
  /** Whether it is to stop and leave the rest to others. */
  retired: boolean;
}

export class Transfer {
  readonly #options: TransferOptions;
  readonly #tile: number;
  readonly #abort = new AbortController();
  readonly #workers = new Set<Promise<void>>();
  readonly #tasks = new Set<Task>();
  /** What nobody fetches yet, in order. */
  #free: Span[];
  #present: number;
  #failure: { readonly error: unknown } | undefined;
  /** The most connections that there were at once. */
  connections = 0;

  constructor(options: TransferOptions) {
    const { descriptor, part } = options;
    this.#options = options;
    this.#tile = options.tile ?? Math.max(smallestTile, Math.ceil(descriptor.size / 64));
    this.#free = part.ranges.gaps(descriptor.size);
    this.#present = part.ranges.total;
  }

  /** Fetches all that is missing; what was written stays when it fails. */
  async run(): Promise<void> {
    const { signal } = this.#options;
    const abort = () => this.#fail(interrupted(signal));
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    try {
      while (this.#workers.size > 0 || (this.#free.length > 0 && !this.#failure)) {
        if (this.#workers.size === 0) this.#begin();
        await Promise.race(this.#workers);
      }
    } finally {
      signal?.removeEventListener("abort", abort);
    }
    if (this.#failure) throw this.#failure.error;
  }

  #begin(): void {
    const worker = this.#work().finally(() => this.#workers.delete(worker));
    this.#workers.add(worker);
    this.connections = Math.max(this.connections, this.#workers.size);
  }

  async #work(): Promise<void> {
    // Only once it counts among the workers, it takes a share.
    await undefined;
    for (let task = this.#take(); task; task = this.#take()) {
      try {
        await this.#fetch(task);
      } catch (error) {
        task.retired = true;
        this.#options.growth?.stop();
        // A server may refuse one connection too many; then the others do its work.
        const last = this.#workers.size === 1;
        if (last || isError(error, "DISK_FULL", "FILE_FAILED", "SIZE_MISMATCH")) this.#fail(error);
      }
      this.#tasks.delete(task);
      this.#release({ start: task.position, end: task.end });
      if (task.retired || this.#failure) return;
    }
  }

  /** The next bytes for a connection; one that is alone takes all up to what is there already. */
  #take(): Task | undefined {
    const alone = this.#workers.size === 1;
    if (this.#free.length === 0) this.#divide();
    const span = this.#free.shift();
    if (!span || this.#failure) return undefined;
    const end = alone ? span.end : Math.min(span.end, span.start + this.#tile);
    this.#release({ start: end, end: span.end });
    const task = { position: span.start, end, retired: false };
    this.#tasks.add(task);
    return task;
  }

  /** Leaves the connection with the longest way to go only its next tile. */
  #divide(): void {
    let longest: Task | undefined;
    for (const task of this.#tasks) if (left(task) > (longest ? left(longest) : 0)) longest = task;
    if (!longest || left(longest) < 2 * this.#tile) return;
    const start = longest.position + this.#tile;
    this.#release({ start, end: longest.end });
    longest.end = start;
  }

  #release(span: Span): void {
    if (span.start >= span.end) return;
    this.#free = [...this.#free, span].sort((one, other) => one.start - other.start);
  }

  async #fetch(task: Task): Promise<void> {
    const { source, descriptor, growth } = this.#options;
    const length = left(task);
    // Asked for as a range even where it is the whole, to see whether the registry knows ranges.
    const range = growth || length < descriptor.size ? { offset: task.position, length } : {};
    const body = await source.fetchBlob(descriptor, { ...range, signal: this.#abort.signal });
    if ((body as { ranged?: boolean }).ranged !== true) growth?.stop();
    const kept = new Backlog();
    try {
      let ready = performance.now();
      for await (const chunk of body) {
        const waited = performance.now() - ready;
        const room = left(task);
        if (task.retired || room <= 0) break;
        const piece = chunk.byteLength > room ? chunk.subarray(0, room) : chunk;
        await kept.add(this.#keep(piece, task.position, body, chunk), piece.byteLength);
        task.position += piece.byteLength;
        this.#note(piece.byteLength, waited);
        ready = performance.now();
      }
    } finally {
      await kept.settled();
    }
    kept.check();
  }

  async #keep(piece: Uint8Array, position: number, body: Bytes, chunk: Uint8Array): Promise<void> {
    const { part, hashing } = this.#options;
    await Promise.all([hashing.take(piece, position), part.write(piece, position)]);
    body.recycle?.(chunk);
  }

  #note(bytes: number, waited: number): void {
    const { growth, hashing, part, descriptor, onProgress } = this.#options;
    this.#present += bytes;
    onProgress?.(this.#present);
    hashing.follow();
    const left = descriptor.size - this.#present;
    switch (growth?.came({ bytes, waited, left, connections: this.#workers.size })) {
      case "grow":
        // What comes next may be written out of turn.
        void part.record().then(
          () => this.#begin(),
          (error: unknown) => this.#fail(error),
        );
        break;
      case "shrink":
        for (const task of [...this.#tasks].slice(-1)) task.retired = true;
        break;
      default:
    }
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#abort.abort(error);
  }
}

/** Chunks that are being written and hashed. */
class Backlog {
  readonly #pending = new Set<Promise<void>>();
  #waiting = 0;
  #failure: { readonly error: unknown } | undefined;

  /** Waits while too much is waiting. @throws what a former chunk has failed with */
  async add(work: Promise<void>, bytes: number): Promise<void> {
    const kept: Promise<void> = work
      .catch((error: unknown) => {
        this.#failure ??= { error };
      })
      .then(() => {
        this.#pending.delete(kept);
        this.#waiting -= bytes;
      });
    this.#pending.add(kept);
    this.#waiting += bytes;
    while (this.#waiting > backlog) await Promise.race(this.#pending);
    this.check();
  }

  async settled(): Promise<void> {
    await Promise.all(this.#pending);
  }

  check(): void {
    if (this.#failure) throw this.#failure.error;
  }
}

function left({ position, end }: Task): number {
  return end - position;
}
