/** Regular expressions that people give. */
import { isError, WharfError } from "../errors.ts";
import { checkPatterns, compilePatterns } from "../image/tags/pattern.ts";

/** Names that are asked about together: each question costs as much as some hundred names. */
const together = 500;

/**
 * Checks an expression, and names the flag where it is bad.
 * @throws WharfError USAGE
 */
export function checkMatch(expression: string | undefined, flag = "match"): void {
  if (expression === undefined) return;
  try {
    checkPatterns(expression);
  } catch (error) {
    if (!isError(error)) throw error;
    throw new WharfError(error.code, `--${flag}: ${error.message}`, error.details);
  }
}

/**
 * Whether a name is wanted; all are where no expression is given.
 * @throws WharfError USAGE for a bad expression, and from the function returned for one that takes too long
 */
export function compileMatch(expression: string | undefined): (name: string) => boolean {
  if (expression === undefined) return () => true;
  checkMatch(expression);
  const find = compilePatterns([expression]);
  return (name) => find([name]).size > 0;
}

/**
 * The names that are wanted, as they come.
 * @throws WharfError USAGE for a bad expression, or one that takes too long
 */
export async function* matching(
  names: AsyncIterable<string>,
  expression: string | undefined,
): AsyncGenerator<string, void, undefined> {
  if (expression === undefined) return yield* names;
  checkMatch(expression);
  const find = compilePatterns([expression]);
  let waiting: string[] = [];
  for await (const name of names) {
    waiting.push(name);
    if (waiting.length < together) continue;
    yield* find(waiting);
    waiting = [];
  }
  yield* find(waiting);
}
