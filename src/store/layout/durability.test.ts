import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, truncate } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";

import type { Descriptor } from "../../reference/descriptor.ts";
import { collect, imageOf, noise } from "../behaviours/content.ts";
import { pushImage } from "../behaviours/trial.ts";
import { onStep } from "../disk/steps.ts";
import type { Step } from "../disk/steps.ts";
import { bytesSource } from "../sources.ts";
import { openLayout } from "./layout.ts";
import type { Durability } from "./layout.ts";

const image = imageOf("image");

const cleaning: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  onStep(undefined);
  await Promise.all(cleaning.splice(0).map((clean) => clean()));
});

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "durability-"));
  cleaning.push(() => rm(folder, { recursive: true }));
  return folder;
}

/** Pushes an image, and tells what was done to the disk: `sync blobs/sha256`. */
async function stepsOf(durability: Durability): Promise<{ folder: string; steps: string[] }> {
  const folder = await makeFolder();
  const steps: string[] = [];
  onStep((step: Step, path: string) => {
    // Temporary files have random names.
    const name = path.slice(folder.length + 1).replaceAll(/[0-9a-f]{16,}/g, "*");
    steps.push(`${step} ${name}`);
  });
  const layout = await openLayout(folder, { create: true, durability });
  await pushImage(layout, image, "1");
  await layout.close();
  onStep(undefined);
  return { folder, steps };
}

test("blobs have their names before the index names them, whatever is promised of a power cut", async () => {
  for (const durability of ["each", "batch", "none"] as const) {
    const { steps } = await stepsOf(durability);
    const blobs = steps.lastIndexOf("rename blobs/sha256/*");
    assert.ok(blobs >= 0, steps.join("\n"));
    assert.ok(blobs < steps.indexOf("rename index.json"), steps.join("\n"));
  }
});

test("without durability only the two small files are waited for", async () => {
  const { folder, steps } = await stepsOf("none");
  const syncs = steps.filter((step) => step.startsWith("sync"));
  assert.deepEqual(syncs, ["sync .wharfinger/*/*.part", "sync .wharfinger/*/*.part"]);
  assert.deepEqual((await readdir(folder)).toSorted(), ["blobs", "index.json", "oci-layout"]);
  const durable = await stepsOf("batch");
  assert.ok(durable.steps.includes("sync blobs/sha256"));
});

test("what a power cut made shorter is not here, and is fetched again", async () => {
  const { folder } = await stepsOf("none");
  const layer = { ...image.blobs[0]!.descriptor };
  const path = join(folder, "blobs", "sha256", layer.digest.slice("sha256:".length));
  await truncate(path, 0);
  const layout = await openLayout(folder, { durability: "none" });
  await pushImage(layout, image, "1");
  assert.deepEqual(await layout.statBlob(layer.digest), generic(layer));
  await layout.close();
});

test("a large blob of other bytes leaves nothing", async () => {
  const bytes = noise(5_000_000);
  const folder = await makeFolder();
  const layout = await openLayout(folder, { create: true, durability: "none" });
  const { descriptor } = imageOf("other").blobs[0]!;
  const wrong = { ...descriptor, size: bytes.length };
  await assert.rejects(layout.pushBlob(wrong, bytesSource(bytes)), { code: "DIGEST_MISMATCH" });
  assert.equal(await layout.statBlob(wrong.digest), undefined);
  assert.deepEqual(await collect(layout.listTags()), []);
  await layout.close();
  assert.deepEqual(await readdir(join(folder, "blobs")), []);
});

function generic({ digest, size }: Descriptor): Descriptor {
  return { mediaType: "application/octet-stream", digest, size };
}
