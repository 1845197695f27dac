/** Completion, in the shells themselves. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";

import { entries } from "../../src/cli/index.ts";
import { tool } from "../tools.ts";
import { wharfOk } from "../wharf.ts";
import { temporaryFolder } from "./stage.ts";

const folder = temporaryFolder();
const bash = tool("bash", "apt-get install bash");
const files: Record<string, string> = {};

before(async () => {
  for (const shell of ["bash", "zsh", "fish"]) {
    files[shell] = join(folder, `completion.${shell}`);
    writeFileSync(files[shell], (await wharfOk(["completion", shell])).stdout);
  }
});

const firstWords = new Set(entries.map(({ name }) => name.split(" ")[0]));

/** What is typed, and what bash offers; it takes `--flag=value` for three words. */
const offers: readonly (readonly [typed: string, offered: string])[] = [
  ["", [...firstWords, "help", "--help", "--version"].join(" ")],
  ["co", "copy completion"],
  ["tag", "tag tags"],
  ["manifest ", "get head put delete"],
  ["manifest g", "get"],
  ["blob ", "get head put mount delete alias list"],
  ["registry ", "serve gc"],
  // Areas and verbs of Docker Hub, their flags and the values that these take.
  ["hub repo", "repositories repository-groups"],
  ["hub repositories set", "set-categories set-privacy"],
  ["hub repositories set-privacy acme/app ", "true false"],
  ["hub repositories set-privacy --d", "--debug --dry-run"],
  ["hub access-tokens create x --scopes ", "repo:admin repo:write repo:read repo:public_read"],
  // A command by hand that is also an area.
  ["hub tags li", "list list-legacy"],
  ["hub tags acme/app --li", "--limit"],
  ["registry serve --st", "--store"],
  ["copy --pl", "--plain-http --platform --plan"],
  ["copy a b --no", "--no-referrers"],
  ["copy --platform ", "local linux/amd64 linux/arm64 linux/arm/v7"],
  ["copy --platform = linux/a", "linux/amd64 linux/arm64 linux/arm/v7"],
  ["tags --sort ", "registry name semver date"],
  ["tags --sort = s", "semver"],
  // Another command's flag of the same name.
  ["search --sort ", "pull_count updated_at"],
  ["blob put --algorithm sha5", "sha512"],
  ["blob put x --algorithm sha5", "sha512"],
  [
    "delete -",
    "--json -q --quiet --debug --plain-http --insecure --ca --cert --key --credentials -h --help --config -y --yes",
  ],
  ["completion ", "bash zsh fish"],
  ["completion f", "fish"],
  ["--json co", "copy completion"],
  // Nothing to offer: bash completes paths by itself.
  ["copy ", ""],
  ["blob get -o ", ""],
  ["registry serve --store ", ""],
  ["frobnicate ", ""],
];

test("bash offers commands, their commands, flags and values", { skip: bash.skip }, async () => {
  const queries = offers.map(([typed]) => {
    const words = ["wharf", ...typed.split(" ")].map((word) => `'${word}'`);
    return `COMP_WORDS=(${words.join(" ")}); COMP_CWORD=${words.length - 1}; _wharf; echo "\${COMPREPLY[*]}"`;
  });
  const script = [`source '${files.bash}'`, ...queries].join("\n");
  const lines = (await bash.run(["--norc", "--noprofile", "-c", script])).split("\n");
  assert.deepEqual(
    offers.map(([typed], i) => [typed, lines[i]]),
    offers,
  );
});

test("bash is told to use it", { skip: bash.skip }, async () => {
  const script = `source '${files.bash}'; complete -p wharf`;
  const said = await bash.run(["--norc", "--noprofile", "-uec", script]);
  assert.equal(said, "complete -o bashdefault -o default -F _wharf wharf\n");
});

// Nobody has to have these: the scripts are checked by whoever does.
for (const shell of ["zsh", "fish"] as const) {
  const found = tool(shell, `apt-get install ${shell}`);
  const isThere = await found.run(["--version"]).then(
    () => true,
    () => false,
  );
  if (isThere)
    test(`${shell} can read its script`, async () => {
      await found.run(["-n", files[shell]!]);
    });
}
