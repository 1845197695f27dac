/** Which of two versions of a package is the newer one. */
import { compareAlpine, compareRpm } from "./distributions.ts";
import { compareMaven, comparePython } from "./languages.ts";
import { compareNumbers } from "./numbers.ts";

/** Below 0 where `one` is older than `other`; `type` is that of a package URL. */
export function compareVersions(type: string, one: string, other: string): number {
  switch (type) {
    case "deb":
      return compareDebian(one, other);
    case "rpm":
      return compareRpm(one, other);
    case "apk":
      return compareAlpine(one, other);
    case "maven":
      return compareMaven(one, other);
    case "pypi":
      return comparePython(one, other) ?? compareSemantic(one, other);
    default:
      return compareSemantic(one, other);
  }
}

/** Source: Debian Policy, section 5.6.12. */
function compareDebian(one: string, other: string): number {
  const [a, b] = [partsOf(one), partsOf(other)];
  return (
    a.epoch - b.epoch || compareText(a.version, b.version) || compareText(a.revision, b.revision)
  );
}

function partsOf(text: string) {
  const colon = text.indexOf(":");
  const rest = text.slice(colon + 1);
  const dash = rest.lastIndexOf("-");
  return {
    epoch: colon < 0 ? 0 : Number.parseInt(text.slice(0, colon), 10) || 0,
    version: dash < 0 ? rest : rest.slice(0, dash),
    revision: dash < 0 ? "" : rest.slice(dash + 1),
  };
}

/** Alternates between what is no number and what is one. */
function compareText(one: string, other: string): number {
  let [a, b] = [one, other];
  while (a !== "" || b !== "") {
    const [words, otherWords] = [/^\D*/.exec(a)![0], /^\D*/.exec(b)![0]];
    const length = Math.max(words.length, otherWords.length);
    for (let at = 0; at < length; at += 1) {
      const difference = weight(words[at]) - weight(otherWords[at]);
      if (difference !== 0) return difference;
    }
    [a, b] = [a.slice(words.length), b.slice(otherWords.length)];
    const [number, otherNumber] = [/^\d*/.exec(a)![0], /^\d*/.exec(b)![0]];
    const difference = compareNumbers(number, otherNumber);
    if (difference !== 0) return difference;
    [a, b] = [a.slice(number.length), b.slice(otherNumber.length)];
  }
  return 0;
}

/** A tilde comes before the end, letters before everything else. */
function weight(character: string | undefined): number {
  if (character === undefined) return 0;
  if (character === "~") return -1;
  const code = character.charCodeAt(0);
  return /[A-Za-z]/.test(character) ? code : code + 256;
}

/** Semantic versions and what looks like them: fields that are missing are 0, a pre-release comes before its release. */
function compareSemantic(one: string, other: string): number {
  const [a, b] = [fieldsOf(one), fieldsOf(other)];
  for (let at = 0; at < Math.max(a.fields.length, b.fields.length); at += 1) {
    const difference = compareField(a.fields[at] ?? "0", b.fields[at] ?? "0");
    if (difference !== 0) return difference;
  }
  if (a.before === b.before) return 0;
  if (a.before === undefined) return 1;
  if (b.before === undefined) return -1;
  const [mine, others] = [a.before.split("."), b.before.split(".")];
  for (let at = 0; at < Math.max(mine.length, others.length); at += 1) {
    if (mine[at] === undefined) return -1;
    if (others[at] === undefined) return 1;
    const difference = compareField(mine[at]!, others[at]!);
    if (difference !== 0) return difference;
  }
  return 0;
}

function fieldsOf(version: string) {
  const [bare = ""] = version.replace(/^v(?=\d)/, "").split("+", 1);
  const dash = bare.indexOf("-");
  return {
    fields: (dash < 0 ? bare : bare.slice(0, dash)).split("."),
    before: dash < 0 ? undefined : bare.slice(dash + 1),
  };
}

function compareField(one: string, other: string): number {
  const numbers = [one, other].map((field) => /^\d+$/.test(field));
  if (numbers[0] && numbers[1]) return compareNumbers(one, other);
  if (numbers[0] !== numbers[1]) return numbers[0] ? -1 : 1;
  return compareText(one, other);
}
