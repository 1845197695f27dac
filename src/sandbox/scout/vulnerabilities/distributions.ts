/** The order of versions of packages of distributions other than Debian's. */
import { compareNumbers } from "./numbers.ts";

/** Epoch, version and release. Source: RPM, "Dependencies" and rpmvercmp: `~` is older than the end, `^` newer. */
export function compareRpm(one: string, other: string): number {
  const [a, b] = [rpmParts(one), rpmParts(other)];
  return (
    compareNumbers(a.epoch, b.epoch) ||
    compareSegments(a.version, b.version) ||
    // Without a release any one will do.
    (a.release === "" || b.release === "" ? 0 : compareSegments(a.release, b.release))
  );
}

function rpmParts(text: string) {
  const [, epoch = "0", rest = ""] = /^(?:(\d*):)?(.*)$/s.exec(text) ?? [];
  const dash = rest.lastIndexOf("-");
  return {
    epoch,
    version: dash < 0 ? rest : rest.slice(0, dash),
    release: dash < 0 ? "" : rest.slice(dash + 1),
  };
}

/** Numbers are newer than words, and whoever has more of either is newer than who has not. */
function compareSegments(one: string, other: string): number {
  const [a, b] = [segmentsOf(one), segmentsOf(other)];
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = rank(a[at]) - rank(b[at]);
    if (difference !== 0) return difference;
    const [mine = "", others = ""] = [a[at], b[at]];
    const within = /^\d/.test(mine) ? compareNumbers(mine, others) : compareWords(mine, others);
    if (within !== 0) return within;
  }
  return 0;
}

const segmentsOf = (text: string) => text.match(/\d+|[A-Za-z]+|[~^]/g) ?? [];

function rank(segment: string | undefined): number {
  if (segment === undefined) return 0;
  if (segment === "~") return -1;
  if (segment === "^") return 1;
  return /^\d/.test(segment) ? 3 : 2;
}

/** What apk knows to stand before a release, and behind it. */
const suffixes = ["alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"];

/** `1.2.3a_rc4-r5`. Source: apk-tools, "apk-package(5)": package version. */
export function compareAlpine(one: string, other: string): number {
  const [a, b] = [alpineParts(one), alpineParts(other)];
  for (let at = 0; at < Math.max(a.numbers.length, b.numbers.length); at += 1) {
    const [mine, others] = [a.numbers[at], b.numbers[at]];
    if (mine === undefined || others === undefined) return mine === undefined ? -1 : 1;
    // Behind the first one they are fractions as soon as one begins with 0.
    const difference =
      at > 0 && (mine.startsWith("0") || others.startsWith("0"))
        ? compareWords(mine, others)
        : compareNumbers(mine, others);
    if (difference !== 0) return difference;
  }
  const letters = compareWords(a.letter, b.letter);
  if (letters !== 0) return letters;
  for (let at = 0; at < Math.max(a.suffixes.length, b.suffixes.length); at += 1) {
    const [mine, others] = [a.suffixes[at] ?? none, b.suffixes[at] ?? none];
    const difference = mine.rank - others.rank || compareNumbers(mine.number, others.number);
    if (difference !== 0) return difference;
  }
  return compareNumbers(a.revision, b.revision);
}

const none = { rank: suffixes.indexOf(""), number: "" };

function alpineParts(text: string) {
  const [, numbers = "", letter = "", rest = "", revision = ""] =
    /^([\d.]*)([a-z]?)((?:_[a-z]+\d*)*)(?:~[0-9a-f]+)?(?:-r(\d+))?/.exec(text) ?? [];
  return {
    numbers: numbers.split("."),
    letter,
    suffixes: Array.from(rest.matchAll(/_([a-z]+)(\d*)/g), ([, word = "", number = ""]) => ({
      rank: suffixes.includes(word) ? suffixes.indexOf(word) : none.rank,
      number,
    })),
    revision,
  };
}

function compareWords(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
