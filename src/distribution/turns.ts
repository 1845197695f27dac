/** One request at a time on each upload. */
import { WharfError } from "../errors.ts";

interface Turn {
  readonly end: AbortController;
  readonly over: Promise<void>;
}

/**
 * The newest request on an upload wins: it ends the one before, and begins when that is over. The older one is mostly what
 * a broken connection has left behind, whose client has come back to resume.
 */
export class Turns {
  readonly #turns = new Map<string, Turn>();

  /**
   * @param work gets a signal that a newer request or the caller's own signal aborts
   */
  async take<Result>(
    key: string,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    for (let turn = this.#turns.get(key); turn; turn = this.#turns.get(key)) {
      turn.end.abort(new WharfError("UPLOAD_INVALID", "a newer request took the upload over"));
      await turn.over;
    }
    const end = new AbortController();
    let finish = () => {};
    const turn = { end, over: new Promise<void>((resolve) => (finish = resolve)) };
    this.#turns.set(key, turn);
    const stop = () => end.abort(signal.reason);
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    try {
      return await work(end.signal);
    } finally {
      signal.removeEventListener("abort", stop);
      this.#turns.delete(key);
      finish();
    }
  }
}
