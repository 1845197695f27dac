import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { openCreatedCache } from "./createdCache.ts";

const folder = mkdtempSync(join(tmpdir(), "dates-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const record = { date: 1_700_000_000_000, source: "created" } as const;

test("what was found out is there in the next run", async () => {
  const path = join(folder, "new", "dates.sqlite");
  const cache = openCreatedCache(path);
  cache.set("sha256:a", record);
  cache.set("sha256:b", { date: null, source: "annotation" });
  assert.deepEqual(cache.get("sha256:a"), record);
  await cache.close();
  const again = openCreatedCache(path);
  assert.deepEqual(again.get("sha256:a"), record);
  assert.deepEqual(again.get("sha256:b"), { date: null, source: "annotation" });
  assert.equal(again.get("sha256:c"), undefined);
  await again.close();
});

test("what is damaged is made anew", async () => {
  const path = join(folder, "damaged.sqlite");
  writeFileSync(path, "no database at all, and long enough to look like one".repeat(100));
  const cache = openCreatedCache(path);
  cache.set("sha256:a", record);
  await cache.close();
  const again = openCreatedCache(path);
  assert.deepEqual(again.get("sha256:a"), record);
  await again.close();
});

test("without a place to write, nothing is remembered and nothing fails", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "");
  const folderInTheWay = join(folder, "folder.sqlite");
  mkdirSync(folderInTheWay);
  for (const path of [join(file, "dates.sqlite"), folderInTheWay]) {
    const cache = openCreatedCache(path);
    cache.set("sha256:a", record);
    assert.equal(cache.get("sha256:a"), undefined);
    await cache.close();
  }
});

test("several processes write at once, and nothing is lost", async () => {
  const path = join(folder, "shared.sqlite");
  const script = `
    const { openCreatedCache } = await import(${JSON.stringify(import.meta.resolve("./createdCache.ts"))});
    for (let round = 0; round < 5; round += 1) {
      const cache = openCreatedCache(${JSON.stringify(path)});
      for (let at = 0; at < 300; at += 1)
        cache.set(process.argv[1] + "-" + round + "-" + at, { date: at, source: "created" });
      await cache.close();
    }`;
  const run = promisify(execFile);
  const words = ["--input-type=module-typescript", "--no-warnings", "-e", script];
  await Promise.all(["a", "b", "c"].map((name) => run(process.execPath, [...words, name])));
  const cache = openCreatedCache(path);
  for (const name of ["a", "b", "c"]) {
    for (let round = 0; round < 5; round += 1) {
      for (let at = 0; at < 300; at += 1) {
        assert.equal(cache.get(`${name}-${round}-${at}`)?.date, at);
      }
    }
  }
  await cache.close();
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith("shared") && name !== "shared.sqlite"),
    [],
  );
});

test("the cache is bounded: what was not asked for the longest goes", async () => {
  const path = join(folder, "bounded.sqlite");
  for (let batch = 0; batch < 3; batch += 1) {
    const cache = openCreatedCache(path);
    if (batch > 0) assert.equal(cache.get("first")?.date, 1);
    else cache.set("first", { date: 1, source: "created" });
    for (let at = 0; at < 40_000; at += 1) cache.set(`${batch}-${at}`, record);
    await cache.close();
  }
  const cache = openCreatedCache(path);
  assert.equal(cache.get("first")?.date, 1);
  assert.equal(cache.get("2-39999")?.date, record.date);
  assert.equal(cache.get("0-5"), undefined);
  await cache.close();
});
