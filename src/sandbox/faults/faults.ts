/** The faults that a sandbox was told of. What they need is loaded with the first of them. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Noted } from "../journal.ts";
import type { Keys } from "../keys.ts";
import type { Counted } from "./meet.ts";
import type { FaultRule } from "./rule.ts";

/** A rule that holds. */
export interface Fault {
  readonly id: number;
  /** As text, such as `GET /v2/* 503`. */
  readonly rule: string;
  /** Requests that fitted so far. */
  readonly seen: number;
  /** Requests that met the fault so far. */
  readonly hits: number;
  /** Ends it. */
  remove(): void;
}

export interface FaultParts {
  readonly keys: Keys;
  readonly now: () => number;
  /** Whether each part of the sandbox has a port of its own. */
  readonly separate: boolean;
}

/** Most rules at a time: each is looked at for each request. */
const limit = 1000;

export class Faults {
  readonly #parts: FaultParts;
  readonly #closing = new AbortController();
  #held: { readonly counted: Counted; readonly fault: Fault; readonly lasting: boolean }[] = [];
  #count = 0;

  constructor(parts: FaultParts) {
    this.#parts = parts;
  }

  /** In the order in which they apply. */
  get list(): readonly Fault[] {
    return this.#held.map(({ fault }) => fault);
  }

  /**
   * Adds rules: all of them, or where one is wrong, none.
   * @param lasting whether they outlive {@link reset}
   * @throws WharfError USAGE for what is no rule, and for one that no request can meet
   */
  async add(rules: readonly (string | FaultRule)[], lasting = false): Promise<readonly Fault[]> {
    if (rules.length === 0) return [];
    const { readRule, writeRule, tooMany } = await import("./rule.ts");
    const { checkOperation } = await import("./match.ts");
    const { checkPossible } = await import("./possible.ts");
    const { countedFrom } = await import("./meet.ts");
    const read = rules.map(readRule);
    for (const rule of read) {
      checkOperation(rule);
      checkPossible(rule, this.#parts.separate);
    }
    if (this.#held.length + read.length > limit) throw tooMany(limit);
    const added = read.map((rule) => {
      const counted = countedFrom(rule);
      const id = ++this.#count;
      const fault: Fault = {
        id,
        rule: writeRule(rule),
        get seen() {
          return counted.seen;
        },
        get hits() {
          return counted.hits;
        },
        remove: () => void this.remove(id),
      };
      return { counted, fault, lasting };
    });
    this.#held.push(...added);
    return added.map(({ fault }) => fault);
  }

  /** @returns whether it was there */
  remove(id: number): boolean {
    const before = this.#held.length;
    this.#held = this.#held.filter(({ fault }) => fault.id !== id);
    return this.#held.length < before;
  }

  clear(): void {
    this.#held = [];
  }

  /** Those that last begin to count anew, the others end. */
  async reset(): Promise<void> {
    const lasting = this.#held.filter((one) => one.lasting);
    this.clear();
    await this.add(
      lasting.map(({ counted }) => counted.rule),
      true,
    );
  }

  /** Whether anything may happen to this request. */
  concern({ headers }: IncomingMessage): boolean {
    return this.#held.length > 0 || headers["x-sandbox-fault"] !== undefined;
  }

  /**
   * Lets faults happen to a request, and to the answer that will be written.
   * @param noted is told which
   * @returns whether they were all the answer that there will be
   * @throws WharfError USAGE for a field `X-Sandbox-Fault` that says no fault
   */
  async meet(
    request: IncomingMessage,
    response: ServerResponse,
    part: string,
    noted: Noted,
  ): Promise<boolean> {
    const { meet } = await import("./meet.ts");
    const parts = { ...this.#parts, closing: this.#closing.signal };
    const rules = this.#held.map(({ counted }) => counted);
    return meet(parts, rules, request, response, part, noted);
  }

  /** Ends whoever is kept waiting. */
  close(): void {
    this.#closing.abort();
  }
}
