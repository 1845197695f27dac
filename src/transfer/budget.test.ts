import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { WharfError } from "../errors.ts";
import { mediaTypes } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import type { CountedRead } from "../registry/pullLimit.ts";
import type { Manifest } from "../store/store.ts";
import { PullBudget, type PullBudgetOptions } from "./budget.ts";
import { openShelf } from "./budgetShelf.ts";

function manifest(text: string, mediaType: string = mediaTypes.ociManifest): Manifest {
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      ...(mediaType === mediaTypes.ociIndex
        ? { manifests: [] }
        : {
            config: {
              mediaType: mediaTypes.ociEmpty,
              digest: digestOf(Buffer.from(text)),
              size: 2,
            },
            layers: [],
          }),
      annotations: { text },
    }),
  );
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

interface Source {
  /** Undefined: the registry states no limit. */
  remaining: number | undefined;
  reads: number;
  heads: number;
  refuses: boolean;
}

/** A registry that counts, and a budget that hears from it. */
function counting(remaining: number | undefined, options: PullBudgetOptions = {}) {
  const source: Source = { remaining, reads: 0, heads: 0, refuses: false };
  const budget = new PullBudget(options);
  const stated = (left: number | undefined) =>
    budget.stated(left === undefined ? undefined : { limit: 100, remaining: left, window: 1000 });
  const read = (content: Manifest = manifest("one"), signal?: AbortSignal) => {
    const request: CountedRead = {
      registry: "docker.io",
      name: "library/app",
      reference: content.descriptor.digest,
      ...(signal && { signal }),
      async get() {
        if (source.refuses || source.remaining === 0)
          throw new WharfError("RATE_LIMITED", "toomanyrequests");
        source.reads += 1;
        const left = source.remaining === undefined ? undefined : (source.remaining -= 1);
        // Answers come in an order of their own.
        for (let turns = source.reads % 3; turns >= 0; turns -= 1) await new Promise(setImmediate);
        stated(left);
        return content;
      },
      async ask() {
        source.heads += 1;
        stated(source.remaining);
        return content.descriptor;
      },
    };
    return budget.read(request);
  };
  return { source, budget, read };
}

test("nothing is read beyond the floor, however many want to at once", async () => {
  const { source, budget, read } = counting(20, { keep: 12 });
  const results = await Promise.allSettled(Array.from({ length: 30 }, () => read()));
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 8);
  assert.equal(source.remaining, 12);
  assert.equal(budget.count.requests, 8);
  for (const result of results) {
    if (result.status === "fulfilled") continue;
    const error = result.reason as WharfError;
    assert.equal(error.code, "PULL_BUDGET_REACHED");
    assert.equal(error.message, "docker.io: 12 of 100 pulls are left, and 12 are to be kept.");
  }
});

test("a HEAD comes before the first read, and none after it while there is room", async () => {
  const { source, read } = counting(20, { keep: 5 });
  for (let times = 0; times < 10; times += 1) await read();
  assert.equal(source.heads, 1);
});

test("a registry that states no limit has none", async () => {
  const { source, budget, read } = counting(undefined, { keep: 1000 });
  await Promise.all(Array.from({ length: 10 }, () => read()));
  assert.equal(source.reads, 10);
  assert.equal(budget.limit, undefined);
});

test("an index is a request, but no pull beside its images", async () => {
  const { budget, read } = counting(20);
  await read(manifest("index", mediaTypes.ociIndex));
  await read(manifest("a"));
  await read(manifest("b"));
  assert.deepEqual(budget.count, { images: 2, requests: 3, reused: 0 });
});

test("at the floor it waits until pulls come back, and says so", async () => {
  const waits: number[] = [];
  const { source, read } = counting(6, {
    keep: 5,
    wait: 60_000,
    onWait: ({ next, limit }) => waits.push(next, limit.remaining),
    pause: async () => void (source.remaining! += 1),
  });
  await Promise.all([read(), read(), read()]);
  assert.equal(source.reads, 3);
  assert.equal(source.remaining, 5);
  assert.deepEqual(waits, [100, 5, 100, 5]);
});

test("it waits no longer than it may", async () => {
  let waited = 0;
  const { source, read } = counting(5, {
    keep: 5,
    wait: 950,
    pause: async (milliseconds) => void (waited += milliseconds),
  });
  await assert.rejects(read(), /Nothing came back while we waited/);
  assert.equal(waited, 950);
  assert.equal(source.reads, 0);
});

test("a refusal counts as nothing left, and is waited out likewise", async () => {
  const { source, read } = counting(50, {
    wait: 60_000,
    pause: async () => void (source.refuses = false),
  });
  source.refuses = true;
  await Promise.all([read(), read()]);
  assert.equal(source.reads, 2);
  const impatient = counting(50);
  impatient.source.refuses = true;
  await assert.rejects(impatient.read(), { code: "RATE_LIMITED" });
});

test("a wait ends when it is aborted", async () => {
  const controller = new AbortController();
  const { read } = counting(5, { keep: 5, wait: 60_000, onWait: () => controller.abort() });
  await assert.rejects(read(manifest("one"), controller.signal), { code: "INTERRUPTED" });
});

test("a manifest on the shelf costs nothing", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "shelf-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const shelf = openShelf(join(folder, "new"));
  const first = counting(10, { shelf });
  const index = manifest("index", mediaTypes.ociIndex);
  await first.read();
  await first.read(index);
  await shelf.close();
  const again = counting(0, { shelf: openShelf(join(folder, "new")) });
  assert.deepEqual((await again.read(index)).bytes, index.bytes);
  assert.deepEqual(
    await again.read().then(({ descriptor }) => descriptor),
    manifest("one").descriptor,
  );
  assert.equal(again.source.reads, 0);
  assert.deepEqual(again.budget.count, { images: 1, requests: 2, reused: 2 });
});

test("the shelf is left alone where nothing is counted, and what is damaged there is read anew", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "shelf-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const free = counting(undefined, { shelf: openShelf(folder) });
  await free.read();
  assert.deepEqual(readdirSync(folder), []);
  const one = manifest("one");
  writeFileSync(join(folder, one.descriptor.digest.replace(":", "-")), "damaged");
  const counted = counting(10, { shelf: openShelf(folder) });
  await counted.read();
  await counted.read();
  assert.equal(counted.source.reads, 1);
  writeFileSync(join(folder, "file"), "");
  const broken = counting(10, { shelf: openShelf(join(folder, "file", "below")) });
  await broken.read();
  assert.equal(broken.source.reads, 1);
});
