/** Renders docs/errors.md from the table of errors. */
import { errorTable } from "../src/errors.ts";

export function errorsPage(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { exit, meaning, remedy }]) => `- \`${code}\` (${exit}): ${meaning} _${remedy}_`,
  );
  return `# Errors

Each error has a code (\`error.code\` in the library, \`"code"\` with \`--json\`) and, in parentheses, an exit status of \`wharf\`.
Below is what it means, and what to do. Generated from \`src/errors/table.ts\` by \`npm run build\`.

${rows.join("\n")}
`;
}
