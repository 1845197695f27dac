/** The order of versions of packages of languages that do not keep to semantic versions. */
import { compareNumbers } from "./numbers.ts";

/** Python's. Source: PEP 440, "Summary of permitted suffixes and relative ordering"; undefined where one is no such version. */
export function comparePython(one: string, other: string): number | undefined {
  const [a, b] = [pythonParts(one), pythonParts(other)];
  if (!a || !b) return undefined;
  return (
    compareNumbers(a.epoch, b.epoch) ||
    compareLists(a.release, b.release) ||
    a.stage - b.stage ||
    compareNumbers(a.stageNumber, b.stageNumber) ||
    compareMarks(a.post, b.post, -1) ||
    compareMarks(a.dev, b.dev, 1)
  );
}

const python =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(alpha|a|beta|b|preview|pre|c|rc)[-_.]?(\d*))?(?:-(\d+)|[-_.]?(?:post|rev|r)[-_.]?(\d*))?(?:[-_.]?dev[-_.]?(\d*))?(?:\+[a-z0-9._-]*)?$/;
const stages: Readonly<Record<string, number>> = { a: 0, alpha: 0, b: 1, beta: 1 };

function pythonParts(text: string) {
  const match = python.exec(text.trim().toLowerCase());
  if (!match) return undefined;
  const [, epoch = "0", release = "", stage, stageNumber = "", implicit, explicit, dev] = match;
  const post = implicit ?? explicit;
  // What is in development comes before all of what it will be, alphas among it.
  const unstaged = dev !== undefined && post === undefined ? -1 : 3;
  return {
    epoch,
    release: release.split("."),
    stage: stage === undefined ? unstaged : (stages[stage] ?? 2),
    stageNumber,
    post,
    dev,
  };
}

/** A mark that is not there is older (-1) or newer (1) than all that are. */
function compareMarks(one: string | undefined, other: string | undefined, missing: -1 | 1): number {
  if (one === undefined || other === undefined)
    return one === other ? 0 : one === undefined ? missing : -missing;
  return compareNumbers(one, other);
}

function compareLists(one: readonly string[], other: readonly string[]): number {
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const difference = compareNumbers(one[at] ?? "", other[at] ?? "");
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What Maven knows to stand before a release, and behind it; other words come after these. */
const qualifiers = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
const aliases = new Map([
  ["ga", ""],
  ["final", ""],
  ["release", ""],
  ["cr", "rc"],
]);
/** Where a number follows. */
const short = new Map([
  ["a", "alpha"],
  ["b", "beta"],
  ["m", "milestone"],
]);

interface Token {
  readonly separator: "." | "-";
  readonly text: string;
}

/** Maven's. Source: Maven, "POM Reference", Version Order Specification. */
export function compareMaven(one: string, other: string): number {
  const [a, b] = [mavenTokens(one), mavenTokens(other)];
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const [mine = padding(b[at]!), others = padding(a[at]!)] = [a[at], b[at]];
    const difference = compareTokens(mine, others);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** What is not there is what means nothing in its place. */
function padding({ separator, text }: Token): Token {
  return { separator, text: /^\d/.test(text) ? "0" : "" };
}

function compareTokens(one: Token, other: Token): number {
  const difference = rank(one) - rank(other);
  if (difference !== 0) return difference;
  if (/^\d/.test(one.text)) return compareNumbers(one.text, other.text);
  const [a, b] = [one, other].map(({ text }) =>
    qualifiers.includes(text) ? qualifiers.indexOf(text) : qualifiers.length,
  ) as [number, number];
  return a - b || (one.text < other.text ? -1 : one.text > other.text ? 1 : 0);
}

function rank({ separator, text }: Token): number {
  if (!/^\d/.test(text)) return 0;
  return separator === "-" ? 1 : 2;
}

/** Also between digits and letters there is a hyphen. What means nothing at the end, or before a hyphen, is left out. */
function mavenTokens(version: string): Token[] {
  const tokens: Token[] = [];
  const words = version.toLowerCase().matchAll(/([.\-_]?)(\d+|[^\d.\-_]+)(?=(\d?))/g);
  for (const [, written = "", word = "", digit = ""] of words) {
    const separator = written === "." || tokens.length === 0 ? "." : "-";
    if (separator === "-") trim(tokens);
    const text = (digit === "" ? undefined : short.get(word)) ?? aliases.get(word) ?? word;
    tokens.push({ separator, text });
  }
  trim(tokens);
  return tokens;
}

function trim(tokens: Token[]): void {
  while (tokens.length > 1 && /^0*$/.test(tokens.at(-1)!.text)) tokens.pop();
}
