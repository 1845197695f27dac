/** The requests that came last. */
import type { IncomingMessage, ServerResponse } from "node:http";

export interface JournalEntry {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly status: number;
}

export class Journal {
  #entries: JournalEntry[] = [];
  readonly #limit: number;

  /** @param limit requests that are kept */
  constructor(limit = 1000) {
    this.#limit = limit;
  }

  /** Oldest first. */
  get entries(): readonly JournalEntry[] {
    return this.#entries.slice(-this.#limit);
  }

  /** Notes a request when its answer is out. */
  watch(request: IncomingMessage, response: ServerResponse): void {
    response.once("close", () => {
      const { method = "", url: target = "" } = request;
      this.#entries.push({ method, target, status: response.statusCode });
      if (this.#entries.length >= 2 * this.#limit) this.#entries = [...this.entries];
    });
  }

  clear(): void {
    this.#entries = [];
  }
}
