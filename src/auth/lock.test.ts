import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { isError } from "../errors.ts";
import { withLock } from "./lock.ts";
import { makeHome } from "./testing/home.ts";

test("works on the same file go one after another, and leave nothing behind", async (t) => {
  const { home } = await makeHome(t);
  const path = join(home, "config.json");
  let inside = 0;
  let done = 0;
  await Promise.all(
    Array.from({ length: 10 }, () =>
      withLock(path, async () => {
        assert.equal((inside += 1), 1);
        await readdir(home);
        inside -= 1;
        done += 1;
      }),
    ),
  );
  assert.equal(done, 10);
  assert.deepEqual(await readdir(home), ["bin"]);
});

test("the lock goes also when the work fails", async (t) => {
  const { home } = await makeHome(t);
  const path = join(home, "config.json");
  await assert.rejects(
    withLock(path, () => Promise.reject(new Error("no"))),
    /no/,
  );
  assert.equal(await withLock(path, async () => "free"), "free");
});

test("who waits too long gets LOCKED with the file to remove, who aborts INTERRUPTED", async (t) => {
  const { home } = await makeHome(t);
  const path = join(home, "config.json");
  await withLock(path, async () => {
    await assert.rejects(
      withLock(path, async () => {}, { timeout: 1 }),
      (error) => isError(error, "LOCKED") && error.hint.includes(`${path}.wharf-lock`),
    );
    await assert.rejects(
      withLock(path, async () => {}, { signal: AbortSignal.timeout(30) }),
      (error) => isError(error, "INTERRUPTED"),
    );
  });
});

test("the lock of a process that died is taken over, by one of many", async (t) => {
  const { home } = await makeHome(t);
  const path = join(home, "config.json");
  const dead = spawn(process.execPath, ["-e", "0"]);
  await once(dead, "exit");
  await writeFile(
    `${path}.wharf-lock`,
    JSON.stringify({ pid: dead.pid, host: hostname(), id: "x" }),
  );
  let inside = 0;
  await Promise.all(
    Array.from({ length: 10 }, () =>
      withLock(path, async () => {
        assert.equal((inside += 1), 1);
        await readdir(home);
        inside -= 1;
      }),
    ),
  );
  assert.deepEqual(await readdir(home), ["bin"]);
});

test("a lock of another machine counts until it is old", async (t) => {
  const { home } = await makeHome(t);
  const path = join(home, "config.json");
  const lock = `${path}.wharf-lock`;
  await writeFile(lock, JSON.stringify({ pid: 1, host: "elsewhere", id: "x" }));
  await assert.rejects(
    withLock(path, async () => {}, { timeout: 1 }),
    (error) => isError(error, "LOCKED"),
  );
  const old = new Date(Date.now() - 60_000);
  await utimes(lock, old, old);
  assert.equal(await withLock(path, async () => "free"), "free");
});
