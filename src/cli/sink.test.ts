import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { WharfError } from "../errors.ts";
import { writeToFile } from "./sink.ts";

const folder = await mkdtemp(join(tmpdir(), "wharf-sink-"));
after(() => rm(folder, { recursive: true, force: true }));
const file = join(folder, "out");
const call = { signal: new AbortController().signal };

async function* bytes(...texts: string[]) {
  for (const text of texts) yield Buffer.from(text);
}

async function* broken() {
  yield Buffer.from("half");
  throw new WharfError("DIGEST_MISMATCH", "the bytes are wrong");
}

test("a file that is there is replaced whole, also behind a link", async () => {
  await writeToFile(call, bytes("a", "", "b"), file);
  assert.equal(await readFile(file, "utf8"), "ab");
  const link = join(folder, "link");
  await symlink("out", link);
  await writeToFile(call, bytes("new"), link);
  assert.equal(await readFile(file, "utf8"), "new");
  assert.deepEqual(await readdir(folder), ["link", "out"]);
});

test("or not at all, and nothing is left behind", async () => {
  await writeFile(file, "old");
  await assert.rejects(writeToFile(call, broken(), file), { code: "DIGEST_MISMATCH" });
  const signal = AbortSignal.abort(new WharfError("INTERRUPTED", "Interrupted"));
  await assert.rejects(writeToFile({ signal }, bytes("a"), file), { code: "INTERRUPTED" });
  assert.equal(await readFile(file, "utf8"), "old");
  assert.deepEqual(await readdir(folder), ["link", "out"]);
});

test("a device is written to as it is", async () => {
  await writeToFile(call, bytes("into the void"), "/dev/null");
});

const canMakePipes = spawnSync("mkfifo", ["--version"]).error === undefined;

test("a pipe is written to from where it is", { skip: !canMakePipes }, async () => {
  const pipe = join(folder, "pipe");
  assert.equal(spawnSync("mkfifo", [pipe]).status, 0);
  const [read] = await Promise.all([
    readFile(pipe, "utf8"),
    writeToFile(call, bytes("one", "", "two"), pipe),
  ]);
  assert.equal(read, "onetwo");
});

test("where nothing can be written, that is told", async () => {
  await assert.rejects(writeToFile(call, bytes("a"), folder), {
    code: "FILE_FAILED",
    message: `${folder} is a folder`,
  });
  await assert.rejects(writeToFile(call, bytes("a"), join(folder, "no", "where")), {
    code: "FILE_NOT_FOUND",
  });
});
