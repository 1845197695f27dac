/** A call loads only what it uses; how long it takes is measured by the bench. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { after, before, test } from "node:test";

import { cleanEnvironment, root, serveRegistry, wharfOk } from "../wharf.ts";
import { temporaryFolder } from "./stage.ts";

const folder = temporaryFolder();
const hook = join(folder, "hook.cjs");
let server: Awaited<ReturnType<typeof serveRegistry>>;
before(async () => {
  writeFileSync(
    hook,
    `process.on("exit", () => require("fs").writeSync(3, process.moduleLoadList.join("\\n")));`,
  );
  server = await serveRegistry("unused", ["--memory", "--seed"]);
});
after(() => server.close());

/** Node's own modules that a call of `wharf` loads. */
async function loadedBy(...words: string[]): Promise<Set<string>> {
  const bin = join(root, "dist", "cli", "bin.js");
  const child = spawn(process.execPath, ["--require", hook, bin, ...words], {
    env: cleanEnvironment(),
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  let said = "";
  (child.stdio[3] as Readable).on("data", (data: Buffer) => (said += data.toString()));
  await once(child, "close");
  const names = said.matchAll(/^NativeModule (.*)$/gm);
  return new Set(Array.from(names, ([, name]) => name!));
}

/** What is slow to load, and what a call without a network has no use for. */
const heavy = ["net", "crypto", "tls", "http", "https", "zlib", "dns", "child_process", "readline"];
const heavier = ["tls", "http", "zlib", "child_process", "readline", "worker_threads", "sqlite"];

for (const words of [["--version"], ["--help"], ["copy", "--help"], ["cpoy"], ["tags"]])
  test(`wharf ${words.join(" ")} loads nothing of the network`, async () => {
    const loaded = await loadedBy(...words);
    assert.ok(loaded.size > 0);
    assert.deepEqual(
      [...heavy, ...heavier].filter((name) => loaded.has(name)),
      [],
    );
  });

test("a copy with nothing to do loads no more than its requests take", async () => {
  const words = ["copy", `${server.host}/hello/wharf`, `${server.host}/copied`, "--no-referrers"];
  await wharfOk(words);
  const loaded = await loadedBy(...words);
  assert.ok(loaded.has("net"));
  assert.deepEqual(
    heavier.filter((name) => loaded.has(name)),
    [],
  );
});
