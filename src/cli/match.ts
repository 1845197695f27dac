/** Regular expressions that people give. */
import { usage } from "./flags.ts";

/**
 * Whether a name is wanted; all are where no expression is given.
 * @throws WharfError USAGE for a bad expression
 */
export function compileMatch(expression: string | undefined): (name: string) => boolean {
  if (expression === undefined) return () => true;
  try {
    const pattern = new RegExp(expression, "u");
    return (name) => pattern.test(name);
  } catch (error) {
    throw usage(
      `--match: ${(error as Error).message}`,
      "JavaScript's regular expressions are meant.",
    );
  }
}
