/**
 * `npm run conformance:oci`: runs the official conformance suites of the distribution specification against our server and
 * writes what they counted to docs/conformance.md. Suites that are not on PATH are built, which takes Go, git and the network.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";

import type { Counts } from "../test/conformance/suites.ts";
import { isOnPath } from "../test/tools.ts";

const source = "https://github.com/opencontainers/distribution-spec";
const built = resolve(".wharf", "conformance");
process.env.PATH = `${process.env.PATH ?? ""}${delimiter}${built}`;

if (!isOnPath("oci-conformance")) build("oci-conformance", "main", "build");
if (!isOnPath("oci-conformance-1.1")) build("oci-conformance-1.1", "v1.1.1", "test", "-c");

// They look for the programs when they are loaded.
const { runNewest, runReleased } = await import("../test/conformance/suites.ts");
const { serveFor, stores } = await import("../test/conformance/registry.ts");
const { conformancePage } = await import("./conformance-page.ts");

const suites: Readonly<Record<string, (url: URL, folder: string) => Promise<Counts>>> = {
  "newest, version 1.1": (url, folder) => runNewest(url, "1.1", folder),
  "newest, version dev": (url, folder) => runNewest(url, "dev", folder),
  "release 1.1": runReleased,
};

const runs: Parameters<typeof conformancePage>[0][number][] = [];
for (const [suite, run] of Object.entries(suites))
  for (const store of Object.keys(stores) as (keyof typeof stores)[]) {
    const registry = await serveFor(store);
    try {
      const counts = await run(registry.url, registry.folder);
      runs.push({ suite, store, counts });
      const { passed, failed, left } = counts;
      console.log(
        `${suite}, over ${store}: ${passed} passed, ${failed.length} failed, ${left.length} left out`,
      );
      for (const name of failed) console.log(`  failed: ${name}`);
      for (const failure of registry.failures) console.log(failure);
    } finally {
      await registry.close();
    }
  }

const page = "docs/conformance.md";
writeFileSync(page, conformancePage(runs));
execFileSync("oxfmt", [page]);
console.log(`Written to ${page}`);
if (runs.some(({ counts }) => counts.failed.length > 0)) process.exitCode = 1;

/** Builds a suite from a branch or tag of the specification. */
function build(program: string, ref: string, ...how: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), "wharf-conformance-"));
  const run = (cwd: string, command: string, ...words: string[]) => {
    console.log(`$ ${command} ${words.join(" ")}`);
    execFileSync(command, words, { cwd, stdio: "inherit" });
  };
  try {
    run(folder, "git", "clone", "--quiet", "--depth=1", `--branch=${ref}`, source, "source");
    run(join(folder, "source", "conformance"), "go", ...how, "-o", join(built, program), ".");
  } catch {
    console.error(`${program} is not on PATH, and could not be built from ${source}, ${ref}.`);
    process.exit(1);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
