/** docs/dependencies.md tells of each package that is depended upon what the lock file says of it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { root } from "./wharf.ts";

interface Locked {
  readonly license?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
  readonly packages: Readonly<Record<string, Locked>>;
};
const locked = (name: string): Locked => lock.packages[`node_modules/${name}`]!;
const rows = readFileSync(join(root, "docs/dependencies.md"), "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) => line.split("|").map((cell) => cell.trim()));
const { dependencies = {}, devDependencies = {} } = lock.packages[""]!;

const direct = { ...dependencies, ...devDependencies };

/** All that a package brings along, without what has a row of its own. */
function brought(name: string): string[] {
  const below = Object.keys(locked(name).dependencies ?? {}).filter((each) => !(each in direct));
  return below.flatMap((each) => [each, ...brought(each)]);
}

for (const name of Object.keys(direct))
  test(`${name}: its licence, and what it brings along`, () => {
    const row = rows.find(([, named = ""]) => RegExp(`(?:^|[[ ])${name}(?:$|[\\] ])`).test(named));
    assert.ok(row, "it has no row");
    assert.equal(row[2], locked(name).license);
    for (const other of brought(name)) assert.ok(row.join(" ").includes(other), other);
  });
