/**
 * Regular expressions that people give, with a bound on the time they take: `(a+)+$` may take exponential time on a name of
 * 40 letters. They run where they can be stopped.
 */
import { WharfError } from "../../errors.ts";

/** Milliseconds for all names that are asked about together: ten thousand take some five. */
const patience = 1000;

/**
 * Which names an expression finds.
 *
 * @param patterns as of JavaScript, with the flag `u`; one of them must find the name
 * @throws WharfError USAGE for a bad expression, or one that takes too long
 */
export function namesFound(patterns: readonly string[], names: readonly string[]): Set<string> {
  return compilePatterns(patterns)(names);
}

/**
 * As {@link namesFound}, for several lists of names.
 * @throws WharfError USAGE for a bad expression
 */
export function compilePatterns(
  patterns: readonly string[],
): (names: readonly string[]) => Set<string> {
  checkPatterns(patterns);
  const { createContext, Script } = process.getBuiltinModule("node:vm");
  // Text goes in and out: objects of the other realm stay there.
  const context = createContext({ patterns: JSON.stringify(patterns), names: "" });
  new Script(prepare).runInContext(context);
  const script = new Script(search);
  return (names) => {
    if (names.length === 0) return new Set();
    context["names"] = JSON.stringify(names);
    try {
      return new Set(JSON.parse(String(script.runInContext(context, { timeout: patience }))));
    } catch (error) {
      if ((error as { code?: unknown }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
      const shown = patterns.map((pattern) => `'${pattern}'`).join(", ");
      throw new WharfError("USAGE", `The regular expression ${shown} takes too long`, {
        hint: "Avoid repeats within repeats, such as (a+)+.",
        cause: error,
      });
    }
  };
}

/** @throws WharfError USAGE for a bad expression */
export function checkPatterns(patterns: string | readonly string[] = []): void {
  for (const pattern of [patterns].flat()) {
    try {
      new RegExp(pattern, "u");
    } catch (error) {
      throw new WharfError("USAGE", (error as Error).message, {
        hint: "JavaScript's regular expressions are meant.",
        cause: error,
      });
    }
  }
}

const prepare = `const wanted = JSON.parse(patterns).map((pattern) => new RegExp(pattern, "u"));`;
const search = `JSON.stringify(JSON.parse(names).filter((name) => wanted.some((pattern) => pattern.test(name))))`;
