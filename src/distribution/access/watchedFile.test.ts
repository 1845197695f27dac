import assert from "node:assert/strict";
import { mkdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { test } from "node:test";

import { isError, type WharfError } from "../../errors.ts";
import { configError } from "../../config/fields.ts";
import { stoppedClock, temporaryFile } from "./testing.ts";
import { WatchedFile } from "./watchedFile.ts";

function parse(text: string, path: string): { text: string } {
  if (text.startsWith("bad")) throw configError(path, text);
  return { text };
}

test("a file is looked at once a second at most, and only when somebody asks", async (t) => {
  const path = await temporaryFile(t, "one");
  const clock = stoppedClock();
  const file = await WatchedFile.open(path, parse, { clock: clock.now });
  const first = await file.current();
  await writeFile(path, "two and more");
  assert.equal(await file.current(), first);
  clock.move(1000);
  assert.equal((await file.current()).text, "two and more");
  assert.equal(file.latest.text, "two and more");
});

test("a file that is replaced by another of the same size is read too", async (t) => {
  const path = await temporaryFile(t, "one");
  const clock = stoppedClock();
  const file = await WatchedFile.open(path, parse, { clock: clock.now });
  await writeFile(`${path}.new`, "two");
  await rename(`${path}.new`, path);
  clock.move(1000);
  assert.equal((await file.current()).text, "two");
});

test("a change that is of no use is told once, and what was there before holds on", async (t) => {
  const path = await temporaryFile(t, "one");
  const clock = stoppedClock();
  const failures: WharfError[] = [];
  const onFailure = (error: WharfError) => failures.push(error);
  const file = await WatchedFile.open(path, parse, { clock: clock.now, onFailure });
  const ask = async () => {
    clock.move(1000);
    return (await file.current()).text;
  };
  await writeFile(path, "bad one");
  for (let n = 0; n < 3; n++) assert.equal(await ask(), "one");
  assert.deepEqual(
    failures.map(({ message }) => message),
    [`${path}: bad one`],
  );
  await rm(path);
  for (let n = 0; n < 3; n++) assert.equal(await ask(), "one");
  assert.deepEqual(
    failures.map(({ code }) => code),
    ["CONFIG_INVALID", "FILE_NOT_FOUND"],
  );
  await writeFile(path, "back");
  assert.equal(await ask(), "back");
});

test("a file that could not be read for once is read at the next look", async (t) => {
  const path = await temporaryFile(t, "one");
  const clock = stoppedClock();
  const failures: WharfError[] = [];
  const onFailure = (error: WharfError) => failures.push(error);
  const file = await WatchedFile.open(path, parse, { clock: clock.now, onFailure });
  const ask = async () => {
    clock.move(1000);
    return (await file.current()).text;
  };
  await rm(path);
  await mkdir(path); // Reading a folder fails, as a disk may.
  for (let n = 0; n < 3; n++) assert.equal(await ask(), "one");
  assert.deepEqual(
    failures.map(({ code }) => code),
    ["FILE_FAILED"],
  );
  await rmdir(path);
  await writeFile(path, "two");
  assert.equal(await ask(), "two");
});

test("at the beginning the file must be there, and of use", async (t) => {
  await assert.rejects(WatchedFile.open("/nowhere/file", parse), (error) =>
    isError(error, "FILE_NOT_FOUND"),
  );
  const path = await temporaryFile(t, "bad");
  await assert.rejects(WatchedFile.open(path, parse), /bad/);
  await writeFile(path, "x".repeat((4 << 20) + 1));
  await assert.rejects(WatchedFile.open(path, parse), /more than 4194304 bytes/);
});
