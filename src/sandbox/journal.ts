/** The requests that came last. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { callerOf } from "./caller.ts";

/** A request that came, and what it was answered; nothing that it signed in with. */
export interface JournalEntry {
  /** Counts on from 1, also after a reset and where requests were forgotten. */
  readonly number: number;
  /** Which part it was for. */
  readonly part?: string;
  readonly method: string;
  /** Path and query as they came; of a very long one the beginning. */
  readonly target: string;
  /** 0 where the connection ended without an answer. */
  readonly status: number;
  /** When it came, by the sandbox's clock: milliseconds since 1970. */
  readonly time: number;
  /** From its head to the answer's end, in milliseconds. */
  readonly milliseconds: number;
  /** The account that it named, whether rightly or not. */
  readonly account?: string;
  /** The faults that it met, as rules say them. */
  readonly faults?: readonly string[];
}

/** What is found out about a request while it is answered. */
export interface Noted {
  part?: string;
  faults?: string[];
}

/** Characters of a target that are kept. */
const longestTarget = 1000;

export class Journal {
  #entries: JournalEntry[] = [];
  #count = 0;
  readonly #now: () => number;
  readonly #limit: number;

  /** @param now milliseconds since 1970 @param limit requests that are kept */
  constructor(now: () => number = Date.now, limit = 1000) {
    this.#now = now;
    this.#limit = limit;
  }

  /** Oldest first. */
  get entries(): readonly JournalEntry[] {
    return this.#entries.slice(-this.#limit);
  }

  /** Notes a request when its answer is out. @returns where to put what is found out meanwhile */
  watch(request: IncomingMessage, response: ServerResponse): Noted {
    const noted: Noted = {};
    const time = this.#now();
    const began = performance.now();
    const account = callerOf(request);
    response.once("close", () => {
      const { method = "", url = "" } = request;
      this.#entries.push({
        number: ++this.#count,
        method,
        target: url.length > longestTarget ? copied(url.slice(0, longestTarget)) : url,
        status: response.headersSent ? response.statusCode : 0,
        time,
        milliseconds: Math.round(performance.now() - began),
        ...(account !== undefined && { account }),
        ...noted,
      });
      if (this.#entries.length >= 2 * this.#limit) this.#entries = [...this.entries];
    });
    return noted;
  }

  clear(): void {
    this.#entries = [];
  }
}

/** A part of a string keeps the whole in memory, a copy does not. */
function copied(text: string): string {
  return Buffer.from(text).toString();
}
