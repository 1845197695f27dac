/** Renders docs/conformance.md from what the suites counted. */
import { alwaysSkipped, type Counts } from "../test/conformance/suites.ts";

export interface Run {
  readonly suite: string;
  /** What the registry was served from. */
  readonly store: string;
  readonly counts: Counts;
}

export function conformancePage(runs: readonly Run[]): string {
  const row = (...cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  const names = new Set(runs.flatMap(({ counts }) => counts.left));
  return `# Conformance

The Open Container Initiative has two [conformance suites](https://github.com/opencontainers/distribution-spec/tree/main/conformance)
for its distribution specification: the one of release 1.1, and the newest, which tests as much as the version that it is told.
Our server passes both; \`npm test\` runs them where they are on \`PATH\` (\`oci-conformance\`, \`oci-conformance-1.1\`).
\`npm run conformance:oci\` builds them where they are not, runs them and writes this page.

Nothing is disabled: the newest suite is also told to test what it leaves out at version 1.1 (cancelled uploads, digests in
header fields, several tags in one push) and at every version (images some of whose blobs are missing, which our server takes
with \`--sparse-images\`).

${[
  row("suite", "over", "passed", "failed", "left out"),
  row("---", "---", "---:", "---:", "---:"),
  ...runs.map(({ suite, store, counts: { passed, failed, left } }) =>
    row(suite, store, passed, failed.length, left.length),
  ),
].join("\n")}

The suite of release 1.1 has 79 specs, of which four are always left out, because each is one side of an alternative:

${[...names].map((name) => `- ${name}: ${alwaysSkipped[name] ?? "unexpected"}`).join("\n")}

The same behaviours, and many that the suites do not look at, are tested by \`test/specification/\`, which runs everywhere: against
our server over memory and over a data directory, and against Debian's docker-registry, whose failures are listed by name, so that
the tests themselves are tested.
`;
}
