/** Regular expressions that people give, with a bound on the time they take. */
import { WharfError } from "../../errors.ts";

/** Milliseconds for all names together: ten thousand take some five, a bad expression would take for ever. */
const patience = 1000;

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

/**
 * Which names an expression finds. An expression such as `(a+)+$` may take exponential time on a name of 40 letters, so it
 * runs where it can be stopped.
 *
 * @param patterns as of JavaScript, with the flag `u`; one of them must find the name
 * @throws WharfError USAGE for a bad expression, or one that takes too long
 */
export async function namesFound(
  patterns: readonly string[],
  names: readonly string[],
): Promise<Set<string>> {
  checkPatterns(patterns);
  const { createContext, runInContext } = await import("node:vm");
  const context = createContext({
    patterns: JSON.stringify(patterns),
    names: JSON.stringify(names),
  });
  try {
    // Text goes in and out: objects of the other realm stay there.
    const found: unknown = runInContext(script, context, { timeout: patience });
    return new Set(JSON.parse(String(found)) as string[]);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
    const shown = patterns.map((pattern) => `'${pattern}'`).join(", ");
    throw new WharfError("USAGE", `The regular expression ${shown} takes too long`, {
      hint: "Avoid repeats within repeats, such as (a+)+.",
      cause: error,
    });
  }
}

const script = `{
  const wanted = JSON.parse(patterns).map((pattern) => new RegExp(pattern, "u"));
  JSON.stringify(JSON.parse(names).filter((name) => wanted.some((pattern) => pattern.test(name))));
}`;
