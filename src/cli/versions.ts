/** Order of tags as versions: numbers by value, a release after its candidates (semver's rule, read leniently). */

/** Compares two tags, for `Array.sort`: 1.9 < 1.10-rc.1 < 1.10; what is no version comes first, by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [readVersion(a), readVersion(b)];
  if (!left || !right) return left ? 1 : right ? -1 : byText(a, b);
  const length = Math.max(left.numbers.length, right.numbers.length);
  for (let i = 0; i < length; i += 1) {
    const difference = (left.numbers[i] ?? -1) - (right.numbers[i] ?? -1);
    if (difference !== 0) return difference;
  }
  if (left.rest === right.rest) return byText(a, b);
  if (left.rest === "") return 1;
  if (right.rest === "") return -1;
  return compareSuffixes(left.rest, right.rest) || byText(a, b);
}

function readVersion(tag: string): { numbers: number[]; rest: string } | undefined {
  const match = /^v?(\d{1,15}(?:\.\d{1,15}){0,5})(?:[-+._](.*))?$/i.exec(tag);
  return match ? { numbers: match[1]!.split(".").map(Number), rest: match[2] ?? "" } : undefined;
}

function compareSuffixes(a: string, b: string): number {
  const [left, right] = [a.split(/[.-]/), b.split(/[.-]/)];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const [x, y] = [left[i]!, right[i]!];
    const numeric = /^\d{1,15}$/.test(x) && /^\d{1,15}$/.test(y);
    const difference = numeric ? Number(x) - Number(y) : byText(x, y);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
