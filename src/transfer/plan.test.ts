import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openLayout } from "../store/layout/layout.ts";
import { createMemoryCollection, createMemoryRepository } from "../store/memory.ts";
import { copy } from "./copy.ts";
import { planCopy } from "./plan.ts";
import { amd64, pushImage, pushPlatforms, pushReferrer } from "./testing/images.ts";
import { observed } from "./testing/observed.ts";

test("a plan has the numbers of the copy, and writes nothing", async () => {
  const source = createMemoryRepository();
  const index = await pushPlatforms(source);
  await pushReferrer(source, index, "application/spdx+json");
  for (const options of [{}, { platforms: [amd64] }, { referrers: false }, { tag: ["a", "b"] }]) {
    const target = createMemoryRepository();
    await pushImage(target, { layers: ["base"] });
    const watched = observed(target);
    const plan = await planCopy(source, "latest", watched, options);
    assert.equal(watched.count("pushBlob", "pushManifest"), 0);
    const { descriptor, totals, notes } = await copy(source, "latest", target, options);
    assert.deepEqual(plan, { descriptor, totals, notes });
    const again = await planCopy(source, "latest", target, options);
    assert.equal(again.totals.blobs.copied + again.totals.manifests.copied, 0);
  }
});

test("blobs are not opened for a plan", async () => {
  const inner = createMemoryRepository();
  await pushPlatforms(inner);
  const source = observed(inner);
  await planCopy(source, "latest", createMemoryRepository());
  assert.equal(source.count("fetchBlob"), 0);
});

test("what the target may take over by itself is no transfer", async () => {
  const collection = createMemoryCollection();
  const source = collection.repository("a");
  const target = observed(collection.repository("b"), { registry: "r" });
  const { digest } = await pushImage(source, { tag: "latest", layers: ["one", "two"] });
  const plan = await planCopy(source, "latest", target);
  assert.equal(plan.totals.blobs.mounted, 3);
  assert.equal(plan.totals.bytes.copied, 0);
  assert.equal(target.count("mountBlob"), 0);
  assert.equal(plan.descriptor.digest, digest);
});

test("a layout that is not there is not made", async (context) => {
  const folder = mkdtempSync(join(tmpdir(), "plan-"));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const source = createMemoryRepository();
  await pushPlatforms(source);
  const layout = await openLayout(join(folder, "new"), { create: true });
  const { totals } = await planCopy(source, "latest", layout);
  await layout.close();
  assert.equal(totals.manifests.copied, 7);
  assert.equal(existsSync(join(folder, "new")), false);
});
