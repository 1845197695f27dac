/** kill -9 before each change that a push makes to the disk; what was confirmed is there, and the next run finishes. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

import { digestOf, parseDigest } from "../src/reference/digest.ts";
import { collect, readBlob } from "../src/store/behaviours/content.ts";
import type { Repository } from "../src/store/store.ts";
import { layoutFolder, openKind, operations, stateAfter, subject } from "./crash/workload.ts";
import type { Kind } from "./crash/workload.ts";
import { tool } from "./tools.ts";

const skopeo = tool("skopeo", "apt-get install skopeo");
const victim = fileURLToPath(new URL("crash/victim.ts", import.meta.url));

/** Every how many points skopeo, which takes its time, looks too. */
const sample = 14;
let points = 0;

const cache = await mkdtemp(join(tmpdir(), "crash-cache-"));
after(() => rm(cache, { recursive: true, force: true }));

for (const kind of ["layout", "collection"] as const) {
  test(`a ${kind} survives kill -9 before any step of a push`, { timeout: 300_000 }, async () => {
    let next = 1;
    let ended = false;
    const work = async () => {
      while (!ended) {
        const point = next++;
        ended = (await killAt(kind, point)) || ended;
        points += 1;
      }
    };
    await Promise.all([work(), work()]);
  });
}

test("there were enough points to be killed at", () => {
  assert.ok(points > 200, `${points} points`);
});

/** @returns whether the process came to its end before that point */
async function killAt(kind: Kind, point: number): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "crash-"));
  const where = `killed before step ${point}`;
  try {
    const said = await runVictim(kind, folder, point);
    const confirmed = said.filter((line) => line === "confirmed").length;
    const ended = said.some((line) => line.endsWith("steps"));
    await checkBlobs(layoutFolder(kind, folder), where);

    const { store, expire, close } = await openKind(kind, folder);
    await checkState(store, confirmed, where);
    if (skopeo.skip === false && (point % sample === 0 || ended)) {
      await checkWithSkopeo(layoutFolder(kind, folder), confirmed, where);
    }
    for (const { run } of operations) await run(store);
    await checkState(store, operations.length, `${where}, then run again`);
    await expire();
    await close();
    await checkRest(kind, folder, where);
    return ended;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function runVictim(kind: Kind, folder: string, point: number): Promise<string[]> {
  return new Promise((resolve, reject) => {
    // Compiled once for all of them.
    const env = { ...process.env, NODE_COMPILE_CACHE: cache };
    const child = spawn(process.execPath, [victim, kind, folder, String(point)], { env });
    let said = "";
    let complaints = "";
    child.stdout.on("data", (data: Buffer) => (said += data.toString()));
    child.stderr.on("data", (data: Buffer) => (complaints += data.toString()));
    child.on("error", reject);
    child.on("close", (status, signal) => {
      if (status === 0 || signal === "SIGKILL") resolve(said.split("\n"));
      else reject(new Error(`the process ended with ${status}: ${complaints}`));
    });
  });
}

/** What was confirmed is there; the operation that was interrupted is done or not. */
async function checkState(store: Repository, confirmed: number, where: string): Promise<void> {
  const before = stateAfter(confirmed);
  const after = stateAfter(confirmed + 1);
  const tags = new Set(await collect(store.listTags()));
  for (const tag of new Set([...tags, ...before.tags.keys(), ...after.tags.keys()])) {
    const found = tags.has(tag) ? (await store.resolve(tag)).digest : undefined;
    const allowed = [before.tags.get(tag), after.tags.get(tag)];
    assert.ok(allowed.includes(found), `${where}: ${tag} is ${found}, not ${allowed.join(" or ")}`);
  }
  for (const [digest, { bytes }] of before.manifests) {
    if (!after.manifests.has(digest)) continue;
    const found = await store.fetchManifest(digest);
    assert.deepEqual(Buffer.from(found.bytes), Buffer.from(bytes), where);
  }
  for (const [digest, { descriptor, bytes }] of before.blobs) {
    if (!after.blobs.has(digest)) continue;
    assert.deepEqual(await readBlob(store, descriptor), Buffer.from(bytes), where);
  }
  const referrers = (await collect(store.listReferrers(subject))).map(({ digest }) => digest);
  for (const digest of before.referrers) assert.ok(referrers.includes(digest), where);
  for (const digest of referrers) assert.ok(after.referrers.has(digest), where);
}

/** Whatever has the name of a blob is that blob, whole. */
async function checkBlobs(layout: string, where: string): Promise<void> {
  for (const algorithm of await readdir(join(layout, "blobs")).catch(() => [])) {
    for (const name of await readdir(join(layout, "blobs", algorithm))) {
      const { encoded } = parseDigest(`${algorithm}:${name}`);
      const bytes = await readFile(join(layout, "blobs", algorithm, name));
      assert.equal(digestOf(bytes, "sha256"), `sha256:${encoded}`, where);
    }
  }
}

async function checkWithSkopeo(layout: string, confirmed: number, where: string): Promise<void> {
  const before = stateAfter(confirmed);
  const after = stateAfter(confirmed + 1);
  for (const [tag, digest] of before.tags) {
    if (after.tags.get(tag) !== digest) continue;
    const raw = await skopeo.run(["inspect", "--raw", `oci:${layout}:${tag}`]);
    assert.equal(digestOf(Buffer.from(raw)), digest, where);
  }
}

/** Nothing unfinished is left behind. */
async function checkRest(kind: Kind, folder: string, where: string): Promise<void> {
  const names = await readdir(folder);
  if (kind === "layout") {
    assert.deepEqual(names.toSorted(), ["blobs", "index.json", "oci-layout"], where);
  } else {
    assert.deepEqual(names.toSorted(), ["catalog.db", "pool", "repositories"], where);
  }
}
