/**
 * Filters of a directory: `userName eq "jon.snow@example.com" and not (active eq false)`.
 * Source: RFC 7644, section 3.4.2.2; the operators are those that Docker's description has.
 */
import { scimRefusal } from "./refusal.ts";
import { isAttribute, valuesOf } from "./attributes.ts";

export type Filter = (item: object) => boolean;

/** Brackets within brackets. */
const deepest = 20;
const token = /\s*(?:([()])|("(?:[^"\\]|\\.)*")|([^\s()"]+))/y;

/** @throws HubRefusal 400 invalidFilter */
export function parseFilter(text: string): Filter {
  const tokens = tokensOf(text);
  let place = 0;
  const peek = () => tokens[place]?.toLowerCase();
  const take = () => tokens[place++] ?? wrong("it ends too early");

  const any = (depth: number): Filter => {
    const parts = [all(depth)];
    while (peek() === "or") parts.push((take(), all(depth)));
    return (item) => parts.some((part) => part(item));
  };
  const all = (depth: number): Filter => {
    const parts = [one(depth)];
    while (peek() === "and") parts.push((take(), one(depth)));
    return (item) => parts.every((part) => part(item));
  };
  const one = (depth: number): Filter => {
    if (depth > deepest) wrong("it is nested too deeply");
    if (peek() === "not") {
      take();
      const inner = one(depth + 1);
      return (item) => !inner(item);
    }
    if (peek() !== "(") return comparison(take(), take().toLowerCase(), take());
    take();
    const inner = any(depth + 1);
    if (take() !== ")") wrong("a bracket is not closed");
    return inner;
  };

  const filter = any(0);
  if (place < tokens.length) wrong(`${tokens[place]} is too much`);
  return filter;
}

function comparison(attribute: string, operator: string, literal: string): Filter {
  if (!isAttribute(attribute)) wrong(`there is no attribute ${attribute}`);
  const wanted = valueOf(literal);
  const holds = (test: (value: unknown) => boolean) => (item: object) =>
    valuesOf(item, attribute).some(test);
  const text = String(wanted).toLowerCase();
  const equal = holds((value) => folded(value) === folded(wanted));
  switch (operator) {
    case "eq":
      return equal;
    case "ne":
      return (item) => !equal(item);
    case "co":
      return holds((value) => String(value).toLowerCase().includes(text));
    case "sw":
      return holds((value) => String(value).toLowerCase().startsWith(text));
    default:
      return wrong(`there is no operator ${operator}`);
  }
}

/** Names and mail addresses are the same in capitals. */
function folded(value: unknown): unknown {
  return typeof value === "string" ? value.toLowerCase() : value;
}

function valueOf(literal: string): unknown {
  try {
    return JSON.parse(literal) as unknown;
  } catch {
    return wrong(`${literal} is no value; texts are in quotes`);
  }
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  const end = text.trimEnd().length;
  let place = 0;
  while (place < end) {
    const match = token.exec(text);
    if (!match) return wrong("a quote is not closed");
    tokens.push((match[1] ?? match[2] ?? match[3])!);
    place = token.lastIndex;
  }
  return tokens;
}

function wrong(why: string): never {
  throw scimRefusal(400, `the filter is not understood: ${why}`, "invalidFilter");
}
