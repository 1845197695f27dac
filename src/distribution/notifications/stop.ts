/** Waits that end when there is work, or when it is over. */

export class Stop {
  readonly #abort = new AbortController();
  #ending = false;
  #woken = false;
  #end: (() => void) | undefined;
  #wake: (() => void) | undefined;

  /** Aborts what is running. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get aborted(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Whether nothing new shall be begun that has to be waited for. */
  get ending(): boolean {
    return this.#ending;
  }

  wake(): void {
    this.#woken = true;
    this.#wake?.();
  }

  end(): void {
    this.#ending = true;
    this.#end?.();
  }

  abort(): void {
    this.end();
    this.#abort.abort();
  }

  /**
   * Resolves after a time, when it is woken, or when it ends.
   * @param time milliseconds; without it only the others end it
   * @param options.asleep not to be woken
   */
  async wait(time: number | undefined, { asleep = false } = {}): Promise<void> {
    if (this.#ending || (this.#woken && !asleep)) {
      this.#woken = false;
      return;
    }
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#end = resolve;
      if (!asleep) this.#wake = resolve;
      if (time !== undefined) timer = setTimeout(resolve, time);
    });
    clearTimeout(timer);
    this.#end = undefined;
    this.#wake = undefined;
    this.#woken = false;
  }
}
