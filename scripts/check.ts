/** Runs every check and ends with `N passed, N failed, N skipped`. */
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { globSync } from "node:fs";
import { run } from "node:test";
import { spec } from "node:test/reporters";

const chosen = process.argv.slice(2);
const count = { passed: 0, failed: 0, skipped: 0 };
const skips = new Set<string>();

function step(name: string, command: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: "utf8" });
  const ok = status === 0;
  count[ok ? "passed" : "failed"] += 1;
  console.log(`${ok ? "✔" : "✖"} ${name}`);
  if (!ok) console.log(stdout + stderr);
}

if (chosen.length === 0) {
  step("format (oxfmt)", "oxfmt", "--check", ".");
  step("lint (oxlint)", "oxlint", "--deny-warnings");
  step("types (tsc)", "tsc", "--noEmit");
}

const files =
  chosen.length > 0
    ? chosen
    : [...globSync("src/**/*.test.ts").toSorted(), ...globSync("test/**/*.test.ts").toSorted()];
const stream = run({
  files,
  concurrency: Math.max(2, availableParallelism()),
  timeout: 20 * 60_000,
});
stream.on("test:pass", ({ name, file, skip, todo, details }) => {
  const reason = skip ?? todo;
  if (reason === undefined) return;
  // Node counts tests; those of a suite that is left out as a whole do not even exist.
  if (details.type === "suite" && skip !== undefined) count.skipped += 1;
  const why = typeof reason === "string" ? reason : "no reason given";
  skips.add(`${file?.split("/").at(-1)}: ${name}: ${why}`);
});
stream.on("test:summary", ({ file, counts }) => {
  if (file !== undefined) return;
  count.passed += counts.passed;
  count.failed += counts.tests - counts.passed - counts.skipped - counts.todo;
  count.skipped += counts.skipped + counts.todo;
});
for await (const line of stream.compose(new spec())) process.stdout.write(line);

if (skips.size > 0) console.log(`\nSkipped:\n${[...skips].map((line) => `  ${line}`).join("\n")}`);
const strict = process.env.WHARF_TEST_NO_SKIP === "1" && count.skipped > 0;
if (strict) console.log("\nWHARF_TEST_NO_SKIP=1: a skipped test is a failure.");
console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exit(count.failed > 0 || strict || count.passed === 0 ? 1 : 0);
