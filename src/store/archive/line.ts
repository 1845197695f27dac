/** First come, first served: a place in a line can be taken now and used later. */
import { interrupted } from "../../errors.ts";

export interface Place {
  /** Whether nobody was before this place when it was taken. */
  readonly first: boolean;
  /** Waits until everybody before this place has left. @throws WharfError INTERRUPTED */
  turn(signal?: AbortSignal): Promise<void>;
  /** Lets the next one go; may be called again, and before it is one's turn. */
  leave(): void;
}

export class Line {
  #last: Promise<unknown> = Promise.resolve();
  #length = 0;

  /** Takes the last place. Whoever takes one must leave it. */
  enter(): Place {
    const before = this.#last;
    let resolve = (): void => {};
    const left = new Promise<void>((done) => (resolve = done));
    this.#last = Promise.all([before, left]);
    const first = this.#length === 0;
    this.#length += 1;
    let here = true;
    return {
      first,
      turn: (signal) => abortable(before, signal),
      leave: () => {
        if (!here) return;
        here = false;
        this.#length -= 1;
        resolve();
      },
    };
  }
}

async function abortable(promise: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  if (signal === undefined) return void (await promise);
  if (signal.aborted) throw interrupted(signal);
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(interrupted(signal));
    signal.addEventListener("abort", onAbort);
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
