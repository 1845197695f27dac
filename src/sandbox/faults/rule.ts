/** Rules of faults: which requests, when, and what happens to them; as an object and as a line of text. */
import { nearest } from "../../config/nearest.ts";
import { WharfError } from "../../errors.ts";

/** Which requests meet a fault, when, and what it does. All that is given has to hold; `fault` alone is for every request. */
export interface FaultRule {
  /** The sandbox's own pages (`/_sandbox/`) never meet one. */
  readonly part?: "hub" | "registry" | "auth" | "scout";
  readonly method?: string;
  /** Path as it was sent; `*` is any text, slashes included. With a `?` the query counts too. `/v2/library/*` */
  readonly path?: string;
  /** Of Docker Hub's API: `tags.list`. */
  readonly operation?: string;
  /** Whoever the token or password is of. */
  readonly account?: string;
  /** A field that the request has: `X-Run`, or with its value `X-Run: 7`. */
  readonly header?: string;

  /** Only the n-th request that fits, from 1. */
  readonly nth?: number;
  /** Only the first n. */
  readonly first?: number;
  /** Every n-th. */
  readonly every?: number;
  /** This share of them, from 0 to 1, by chance. */
  readonly rate?: number;
  /** Where chance begins: the same seed makes the same choices. @default 1 */
  readonly seed?: number;

  /** A number from 400 to 599 is a status, answered as the part would. */
  readonly fault: FaultKind;
  /** `delay`: milliseconds. @default 1000 */
  readonly ms?: number;
  /** `delay`: at most so many milliseconds more, by chance. @default 0 */
  readonly jitter?: number;
  /** Statuses and `html`: seconds that clients are asked to wait. @default 1 for 429, else none */
  readonly retryAfter?: number;
  /** `html`: a page may well come with 200. @default 503 */
  readonly status?: number;
  /**
   * Where it happens. Bytes of the body for `cut`, `truncate`, `corrupt` (default: in its middle), `reset` and `stall`;
   * `start`: nothing has been done yet (default of the others); `answer`: all is done, and the answer is lost; `headers`:
   * after the answer's head.
   */
  readonly at?: number | "start" | "answer" | "headers";
  /** `slow`: bytes a second. @default 1024 */
  readonly bytes?: number;
}

export type FaultKind = FaultWord | number;

/** What each fault does, and which settings it takes. */
export const faultWords = {
  delay: { does: "waits before the request is looked at", takes: ["ms", "jitter"] },
  html: {
    does: "answers with a page, as what stands before a server does",
    takes: ["status", "retryAfter", "at"],
  },
  expired: {
    does: "takes the token for expired; tokens that are issued have expired already",
    takes: [],
  },
  reset: { does: "breaks the connection", takes: ["at"] },
  cut: { does: "promises the whole body, and ends the connection in it", takes: ["at"] },
  truncate: { does: "sends the body's beginning as if it were the whole", takes: ["at"] },
  corrupt: { does: "flips a bit of the body", takes: ["at"] },
  slow: { does: "sends the body slowly", takes: ["bytes"] },
  digest: { does: "says a wrong Docker-Content-Digest", takes: [] },
  stall: { does: "sends nothing any more, until the client gives up", takes: ["at"] },
} as const satisfies Readonly<Record<string, { does: string; takes: readonly string[] }>>;

export type FaultWord = keyof typeof faultWords;

const statusTakes = ["retryAfter", "at"];
const places = ["start", "answer", "headers"];
/** Faults that happen at an offset, and cannot elsewhere. */
const inBody = new Set(["cut", "truncate", "corrupt"]);

type Reads = (value: unknown) => string | number | undefined;

const whole =
  (from: number, to = 1e9): Reads =>
  (value) => {
    const number = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
    return Number.isInteger(number) && Number(number) >= from && Number(number) <= to
      ? Number(number)
      : undefined;
  };
const text =
  (pattern: RegExp): Reads =>
  (value) =>
    typeof value === "string" && value.length <= 500 && pattern.test(value) ? value : undefined;

/** What a rule's names may be: how each is read, and in words. */
const settings: Readonly<Record<string, readonly [Reads, string]>> = {
  part: [text(/^(?:hub|registry|auth|scout)$/), "hub, registry, auth or scout"],
  method: [text(/^[A-Z]+$/), "a method in capital letters"],
  path: [text(/^[/*]\S*$/), "a path from its first slash on, * for any text"],
  operation: [text(/^\w+\.\w+$/), "an operation such as tags.list"],
  account: [text(/^\S+$/), "a name"],
  header: [text(/^[\w-]+(?::.*)?$/), "a field's name, or NAME:VALUE"],
  nth: [whole(1), "a whole number from 1"],
  first: [whole(1), "a whole number from 1"],
  every: [whole(1), "a whole number from 1"],
  rate: [
    (value) => {
      const number =
        typeof value === "string" && /^[\d.][\d.e-]*$/.test(value) ? Number(value) : value;
      return typeof number === "number" && number >= 0 && number <= 1
        ? Math.abs(number)
        : undefined;
    },
    "a number from 0 to 1",
  ],
  seed: [whole(0, 2 ** 32 - 1), "a whole number"],
  ms: [whole(0, 3_600_000), "milliseconds, at most an hour"],
  jitter: [whole(0, 3_600_000), "milliseconds, at most an hour"],
  retryAfter: [whole(0), "whole seconds"],
  status: [whole(200, 599), "a status from 200 to 599"],
  at: [
    (value) => (places.includes(String(value)) ? String(value) : whole(0)(value)),
    "a number of bytes, start, answer or headers",
  ],
  bytes: [whole(1), "bytes a second, from 1"],
};

/** Which requests, and when. */
const conditions = "part method path operation account header nth first every rate seed".split(" ");

/**
 * Reads a rule: an object, or text: `[METHOD] [PATH | OPERATION | PART] FAULT [NAME=VALUE]…`.
 * @throws WharfError USAGE
 *
 * @example
 * readRule("GET /v2/library/* cut at=1000 nth=2");
 * readRule({ operation: "tags.list", fault: 429, retryAfter: 1, first: 2 });
 */
export function readRule(given: string | FaultRule): FaultRule {
  return typeof given === "string" ? check(wordsOf(given), given) : check(given, "The rule");
}

/**
 * Reads only what happens: `503 retry-after=1`.
 * @throws WharfError USAGE also where it says for which requests, or when
 */
export function readFault(given: string): FaultRule {
  const rule = readRule(given);
  const surplus = Object.keys(rule).find((name) => conditions.includes(name) && name !== "seed");
  if (surplus !== undefined) throw usage(given, `${surplus} is for rules; this is for one request`);
  return rule;
}

/** The rules of a file: one a line; empty lines and those that begin with `#` say nothing. */
export function rulesOf(file: string): string[] {
  return file
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** The text of a rule, from which it can be read again. */
export function writeRule(rule: FaultRule): string {
  const { part, method, path, operation, fault, ...rest } = rule;
  // A path that begins with any text would be taken for something else, were it a word.
  const plain = path?.startsWith("/");
  const which = [method, part, plain ? path : undefined, operation].filter(
    (word) => word !== undefined,
  );
  const named = plain || path === undefined ? rest : { path, ...rest };
  const pairs = Object.entries(named).map(([name, value]) => `${dashed(name)}=${quoted(value)}`);
  return [...(which.length === 0 ? ["*"] : which), fault, ...pairs].join(" ");
}

/** The words of a rule's text as an object, whose values are still text. */
function wordsOf(given: string): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const put = (name: string, value: unknown) => {
    if (Object.hasOwn(found, name)) throw usage(given, `two words say its ${name}`);
    found[name] = value;
  };
  for (const word of given.match(/[\w-]+=(?:"(?:[^"\\]|\\.)*"(?!\S)|\S*)|\S+/g) ?? []) {
    const [, name, value] = /^([a-z][\w-]*)=(.*)$/.exec(word) ?? [];
    if (name !== undefined) put(camelled(name), unquoted(value ?? ""));
    else if (/^[A-Z]+$/.test(word)) put("method", word);
    else if (/^(?:hub|registry|auth|scout)$/.test(word)) put("part", word);
    else if (/^\w+\.\w+$/.test(word)) put("operation", word);
    else if (word.startsWith("/")) put("path", word);
    else if (word !== "*") put("fault", /^\d+$/.test(word) ? Number(word) : word);
  }
  return found;
}

function check(given: object, whose: string): FaultRule {
  const checked: Record<string, unknown> = {};
  const { fault, ...rest } = given as { fault?: unknown };
  const takes = settingsOf(fault, whose);
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined) continue;
    const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (!setting || !(conditions.includes(name) || takes.includes(name)))
      throw usage(
        whose,
        setting ? `${fault} takes no ${dashed(name)}` : `there is no ${dashed(name)}=`,
        guess(dashed(name), [...conditions, ...takes].map(dashed)),
      );
    const read = setting[0](value);
    if (read === undefined) throw usage(whose, `${dashed(name)} is ${setting[1]}`);
    checked[name] = read;
  }
  const { at } = checked;
  if (at !== undefined && !mayBeAt(fault as FaultKind, at))
    throw usage(whose, `${fault} cannot be at=${String(at)}`);
  return { ...checked, fault } as FaultRule;
}

function mayBeAt(fault: FaultKind, at: unknown): boolean {
  if (inBody.has(String(fault))) return typeof at === "number";
  return typeof fault === "string" && fault !== "html" ? true : at === "start" || at === "answer";
}

function settingsOf(fault: unknown, whose: string): readonly string[] {
  if (typeof fault === "number" && fault >= 400 && fault <= 599) return statusTakes;
  if (typeof fault === "string" && Object.hasOwn(faultWords, fault))
    return faultWords[fault as FaultWord].takes;
  if (fault === undefined) throw usage(whose, "it does not say what happens", all());
  throw usage(
    whose,
    `there is no fault ${shownAs(fault)}`,
    guess(typeof fault === "string" ? fault : "", Object.keys(faultWords)) ?? all(),
  );
}

/** What a program gives need be neither text nor number. */
function shownAs(fault: unknown): string {
  if (typeof fault === "number") return String(fault);
  if (typeof fault !== "string") return `of type ${typeof fault}`;
  return JSON.stringify(fault.length > 100 ? `${fault.slice(0, 100)}…` : fault);
}

/** There are `limit` rules already. */
export function tooMany(limit: number): WharfError {
  return new WharfError("USAGE", `A sandbox has at most ${limit} faults`, {
    hint: "Remove those that are not needed any more.",
  });
}

function all(): string {
  return `Faults are ${Object.keys(faultWords).join(", ")}, and statuses from 400 to 599.`;
}

function guess(word: string, candidates: readonly string[]): string | undefined {
  const near = nearest(word, candidates);
  return near && `Did you mean ${near}?`;
}

function usage(whose: string, what: string, hint?: string): WharfError {
  const shown = whose.length > 200 ? `${whose.slice(0, 200)}…` : whose;
  return new WharfError("USAGE", `${JSON.stringify(shown)} is no rule for a fault: ${what}`, {
    hint:
      hint ??
      "It is [METHOD] [PATH | OPERATION | PART] FAULT [NAME=VALUE]…, as in GET /v2/*/blobs/* cut at=1000 nth=2",
  });
}

const dashed = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const camelled = (name: string) =>
  name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
const quoted = (value: unknown) =>
  /[\s"\\]/.test(String(value)) ? `"${String(value).replace(/["\\]/g, "\\$&")}"` : String(value);
const unquoted = (text: string) => {
  const [, inner] = /^"((?:[^"\\]|\\.)*)"$/.exec(text) ?? [];
  return inner === undefined ? text : inner.replace(/\\(.)/g, "$1");
};
