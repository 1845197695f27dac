/** A request meets the faults that are due for it. */
import type { IncomingMessage, ServerResponse } from "node:http";

import type { Noted } from "../journal.ts";
import type { Keys } from "../keys.ts";
import { createRandom } from "../random.ts";
import { type Meeting, takeEffect } from "./effects.ts";
import { expireTokens } from "./expire.ts";
import { fits } from "./match.ts";
import { readFault, type FaultRule, writeRule } from "./rule.ts";

/** The field of a request that wants faults for itself. */
const faultField = "x-sandbox-fault";

/** A rule, and how far it has come. */
export interface Counted {
  readonly rule: FaultRule;
  /** Requests that fitted. */
  seen: number;
  /** Those of them that met the fault. */
  hits: number;
  random: () => number;
}

interface MeetParts {
  readonly keys: Keys;
  readonly now: () => number;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
}

/**
 * Lets faults happen: those of the request's own field, and of the rules those that are due, in their order.
 * @param noted told of each before it happens, for it may be the end of the connection
 * @returns whether they were all the answer that there will be
 * @throws WharfError USAGE for a field that says no fault
 */
export async function meet(
  { keys, now, closing }: MeetParts,
  rules: readonly Counted[],
  request: IncomingMessage,
  response: ServerResponse,
  part: string,
  noted: Noted,
): Promise<boolean> {
  const due = [...own(request), ...rules.filter((one) => isDue(one, request, part))];
  if (due.length === 0) return false;
  const ended = new AbortController();
  const end = () => ended.abort(new Error("the connection has ended"));
  if (request.socket.destroyed) end();
  response.once("close", end);
  closing.addEventListener("abort", () => response.destroy(), { signal: ended.signal });
  const met: string[] = [];
  noted.faults = met;
  for (const counted of due) {
    const { rule, random } = counted;
    counted.hits += 1;
    met.push(writeRule(rule));
    const meeting: Meeting = {
      request,
      response,
      part,
      signal: ended.signal,
      random,
      expire: (body) => expireTokens(body, keys, now()),
    };
    if (await takeEffect(meeting, rule)) return true;
  }
  return false;
}

function own({ headers }: IncomingMessage): Counted[] {
  const said = headers[faultField];
  if (said === undefined) return [];
  return String(said)
    .split(/[;,]/)
    .map((text) => countedFrom(readFault(text.trim())));
}

/** A rule before its first request. */
export function countedFrom(rule: FaultRule): Counted {
  return { rule, seen: 0, hits: 0, random: createRandom(rule.seed ?? 1).next };
}

/** Counts the request, where it fits. */
function isDue(counted: Counted, request: IncomingMessage, part: string): boolean {
  const { rule, random } = counted;
  if (!fits(rule, request, part)) return false;
  const { nth, first, every, rate } = rule;
  const seen = ++counted.seen;
  // Drawn for each request that fits, so that other conditions do not shift the choices.
  const drawn = rate === undefined || random() < rate;
  return (
    drawn &&
    (nth === undefined || seen === nth) &&
    (first === undefined || seen <= first) &&
    (every === undefined || seen % every === 0)
  );
}
