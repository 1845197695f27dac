/** Changes one member of a JSON text and leaves every other byte as it was: the file has other owners and a form of its own. */

interface Member {
  readonly key: string;
  /** Where the key's quote stands. */
  readonly start: number;
  readonly valueStart: number;
  /** Behind the value. */
  readonly end: number;
}

interface ObjectSpan {
  /** Of `{`. */
  readonly open: number;
  /** Of `}`. */
  readonly close: number;
  readonly members: readonly Member[];
}

/**
 * Sets the member at `path`, and makes the objects above it where they are missing.
 *
 * @param text valid JSON whose root is an object; blank counts as `{}`
 * @example
 * setMember('{"auths": {}}', ["auths", "ghcr.io"], { auth: "bWU6c2VjcmV0" })
 */
export function setMember(text: string, path: readonly string[], value: unknown): string {
  const json = text.trim() === "" ? "{}\n" : text;
  const style = styleOf(json);
  let span = readObject(json, json.indexOf("{"));
  for (const [depth, name] of path.entries()) {
    const rest = path.slice(depth + 1);
    const whole = rest.reduceRight((inner, key) => ({ [key]: inner }), value);
    const member = span.members.findLast(({ key }) => key === name);
    if (member === undefined) return insert(json, span, name, whole, style);
    if (rest.length === 0 || json[member.valueStart] !== "{") {
      const written = write(whole, indentAt(json, member.start), style);
      return json.slice(0, member.valueStart) + written + json.slice(member.end);
    }
    span = readObject(json, member.valueStart);
  }
  return json;
}

/** Removes the member at `path`, each of them where it is there twice; a text without it comes back as it is. */
export function removeMember(text: string, path: readonly string[]): string {
  let json = text;
  for (;;) {
    const span = spanOf(json, path.slice(0, -1));
    const at = span?.members.findLastIndex(({ key }) => key === path.at(-1)) ?? -1;
    const member = span?.members[at];
    if (span === undefined || member === undefined) return json;
    const before = span.members[at - 1];
    const after = span.members[at + 1];
    const from = after ? member.start : (before?.end ?? span.open + 1);
    const to = after ? after.start : before ? member.end : span.close;
    json = json.slice(0, from) + json.slice(to);
  }
}

function spanOf(json: string, path: readonly string[]): ObjectSpan | undefined {
  let at = json.indexOf("{");
  for (const name of path) {
    if (at < 0 || json[at] !== "{") return undefined;
    at = readObject(json, at).members.findLast(({ key }) => key === name)?.valueStart ?? -1;
  }
  return at >= 0 && json[at] === "{" ? readObject(json, at) : undefined;
}

interface Style {
  readonly newline: string;
  /** One step inwards; empty where all stands on one line. */
  readonly step: string;
}

/** The form of the file; of a new one, docker's. */
function styleOf(json: string): Style {
  const newline = json.includes("\r\n") ? "\r\n" : "\n";
  const root = readObject(json, json.indexOf("{"));
  const [first] = root.members;
  if (first === undefined) return { newline, step: "\t" };
  return { newline, step: indentAt(json, first.start) ?? "" };
}

/** The blanks before a position where it begins its line, else `undefined`. */
function indentAt(json: string, at: number): string | undefined {
  const line = json.slice(json.lastIndexOf("\n", at - 1) + 1, at);
  return line.length < at && line.trim() === "" ? line : undefined;
}

function insert(
  json: string,
  span: ObjectSpan,
  name: string,
  value: unknown,
  style: Style,
): string {
  const last = span.members.at(-1);
  if (last !== undefined) {
    const indent = indentAt(json, last.start);
    const gap = indent === undefined ? (style.step === "" ? "" : " ") : style.newline + indent;
    const member = `${JSON.stringify(name)}:${style.step === "" ? "" : " "}${write(value, indent, style)}`;
    return `${json.slice(0, last.end)},${gap}${member}${json.slice(last.end)}`;
  }
  const whole = write({ [name]: value }, lineIndent(json, span.open), style);
  return json.slice(0, span.open) + whole + json.slice(span.close + 1);
}

/** The blanks at the beginning of the line that holds a position. */
function lineIndent(json: string, at: number): string {
  const line = json.slice(json.lastIndexOf("\n", at) + 1, at);
  return /^[ \t]*/.exec(line)?.[0] ?? "";
}

function write(value: unknown, indent: string | undefined, { newline, step }: Style): string {
  if (indent === undefined || step === "") return JSON.stringify(value);
  return JSON.stringify(value, undefined, step).replaceAll("\n", newline + indent);
}

function readObject(json: string, open: number): ObjectSpan {
  const members: Member[] = [];
  let at = skipBlanks(json, open + 1);
  while (at < json.length && json[at] !== "}") {
    const start = at;
    const keyEnd = skipValue(json, start);
    const valueStart = skipBlanks(json, skipBlanks(json, keyEnd) + 1);
    const end = skipValue(json, valueStart);
    members.push({ key: String(JSON.parse(json.slice(start, keyEnd))), start, valueStart, end });
    at = skipBlanks(json, end);
    if (json[at] === ",") at = skipBlanks(json, at + 1);
  }
  return { open, close: at, members };
}

function skipBlanks(json: string, from: number): number {
  let at = from;
  while (at < json.length && /\s/.test(json.charAt(at))) at += 1;
  return at;
}

/** The end of the value that begins at `from`. */
function skipValue(json: string, from: number): number {
  let depth = 0;
  for (let at = from; at < json.length; at++) {
    const sign = json.charAt(at);
    if (sign === '"') {
      for (at += 1; at < json.length && json[at] !== '"'; at++) if (json[at] === "\\") at += 1;
      if (depth === 0) return at + 1;
    } else if (sign === "{" || sign === "[") {
      depth += 1;
    } else if (sign === "}" || sign === "]") {
      depth -= 1;
      if (depth === 0) return at + 1;
      if (depth < 0) return at;
    } else if (depth === 0 && /[\s,]/.test(sign)) {
      return at;
    }
  }
  return json.length;
}
