/** A sandbox in a folder, killed by kill -9 at whatever it does: the next one finds all of the old, or all of the new. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { registryFor } from "./registry-calls.ts";
import { type Stage, stage } from "./stage.ts";

const mortal = fileURLToPath(new URL("mortal.ts", import.meta.url));

/** Runs one until it is at something for the n-th time, and for so many turns of our event loop more. */
async function killedAt(data: string, word: string, nth: number, turns: number): Promise<void> {
  const child = spawn(process.execPath, [mortal, data], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  let seen = 0;
  for await (const line of createInterface(child.stdout))
    if (line === word && ++seen === nth) {
      for (let left = turns; left > 0; left -= 1) await new Promise(setImmediate);
      child.kill("SIGKILL");
      break;
    }
  const [, signal] = (await ended) as [number | null, string | null];
  assert.equal(signal, "SIGKILL", "it ended before it was killed");
}

/** Runs one that ends as soon as these tags have come to the registry. */
async function killedAfter(data: string, pushes: readonly string[]): Promise<void> {
  const unnoted = fileURLToPath(new URL("unnoted.ts", import.meta.url));
  const child = spawn(process.execPath, [unnoted, data, ...pushes], { stdio: "inherit" });
  const [, signal] = (await once(child, "close")) as [number | null, string | null];
  assert.equal(signal, "SIGKILL", "it ended before it was killed");
}

/** That the registry has what Hub shows. */
async function isWhole(at: Stage): Promise<void> {
  const hub = at.as("alice");
  const { results } = await hub.repositories.list({ namespace: "alice" });
  assert(results.some(({ name }) => name === "site"));
  for (const { name } of results) {
    const call = await registryFor(at, "alice", `alice/${name}`);
    const tags = (await hub.tags.list({ namespace: "alice", repository: name })).results;
    assert(tags.some((tag) => tag.name === "latest"));
    for (const tag of tags) {
      const answer = await call("GET", `manifests/${tag.name}`);
      assert.equal(answer.status, 200, `${name}:${tag.name}`);
      assert.equal(answer.headers.get("docker-content-digest"), tag.digest);
    }
    const listed = (await (await call("GET", "tags/list")).json()) as { tags: string[] };
    assert.deepEqual(listed.tags.toSorted(), tags.map((tag) => tag.name).toSorted());
  }
}

test("whenever it is killed, the registry has what Hub shows, and nothing is left of what was begun", async (context) => {
  const data = await mkdtemp(join(tmpdir(), "wharf-killed-"));
  context.after(() => rm(data, { recursive: true, force: true }));
  for (const [word, nth, turns] of [
    ["starting", 1, 2000],
    ["pulling", 1, 0],
    ["resetting", 1, 30],
    ["restoring", 1, 30],
    ["resetting", 2, 300],
    ["restoring", 2, 300],
  ] as const) {
    await killedAt(data, word, nth, turns);
    const at = await stage(context, { data });
    await isWhole(at);
    const folders = (await readdir(data)).filter((name) => name.startsWith("registry"));
    assert.equal(folders.length, 1, `${word}: ${folders.join(", ")}`);
    await at.sandbox.reset();
    await isWhole(at);
    await at.sandbox.close();
  }
});

test("a push that had come to the registry when it was killed shows in Hub when it begins again", async (context) => {
  const data = await mkdtemp(join(tmpdir(), "wharf-killed-"));
  context.after(() => rm(data, { recursive: true, force: true }));
  await killedAfter(data, ["alice/site:latest", "alice/site:new", "alice/fresh:v1"]);
  const at = await stage(context, { data });
  const hub = at.as("alice");
  for (const [repository, tag] of [
    ["site", "latest"],
    ["site", "new"],
    ["fresh", "v1"],
  ] as const) {
    const call = await registryFor(at, "alice", `alice/${repository}`);
    const there = (await call("GET", `manifests/${tag}`)).headers.get("docker-content-digest");
    assert.notEqual(there, null);
    assert.equal((await hub.tags.get({ namespace: "alice", repository, tag })).digest, there);
  }
  // What was deleted by a process that ended in good order does not come back.
  await hub.repositories.delete({ namespace: "alice", repository: "fresh" });
  await at.sandbox.close();
  const again = await stage(context, { data });
  const { results } = await again.as("alice").repositories.list({ namespace: "alice" });
  assert(!results.some(({ name }) => name === "fresh"));
  assert.equal(results.filter(({ name }) => name === "site").length, 1);
  await again.sandbox.close();
});
