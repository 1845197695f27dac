/** Writes on this thread, as long as the system takes what it is given at once. */
import { writeSync } from "node:fs";
import { availableParallelism } from "node:os";

/**
 * Bytes of one call. As large as the call are the pages that Linux takes for its cache, and those of 32 KiB are the largest
 * that a processor keeps at hand (`PAGE_ALLOC_COSTLY_ORDER`); larger ones are, in a virtual machine, often memory that the
 * host must find first. Measured, CPU time of whole processes that receive 1 GiB on a busy machine, medians: into a layout
 * 1.6 s in calls of 32 KiB, 2.1 s of 64 KiB, 1.7 s of 16 KiB; into a file 1.5 s against 2.9 s in calls of 256 KiB. Where
 * another thread writes, too, the journeys of more calls cost less than larger pages.
 */
export const pieceSize = 32 << 10;

/**
 * Milliseconds that a chunk may hold up this thread before another does it, and for how long that stays so. On a busy machine
 * a thread waits some 10 ms for its processor now and then: there, to hand the work to one more thread costs the most.
 */
const slow = 30;
const respite = 1000;

/** On two cores a thread that writes takes one from receiving and hashing, and what it writes from the cache. */
const crowded = availableParallelism() <= 2;

export class DirectWriter {
  /** From when on this thread may write (`performance.now`). */
  #from: number;

  /** @param here whether this thread writes as long as nothing holds it up. @default with at most two processors */
  constructor(here = crowded) {
    this.#from = here ? 0 : Infinity;
  }

  /** Whether to write here now. */
  get ready(): boolean {
    return performance.now() >= this.#from;
  }

  /**
   * Writes all of `bytes` to the file.
   * @param onWritten called with the bytes of each call, so that it is known what is in the file where a later one fails
   */
  write(fd: number, bytes: Uint8Array, position: number, onWritten?: (count: number) => void) {
    const begun = performance.now();
    for (let done = 0; done < bytes.byteLength;) {
      const length = Math.min(pieceSize, bytes.byteLength - done);
      const written = writeSync(fd, bytes, done, length, position + done);
      done += written;
      onWritten?.(written);
    }
    // The disk does not keep up: whatever else this process does must not wait for it.
    const ended = performance.now();
    if (ended - begun > slow) this.#from = ended + respite;
  }
}
