/** Ranges of versions as regsync and skopeo write them, in the grammar of `semver` in sync files. */
import { WharfError } from "../../errors.ts";

/** A range, and versions that are none of it. */
export interface TranslatedRange {
  readonly semver: string;
  /** Expressions for `exclude`. */
  readonly exclude: readonly string[];
}

/**
 * A range of regsync: parts that are not written are 0 there, `^0` and `~1` are narrower than npm's, and any suffix will do.
 * @throws WharfError UNSUPPORTED
 */
export function fromRegsync(range: string): string {
  const words = range.trim().split(/\s+/);
  const comparators = words.flatMap((word) => {
    const match = /^(>=|<=|>|<|=|\^|~)?v?(\d+(?:\.\d+){0,2})(-.+)?$/.exec(word);
    if (!match) throw unknown(range);
    const [, operator = "=", digits = "", suffix = ""] = match;
    const [major = 0, minor = 0, patch = 0] = digits.split(".").map(Number);
    const version = `${major}.${minor}.${patch}${suffix}`;
    if (operator === "~") return [`>=${version}`, `<${major}.${minor + 1}.0`];
    if (operator !== "^") return [`${operator}${version}`];
    if (major > 0) return [`>=${version}`, `<${major + 1}.0.0`];
    return [`>=${version}`, minor > 0 ? `<0.${minor + 1}.0` : `<0.0.${patch + 1}`];
  });
  // A suffix such as -alpine counts as a pre-release there, and is in the range with the rest.
  const [first = "", ...rest] = comparators;
  return [first.includes("-") ? first : `${first}-*`, ...rest].join(" ");
}

/**
 * A constraint of skopeo, which is npm's grammar but for `!=`.
 * @throws WharfError UNSUPPORTED
 */
export function fromSkopeo(constraint: string): TranslatedRange {
  const exclude: string[] = [];
  const alternatives = constraint.split("||").map((part) => {
    const words = part
      .replaceAll("=>", ">=")
      .replaceAll("=<", "<=")
      .replaceAll(/(!=|[<>]=?|[=^~])\s+/g, "$1")
      .split(/[\s,]+/)
      .filter(Boolean);
    const refused = words.filter((word) => word.startsWith("!="));
    for (const word of refused) {
      const version = /^!=v?(\d+)\.(\d+)\.(\d+)$/.exec(word);
      if (!version) throw unknown(constraint);
      exclude.push(`^v?${version.slice(1).join("\\.")}$`);
    }
    const wanted = words.filter((word) => !word.startsWith("!="));
    return wanted.length === 0 ? "*" : wanted.join(" ");
  });
  if (exclude.length > 0 && alternatives.length > 1) throw unknown(constraint);
  return { semver: alternatives.join(" || "), exclude };
}

function unknown(range: string): WharfError {
  return new WharfError("UNSUPPORTED", `The range '${range}' cannot be translated`, {
    hint: "Write it as `semver`, `match` or `exclude` by hand.",
  });
}
