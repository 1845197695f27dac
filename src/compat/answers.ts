/** Answers that are remembered for a while: the same question again costs no request. */

interface Kept {
  readonly answer: Promise<unknown>;
  /** Milliseconds since 1970 after which it is asked again. */
  readonly until: number;
}

/** A process that asks about ever new things must not grow for ever. */
const most = 1000;

export class Answers {
  #enabled = true;
  #life = 300_000;
  readonly #kept = new Map<string, Kept>();

  /** @param options `time` in seconds */
  configure({ enabled, time }: { readonly enabled?: boolean; readonly time?: number }): void {
    if (enabled !== undefined) this.#enabled = enabled;
    if (time !== undefined) this.#life = time * 1000;
    this.clear();
  }

  clear(): void {
    this.#kept.clear();
  }

  /** A failure is not kept, nor what was asked before a change and arrives after it. */
  get<Answer>(question: string, ask: () => Promise<Answer>): Promise<Answer> {
    if (!this.#enabled) return ask();
    const now = Date.now();
    const found = this.#kept.get(question);
    if (found !== undefined && found.until > now) return found.answer as Promise<Answer>;
    const answer = ask();
    const kept = { answer, until: now + this.#life };
    this.#kept.set(question, kept);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= most) break;
      this.#kept.delete(oldest);
    }
    answer.catch(() => {
      if (this.#kept.get(question) === kept) this.#kept.delete(question);
    });
    return answer;
  }
}
