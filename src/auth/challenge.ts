/**
 * What a server asks for in `WWW-Authenticate` (RFC 9110, section 11.6.1).
 * Real headers break the grammar, so the reader takes what it can and never fails; its cost is linear in the input.
 */

/** One challenge of a 401. */
export interface Challenge {
  /** In lower case: `bearer`, `basic`, `negotiate`, … */
  readonly scheme: string;
  /** Names in lower case. Where a name occurs twice, its first value. */
  readonly parameters: ReadonlyMap<string, string>;
  /** The opaque form some schemes use instead of parameters, such as `Negotiate YII=`. */
  readonly token68?: string;
}

const token = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const token68 = /[-._~+/0-9A-Za-z]+=*/y;
// An address is often left unquoted; a comma or blank ends it.
const bareValue = /[^\s,"]*/y;
const separators = /[\s,]*/y;
const blanks = /\s*/y;

/**
 * Reads the challenges of a 401 in the order in which the server gave them.
 *
 * @param lines the lines of `WWW-Authenticate`, each of which may hold several challenges
 * @example
 * parseChallenges(['Bearer realm="https://auth.example/token",scope="repository:a/b:pull,push", Basic realm="x"'])
 */
export function parseChallenges(lines: readonly string[]): Challenge[] {
  return lines.flatMap((line) => parseLine(line));
}

function parseLine(line: string): Challenge[] {
  const challenges: { scheme: string; parameters: Map<string, string>; token68?: string }[] = [];
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(line)?.[0] ?? "";
    at += found.length;
    return found;
  };

  while (at < line.length) {
    take(separators);
    const name = take(token).toLowerCase();
    if (name === "") {
      at += 1; // not a token: skip what cannot be understood
      continue;
    }
    const afterName = at;
    take(blanks);
    if (line[at] === "=") {
      at += 1;
      take(blanks);
      const value = line[at] === '"' ? takeQuoted() : take(bareValue);
      const parameters = challenges.at(-1)?.parameters;
      if (parameters !== undefined && !parameters.has(name)) parameters.set(name, value);
      continue;
    }
    const challenge: (typeof challenges)[number] = { scheme: name, parameters: new Map() };
    challenges.push(challenge);
    if (at === afterName) continue;
    const before = at;
    const opaque = take(token68);
    take(blanks);
    if (opaque !== "" && (at >= line.length || line[at] === ",")) challenge.token68 = opaque;
    else at = before; // the first parameter, or the next scheme after a forgotten comma
  }
  return challenges;

  function takeQuoted(): string {
    const parts: string[] = [];
    let start = at + 1;
    for (at = start; at < line.length && line[at] !== '"'; at++) {
      if (line[at] !== "\\" || at + 1 >= line.length) continue;
      parts.push(line.slice(start, at));
      at += 1;
      start = at;
    }
    parts.push(line.slice(start, at));
    at += 1; // the closing quote; without one, the value is the rest of the line
    return parts.join("");
  }
}
