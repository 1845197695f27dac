/** Renders docs/errors.md from the table of errors. */
import { errorTable } from "../src/errors.ts";

export function errorsPage(): string {
  const rows = Object.entries(errorTable).map(
    ([code, { exit, meaning, remedy }]) => `| \`${code}\` | ${exit} | ${meaning} | ${remedy} |`,
  );
  return `# Errors

Each error has a code (\`error.code\` in the library, \`"code"\` with \`--json\`) and an exit status of \`wharf\`.
Generated from \`src/errors.ts\` by \`npm run build\`.

| code | exit | what it means | what to do |
| --- | --- | --- | --- |
${rows.join("\n")}
`;
}
