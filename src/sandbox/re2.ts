/**
 * Regular expressions of RE2, as which Docker Hub's rules are written, in JavaScript's words. They only tell whether a tag fits: groups
 * need not capture, and flags about lines and greed change nothing. Source: RE2, "Syntax", as far as Go's regexp has it.
 */

type Range = readonly [from: number, to: number];

/** The source for `new RegExp(source, "u")`; undefined for what is none of RE2's. */
export function fromRe2(text: string): string | undefined {
  try {
    const source = translate(text);
    return new RegExp(source, "u").source;
  } catch {
    return undefined;
  }
}

const group = /^\((?:(?!\?)|\?P?<(\w+)>|\?([imsU]*)(?:-([imsU]+))?([:)]))/;
const repeat = /^(?:[*+?]|\{(\d+)(?:,(\d*))?\})\??/;
const quoted = /^\\Q((?:(?!\\E)[^])*)(?:\\E|$)/;
const place = /^(?:\\[AzbB]|[$^])/;
/** How often something may be repeated, at most. */
const most = 1000;

/** @throws SyntaxError */
function translate(text: string): string {
  const outside: boolean[] = [];
  const names = new Set<string>();
  let fold = false;
  let source = "";
  for (let rest = text, length = 0; rest !== ""; rest = rest.slice(length)) {
    const known = [group, repeat, quoted, place].map((pattern) => pattern.exec(rest));
    const [opened, repeated, quote, placed] = known;
    length = known.find(Boolean)?.[0].length ?? 1;
    if (opened) {
      const [, name, on = "", off = "", end] = opened;
      if (name !== undefined && names.size === names.add(name).size) throw wrong();
      if (end !== ")") outside.push(fold);
      if (end !== ")") source += "(?:";
      fold = (fold || on.includes("i")) && !off.includes("i");
    } else if (repeated) {
      if (repeated.slice(1).some((times) => Number(times) > most)) throw wrong();
      source += repeated[0];
    } else if (quote) {
      for (const letter of quote[1]!) source += written(codeOf(letter), fold);
    } else if (placed) {
      const sign = { "\\A": "^", "\\z": "$" }[placed[0]] ?? placed[0];
      source += `(?:${sign})`;
    } else if (rest.startsWith(")")) {
      fold = outside.pop() ?? fail();
      source += ")";
    } else if (rest.startsWith("|") || rest.startsWith(".")) {
      source += rest.charAt(0);
    } else if (rest.startsWith("[")) {
      const found = readClass(rest, fold);
      source += found.source;
      length = found.length;
    } else {
      if (rest.startsWith("(")) throw wrong();
      const one = readOne(rest);
      source += one.class ?? written(one.code, fold);
      length = one.length;
    }
  }
  if (outside.length > 0) throw wrong();
  return source;
}

/** A class such as `[^a-z[:digit:]\-]`. */
function readClass(text: string, fold: boolean): { source: string; length: number } {
  const start = text.startsWith("[^") ? 2 : 1;
  let source = text.slice(0, start);
  let rest = text.slice(start);
  for (let first = true; first || !rest.startsWith("]"); first = false) {
    const [whole, not, name] = /^\[:(\^?)(\w+):\]/.exec(rest) ?? [];
    if (whole !== undefined) {
      const ranges = (name !== undefined && posix.get(name)) || fail();
      source += inner(not ? complement(folded(ranges, fold)) : folded(ranges, fold));
      rest = rest.slice(whole.length);
      continue;
    }
    const from = readOne(rest);
    rest = rest.slice(from.length);
    if (/^-[^\]]/.test(rest)) {
      const to = readOne(rest.slice(1));
      if (from.class ?? to.class ?? from.code > to.code) throw wrong();
      source += inner(folded([[from.code, to.code]], fold));
      rest = rest.slice(1 + to.length);
    } else source += from.class ?? inner(folded([[from.code, from.code]], fold));
  }
  return { source: `${source}]`, length: text.length - rest.length + 1 };
}

interface One {
  readonly code: number;
  /** Of what is more than a character: how JavaScript writes it. */
  readonly class?: string;
  /** Of the text that says it. */
  readonly length: number;
}

const controls: ReadonlyMap<string, number> = new Map([
  ["a", 7],
  ["t", 9],
  ["n", 10],
  ["v", 11],
  ["f", 12],
  ["r", 13],
]);

/** A character or a class with a name. @throws SyntaxError */
function readOne(text: string): One {
  if (!text.startsWith("\\")) {
    const code = text.codePointAt(0) ?? fail();
    return { code, length: String.fromCodePoint(code).length };
  }
  const [perl] = /^\\[dDsSwW]/.exec(text) ?? [];
  if (perl !== undefined) return { code: 0, class: perl, length: 2 };
  const [unicode, p, letter, not, name] = /^\\([pP])(?:(\w)|\{(\^?)(\w+)\})/.exec(text) ?? [];
  if (unicode !== undefined) {
    const isNot = (p === "P") !== (not === "^");
    const kind = letter ?? (/^[CLMNPSZ][a-z]?$/.test(name!) ? name! : `Script=${name!}`);
    return { code: 0, class: `\\${isNot ? "P" : "p"}{${kind}}`, length: unicode.length };
  }
  const [number, two, braced] = /^\\x(?:([\da-f]{2})|\{([\da-f]+)\})/i.exec(text) ?? [];
  if (number !== undefined)
    return { code: Number.parseInt(two ?? braced!, 16), length: number.length };
  const [octal] = /^\\(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(text) ?? [];
  if (octal !== undefined)
    return { code: Number.parseInt(octal.slice(1), 8), length: octal.length };
  const code =
    controls.get(text.charAt(1)) ?? codeOf(/^\\([!-/:-@[-`{-~])/.exec(text)?.[1] ?? fail());
  return { code, length: 2 };
}

const digit: Range = [0x30, 0x39];
const upper: Range = [0x41, 0x5a];
const lower: Range = [0x61, 0x7a];
const posix: ReadonlyMap<string, readonly Range[]> = new Map([
  ["alnum", [digit, upper, lower]],
  ["alpha", [upper, lower]],
  ["ascii", [[0, 0x7f]]],
  [
    "blank",
    [
      [9, 9],
      [0x20, 0x20],
    ],
  ],
  [
    "cntrl",
    [
      [0, 0x1f],
      [0x7f, 0x7f],
    ],
  ],
  ["digit", [digit]],
  ["graph", [[0x21, 0x7e]]],
  ["lower", [lower]],
  ["print", [[0x20, 0x7e]]],
  [
    "punct",
    [
      [0x21, 0x2f],
      [0x3a, 0x40],
      [0x5b, 0x60],
      [0x7b, 0x7e],
    ],
  ],
  [
    "space",
    [
      [9, 13],
      [0x20, 0x20],
    ],
  ],
  ["upper", [upper]],
  ["word", [digit, upper, [0x5f, 0x5f], lower]],
  ["xdigit", [digit, [0x41, 0x46], [0x61, 0x66]]],
]);

/** With the other case of each letter, where case does not count. */
function folded(ranges: readonly Range[], fold: boolean): readonly Range[] {
  if (!fold) return ranges;
  const others = ranges.flatMap(([from, to]) =>
    [upper, lower].flatMap(([first, last]): Range[] => {
      const [a, b] = [Math.max(from, first), Math.min(to, last)];
      return a > b ? [] : [[a ^ 0x20, b ^ 0x20]];
    }),
  );
  return [...ranges, ...others];
}

function complement(ranges: readonly Range[]): readonly Range[] {
  const gaps: Range[] = [];
  let next = 0;
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    if (from > next) gaps.push([next, from - 1]);
    next = Math.max(next, to + 1);
  }
  return next > 0x10ffff ? gaps : [...gaps, [next, 0x10ffff]];
}

/** A character by itself. */
function written(code: number, fold: boolean): string {
  const ranges = folded([[code, code]], fold);
  return ranges.length === 1 ? inner(ranges) : `[${inner(ranges)}]`;
}

function inner(ranges: readonly Range[]): string {
  return ranges
    .map(([from, to]) => (from === to ? escaped(from) : `${escaped(from)}-${escaped(to)}`))
    .join("");
}

function escaped(code: number): string {
  const letter = String.fromCodePoint(code);
  if (/^[a-z0-9]$/i.test(letter)) return letter;
  return `\\u{${code.toString(16)}}`;
}

function codeOf(letter: string): number {
  return letter.codePointAt(0)!;
}

function wrong(): SyntaxError {
  return new SyntaxError("this is no regular expression of RE2");
}

function fail(): never {
  throw wrong();
}
