/** kill -9 before each change that a collection makes to the disk; what is needed is there, and the next one finishes. */
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { collect, readBlob } from "../src/store/behaviours/content.ts";
import { openCollection } from "../src/store/collection/collection.ts";
import { openDatabase } from "../src/store/disk/sqlite.ts";
import { openLayout } from "../src/store/layout/layout.ts";
import type { Repository } from "../src/store/store.ts";
import { contentsOf, fill, garbage, kept, openLater } from "./crash/collection.ts";

const victim = fileURLToPath(new URL("crash/collector.ts", import.meta.url));
const cache = await mkdtemp(join(tmpdir(), "crash-cache-"));
const original = await mkdtemp(join(tmpdir(), "crash-original-"));
after(async () => {
  for (const folder of [cache, original]) await rm(folder, { recursive: true, force: true });
});

test(
  "a data directory survives kill -9 before any step of a collection",
  { timeout: 300_000 },
  async () => {
    await fill(original);
    let next = 1;
    let ended = false;
    let points = 0;
    const work = async () => {
      while (!ended) {
        ended = (await killAt(next++)) || ended;
        points += 1;
      }
    };
    await Promise.all([work(), work()]);

    assert.ok(points > 30, `there were only ${points} points to be killed at`);
  },
);

/** @returns whether the process came to its end before that point */
async function killAt(point: number): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "crash-gc-"));
  const where = `killed before step ${point}`;
  try {
    // With all hard links and times.
    execFileSync("cp", ["-a", `${original}/.`, folder]);
    const ended = await collectUntil(folder, point);
    // As after a restart: some garbage is gone, some is not, and nothing else is missing.
    const collection = await openCollection(folder);
    for (const name of ["a/b", "c"]) {
      await checkKept(collection.repository(name), where);
      await checkReferrers(collection.repository(name), where);
    }
    await collection.close();
    const again = await openLater(folder);
    await again.collectGarbage({ untagged: true });
    for (const name of ["a/b", "c"]) await checkKept(again.repository(name), where);
    await again.close();
    await checkFiles(folder, where);
    return ended;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function collectUntil(folder: string, point: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    // Compiled once for all of them.
    const env = { ...process.env, NODE_COMPILE_CACHE: cache };
    const child = spawn(process.execPath, [victim, folder, String(point)], { env });
    let complaints = "";
    child.stderr.on("data", (data: Buffer) => (complaints += data.toString()));
    child.on("error", reject);
    child.on("close", (status, signal) => {
      if (status === 0 || signal === "SIGKILL") resolve(status === 0);
      else reject(new Error(`the process ended with ${status}: ${complaints}`));
    });
  });
}

async function checkKept(repository: Repository, where: string): Promise<void> {
  for (const { image, tag } of kept) {
    const { digest } = image.manifest.descriptor;
    const found = await repository.fetchManifest(tag ?? digest);
    assert.deepEqual(Buffer.from(found.bytes), Buffer.from(image.manifest.bytes), where);
    for (const { descriptor, bytes } of contentsOf(image))
      assert.deepEqual(await readBlob(repository, descriptor), Buffer.from(bytes), where);
  }
}

/** A subject has its referrer for as long as it is here; and an index its images. */
async function checkReferrers(repository: Repository, where: string): Promise<void> {
  const [old, signature, index] = garbage;
  const isHere = async (digest: string) =>
    repository.resolve(digest).then(
      () => true,
      () => false,
    );
  const signed = await isHere(signature!.manifest.descriptor.digest);
  if (signed) assert.ok(await isHere(old!.manifest.descriptor.digest), where);
  if (await isHere(index!.manifest.descriptor.digest))
    for (const { manifest } of index!.children)
      assert.ok(await isHere(manifest.descriptor.digest), where);
}

/** What is left is what is needed, under all its names, and other tools can read it. */
async function checkFiles(folder: string, where: string): Promise<void> {
  const names = await readdir(folder);
  assert.deepEqual(names.toSorted(), ["catalog.db", "pool", "repositories"], where);
  const expected = new Set(kept.flatMap(({ image }) => contentsOf(image)).map(nameOf));
  const unwanted = new Set(garbage.flatMap(contentsOf).map(nameOf));
  for (const place of ["pool", "repositories/a+b/blobs", "repositories/c/blobs"]) {
    const found = await readdir(join(folder, place, "sha256"));
    for (const name of expected) assert.ok(found.includes(name), `${where}: ${place}/${name}`);
    for (const name of found) assert.ok(!unwanted.has(name), `${where}: ${place}/${name}`);
  }
  for (const name of ["a+b", "c"]) {
    const layout = await openLayout(join(folder, "repositories", name));
    assert.deepEqual(await collect(layout.listTags()), ["index", "latest"], where);
    for (const { digest } of await layout.roots()) await layout.fetchManifest(digest);
  }
  const database = openDatabase(join(folder, "catalog.db"));
  for (const table of ["released", "retiring"])
    assert.deepEqual(database.prepare(`SELECT * FROM ${table}`).all(), [], `${where}: ${table}`);
  database.close();
}

function nameOf({ descriptor }: { descriptor: { digest: string } }): string {
  return descriptor.digest.slice("sha256:".length);
}
