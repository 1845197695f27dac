/**
 * The memory between the main thread, which fills slots, and a thread that hashes them in the same order. Each side
 * counts what it did; a slot is free again when the reader has counted it.
 */

/** Bytes of a slot: large enough that waking the other thread does not count. */
export const slotSize = 256 << 10;
/** With so many slots a thread has 4 MiB to work on while the main thread fetches more. A power of two: counts wrap. */
const slots = 16;

/** What is to be done with a job's hash. */
export const operation = { sha256: 0, sha512: 1, update: 2, digest: 3, forget: 4 } as const;

/** Cells before those of the slots. */
const filled = 0;
const emptied = 1;
const waiting = 2;
const header = 4;
/** Cells of a slot: job, operation, bytes. */
const cells = 3;

export interface Entry {
  readonly job: number;
  readonly operation: number;
  readonly bytes: Uint8Array;
}

export class Ring {
  /** To be handed to the other thread, for `new Ring(memory)`. */
  readonly memory: SharedArrayBuffer;
  readonly #control: Int32Array<SharedArrayBuffer>;
  readonly #data: Uint8Array<SharedArrayBuffer>;

  constructor(memory?: SharedArrayBuffer) {
    const controlSize = (header + slots * cells) * Int32Array.BYTES_PER_ELEMENT;
    this.memory = memory ?? new SharedArrayBuffer(controlSize + slots * slotSize);
    this.#control = new Int32Array(this.memory, 0, header + slots * cells);
    this.#data = new Uint8Array(this.memory, controlSize);
  }

  /** Fills a slot. @returns false where none is free; then the reader says when there is room */
  put(job: number, what: number, bytes?: Uint8Array): boolean {
    const count = this.#control[filled]!;
    if (!this.#hasRoom(count)) {
      Atomics.store(this.#control, waiting, 1);
      // It may have become free before the reader could see that we wait.
      if (!this.#hasRoom(count)) return false;
      Atomics.store(this.#control, waiting, 0);
    }
    const slot = count & (slots - 1);
    this.#control.set([job, what, bytes?.byteLength ?? 0], header + slot * cells);
    if (bytes !== undefined) this.#data.set(bytes, slot * slotSize);
    Atomics.store(this.#control, filled, count + 1);
    Atomics.notify(this.#control, filled);
    return true;
  }

  /**
   * Waits for the next slot, lets `handle` read it, and frees it.
   * @returns whether the other side is to be told that there is room: it waits, and half of the slots are free, so that
   *   it is not woken for each of them
   */
  take(handle: (entry: Entry) => void): boolean {
    const count = this.#control[emptied]!;
    while (Atomics.load(this.#control, filled) === count)
      Atomics.wait(this.#control, filled, count);
    const slot = count & (slots - 1);
    const [job = 0, what = 0, length = 0] = this.#control.subarray(header + slot * cells);
    const start = slot * slotSize;
    handle({ job, operation: what, bytes: this.#data.subarray(start, start + length) });
    Atomics.store(this.#control, emptied, count + 1);
    const full = (Atomics.load(this.#control, filled) - (count + 1)) | 0;
    return full <= slots / 2 && Atomics.exchange(this.#control, waiting, 0) === 1;
  }

  #hasRoom(count: number): boolean {
    return ((count - Atomics.load(this.#control, emptied)) | 0) < slots;
  }
}
