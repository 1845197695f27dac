/** The work of one copy as a whole: the first failure stops the rest. */
import { interrupted, WharfError } from "../errors.ts";

/** Tells what is running, and what waits, to stop once a part has failed or the caller has aborted. */
export class Batch {
  readonly #controller = new AbortController();
  readonly #waiting = new Set<(reason: WharfError) => void>();
  readonly #outer: AbortSignal | undefined;
  #failure: unknown;

  constructor(outer?: AbortSignal) {
    this.#outer = outer;
    if (outer?.aborted) this.#interrupt();
    else outer?.addEventListener("abort", this.#interrupt, { once: true });
  }

  /** Aborted when the batch has failed. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the batch with its first error; later ones are only its echo. */
  fail(error: unknown): void {
    if (this.signal.aborted) return;
    this.#failure = error;
    // Not the error itself: others could not tell the part that failed from those that were stopped for it.
    this.#controller.abort(new Error("another part of the copy failed"));
    const reason = interrupted(this.signal);
    for (const cancel of this.#waiting) cancel(reason);
    this.#waiting.clear();
  }

  /** Makes the failure of a part that of the batch, for parts that are begun before all are known. */
  part(work: Promise<unknown>): Promise<void> {
    return work.then(
      () => {},
      (error: unknown) => this.fail(error),
    );
  }

  /** Waits until all parts have come to rest. @throws the batch's first error */
  async all(parts: Iterable<Promise<unknown>>): Promise<void> {
    await Promise.all(Array.from(parts, (work) => this.part(work)));
    this.check();
  }

  /** @throws the batch's first error, where it has failed */
  check(): void {
    if (this.signal.aborted) throw this.#failure;
  }

  /** Waits for what another batch does, no longer than this one lives. */
  wait<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const leave = this.onCancel(reject);
      const settle =
        <V>(end: (value: V) => void) =>
        (value: V) => {
          leave();
          end(value);
        };
      work.then(settle(resolve), settle(reject));
    });
  }

  /** Calls `cancel` when the batch fails, unless the returned function was called before. */
  onCancel(cancel: (reason: WharfError) => void): () => void {
    if (this.signal.aborted) {
      cancel(interrupted(this.signal));
      return () => {};
    }
    this.#waiting.add(cancel);
    return () => this.#waiting.delete(cancel);
  }

  /** Lets go of the caller's signal. */
  close(): void {
    this.#outer?.removeEventListener("abort", this.#interrupt);
  }

  readonly #interrupt = (): void => this.fail(interrupted(this.#outer));
}
