/** The fixtures in examples/ for Vitest and Jest, with those as they are published now. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";

import { root } from "./wharf.ts";

const folder = mkdtempSync(join(tmpdir(), "wharf-runners-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const run = (
  program: string,
  words: readonly string[],
  more: Readonly<Record<string, string>> = {},
) =>
  promisify(execFile)(program, words, {
    cwd: folder,
    timeout: 120_000,
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}`, ...more },
  });
const result = join(folder, "result.json");

/** What both write of a run. */
const passed = () =>
  (JSON.parse(readFileSync(result, "utf8")) as { numPassedTests: number }).numPassedTests;

writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }');
cpSync(join(root, "examples/test-fixture"), folder, { recursive: true });
const words = ["install", "--no-audit", "--no-fund", "--prefer-offline", "vitest@5", "jest@30"];
const missing = await run("npm", words).then(
  () => false as const,
  (error: Error) => {
    if (process.env.WHARF_TEST_NO_SKIP === "1") throw error;
    return "Vitest and Jest cannot be installed: npm needs a way to its registry";
  },
);

describe("with the runners of others", { skip: missing }, () => {
  before(() => symlinkSync(root, join(folder, "node_modules/wharfinger")));

  test("the fixture for Vitest passes", async () => {
    const json = ["--reporter=json", `--outputFile=${result}`];
    await run("npx", ["vitest", "run", "vitest.test.mjs", ...json]);
    assert.equal(passed(), 2);
  });

  test("the fixture for Jest passes", async () => {
    const json = ["--json", "--outputFile", result];
    await run("npx", ["jest", "--testMatch", "**/jest.test.mjs", ...json], {
      NODE_OPTIONS: "--experimental-vm-modules",
    });
    assert.equal(passed(), 2);
  });
});
