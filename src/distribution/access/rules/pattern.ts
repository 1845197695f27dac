/** Patterns of repositories and tags; matched in time that grows with the name only. */

/** A place in a pattern: a character, or a wildcard. */
type Place =
  | { readonly character: string }
  /** `*`: any characters but a slash. */
  | { readonly wildcard: "part" }
  /** `**` at the end: any characters. */
  | { readonly wildcard: "rest" }
  /** `**` and a slash: any number of whole parts. */
  | { readonly wildcard: "parts" };

/** The place of whoever asks in a pattern of repositories. */
const userPlace = "{user}";

export interface Pattern {
  /**
   * Whether a name matches.
   * @param user whose name stands for `{user}`; without one, patterns with it match nothing
   */
  matches(name: string, user?: string): boolean;
}

/**
 * Reads a list of patterns: a name matches where one of them does and none of those that begin with `!`.
 *
 * @example
 * createPattern(["team-a/**", "!team-a/secret"]).matches("team-a/web") // true
 */
export function createPattern(texts: readonly string[]): Pattern {
  const wanted = texts.filter((text) => !text.startsWith("!")).map(reader);
  const unwanted = texts
    .filter((text) => text.startsWith("!"))
    .map((text) => reader(text.slice(1)));
  return {
    matches: (name, user) =>
      wanted.some((places) => run(places(user), name)) &&
      !unwanted.some((places) => run(places(user), name)),
  };
}

/** @returns what is wrong with a pattern of repositories, or undefined */
export function complainOfRepositories(text: string): string | undefined {
  const bare = text.replace(/^!/, "").replaceAll(userPlace, "user");
  if (bare === "") return "is empty";
  if (/[A-Z]/.test(bare)) return "must be lower case, as repositories are";
  const stranger = /[^a-z0-9._/*-]/u.exec(bare)?.[0];
  if (stranger !== undefined)
    return `must be parts of names, '*', '**' and ${userPlace}; '${stranger}' is not allowed`;
  if (bare.split("/").some((part) => part === "")) return "has an empty part between slashes";
  if (bare.split("/").some((part) => part.includes("**") && part !== "**"))
    return "has '**' beside other characters; it stands for whole parts";
  return undefined;
}

/** @returns what is wrong with a pattern of tags, or undefined */
export function complainOfTags(text: string): string | undefined {
  const bare = text.replace(/^!/, "");
  if (bare === "") return "is empty";
  const stranger = /[^A-Za-z0-9._*-]/u.exec(bare)?.[0];
  return stranger === undefined
    ? undefined
    : `must be letters, digits, '.', '_', '-' and '*'; '${stranger}' is not allowed`;
}

type Reader = (user: string | undefined) => readonly Place[] | undefined;

function reader(text: string): Reader {
  if (!text.includes(userPlace)) {
    const places = read(text);
    return () => places;
  }
  return (user) =>
    user !== undefined && isPart(user) ? read(text.replaceAll(userPlace, user)) : undefined;
}

/** Whether a user's name can be part of a repository's, and so is no pattern itself. */
function isPart(user: string): boolean {
  return /^[a-z0-9]+(?:[._-]+[a-z0-9]+)*$/.test(user);
}

function read(text: string): readonly Place[] {
  const places: Place[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text.startsWith("**/", at)) {
      places.push({ wildcard: "parts" });
      at += 2;
    } else if (text.startsWith("**", at)) {
      places.push({ wildcard: "rest" });
      at += 1;
    } else if (text[at] === "*") places.push({ wildcard: "part" });
    else places.push({ character: text[at]! });
  }
  return places;
}

/** Keeps, for each character, all places of the pattern that the text may have come to. */
function run(places: readonly Place[] | undefined, text: string): boolean {
  if (!places) return false;
  let reached = forward(places, [0], true);
  for (const character of text) {
    const next: number[] = [];
    for (const at of reached) {
      const place = places[at];
      if (!place) continue;
      if ("character" in place) {
        if (place.character === character) next.push(at + 1);
      } else if (place.wildcard !== "part" || character !== "/") next.push(at);
    }
    if (next.length === 0) return false;
    reached = forward(places, next, character === "/");
  }
  return reached.has(places.length);
}

/** Adds the places that are reached by letting wildcards stand for nothing more. */
function forward(
  places: readonly Place[],
  from: readonly number[],
  isPartBegun: boolean,
): Set<number> {
  const reached = new Set<number>();
  for (let at of from)
    for (; !reached.has(at); at++) {
      reached.add(at);
      const place = places[at];
      if (!place || "character" in place) break;
      if (place.wildcard === "parts" && !isPartBegun) break;
    }
  return reached;
}
