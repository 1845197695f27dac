/**
 * Whether it is worth a request to ask if the target has something before sending it.
 *
 * Pushing what is there is harmless, it only costs; asking for what is not there costs too. So:
 * - a local store is always asked: that costs next to nothing;
 * - a repository that the registry does not know is never asked;
 * - a blob of 1 MiB or more is always asked for: one round trip against the transfer of the whole;
 * - a smaller one (or a manifest) is asked for until eight in a row were missing. From then on the next is sent without a
 *   question, then the next two, four, … up to 64 between one question and the next. A hit starts all over.
 *   In a fresh repository, 2,000 small blobs so cost some 45 questions in place of 2,000; a copy that was interrupted
 *   and runs again finds what it left, because what it did first it asks for first.
 */
import { largeSize } from "./slots.ts";

const patience = 8;
const longestGap = 64;

export class Presence {
  readonly #always: boolean;
  #nothing = false;
  #misses = 0;
  #gap = 0;
  #skipped = 0;

  /** @param always the question is cheap, or the answer must be exact */
  constructor(always: boolean) {
    this.#always = always;
  }

  /** The repository does not exist yet. */
  expectNothing(): void {
    this.#nothing = true;
  }

  worthAsking(size: number): boolean {
    if (this.#always) return true;
    if (this.#nothing) return false;
    if (size >= largeSize || this.#misses < patience) return true;
    if (this.#skipped < this.#gap) {
      this.#skipped += 1;
      return false;
    }
    this.#skipped = 0;
    this.#gap = Math.min(longestGap, Math.max(1, this.#gap * 2));
    return true;
  }

  learn(found: boolean): void {
    this.#misses = found ? 0 : this.#misses + 1;
    if (!found) return;
    this.#gap = 0;
    this.#skipped = 0;
  }
}
