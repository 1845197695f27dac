/**
 * Regular expressions that say which tags have to stay as they are. They are strangers' texts, and Node's engine goes back and
 * forth where RE2, which Docker Hub uses, does not: they run in a context that is ended when it takes too long.
 */
import { runInNewContext } from "node:vm";

import { fromRe2 } from "./re2.ts";

/** Milliseconds for all rules on all tags that are looked at together. */
const patience = 100;
/** Rules of a repository, and characters of one. */
const most = 100;
const longest = 1000;
/** The longest tag that there can be, but for its end. */
const length = 127;

/** Why a list of rules is none; undefined where it can be used. */
export function faultOf(rules: readonly string[], tags: readonly string[]): string | undefined {
  if (rules.length > most) return `more than ${most} rules`;
  const wrong = rules.find((rule) => rule.length > longest || fromRe2(rule) === undefined);
  if (wrong !== undefined) return `invalid regular expression: ${wrong.slice(0, longest)}`;
  const found = matching(rules, [...tags, ...worst(rules)]);
  return found
    ? undefined
    : `regular expression takes too long: ${rules.join(", ").slice(0, longest)}`;
}

/** The tags that one of the rules fits; undefined where finding out takes too long, or a rule is too large for the engine. */
export function matching(rules: readonly string[], tags: readonly string[]): string[] | undefined {
  const given = JSON.stringify({ rules: rules.flatMap((rule) => fromRe2(rule) ?? []), tags });
  return attempt(given) ?? attempt(given);
}

/** Tried twice: a busy machine may have let a first one wait. */
function attempt(given: string): string[] | undefined {
  try {
    const found: unknown = runInNewContext(script, { given }, { timeout: patience });
    return JSON.parse(String(found)) as string[];
  } catch {
    return undefined;
  }
}

const script = `
  const { rules, tags } = JSON.parse(given);
  const patterns = rules.map((rule) => new RegExp(rule, "u"));
  JSON.stringify(tags.filter((tag) => patterns.some((pattern) => pattern.test(tag))));`;

/** Tags on which rules that go back and forth do so the longest: what they look for, again and again, and then not. */
function worst(rules: readonly string[]): string[] {
  const letters = new Set([...rules.flatMap((rule) => rule.match(/[a-z0-9]/gi) ?? []), "a", "0"]);
  return [...letters].flatMap((letter) => ["-", "_"].map((end) => letter.repeat(length) + end));
}
