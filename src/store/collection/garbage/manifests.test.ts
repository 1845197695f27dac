import assert from "node:assert/strict";

import { imageOf, indexOf } from "../../behaviours/content.ts";
import { pushImage } from "../../behaviours/trial.ts";
import { onStep } from "../../disk/steps.ts";
import {
  blobsOf,
  bytesOf,
  day,
  hasManifest,
  hour,
  image,
  isHere,
  onStage,
  signature,
} from "./testing/stage.ts";

onStage("manifests without a tag stay, unless told otherwise", async (s) => {
  await pushImage(s.repository, image, "1");
  await s.repository.deleteTag("1");
  s.wait(365 * day);
  assert.equal((await s.collection.collectGarbage()).manifests, 0);
  const options = { untagged: true };
  const planned = await s.collection.collectGarbage({ ...options, dryRun: true });
  const freed = await s.collection.collectGarbage(options);
  assert.deepEqual(planned, freed);
  assert.deepEqual([freed.manifests, freed.blobs, freed.bytes], [1, 2, bytesOf(image)]);
  assert.ok(!(await hasManifest(s, image)));
  for (const blob of blobsOf(image)) assert.ok(!isHere(s, blob));
});

onStage("a tagged index keeps its children and what refers to them", async (s) => {
  const index = indexOf("index");
  const subject = index.children[0]!.manifest.descriptor;
  const referrer = imageOf("referrer", { artifactType: "application/x.sig", subject });
  await pushImage(s.repository, index, "1");
  await pushImage(s.repository, referrer);
  s.wait(2 * day);
  assert.equal((await s.collection.collectGarbage({ untagged: true })).manifests, 0);
  await s.repository.deleteTag("1");
  s.wait(2 * day);
  const freed = await s.collection.collectGarbage({ untagged: true });
  assert.deepEqual([freed.manifests, freed.blobs], [4, 6]);
});

onStage("a referrer lives with its subject, and goes with it", async (s) => {
  await pushImage(s.repository, image, "1");
  await pushImage(s.repository, signature);
  s.wait(2 * day);
  assert.equal((await s.collection.collectGarbage({ untagged: true })).manifests, 0);
  await s.repository.deleteTag("1");
  s.wait(2 * day);
  assert.equal((await s.collection.collectGarbage({ untagged: true })).manifests, 2);
});

onStage("a referrer whose subject is not here stays", async (s) => {
  await pushImage(s.repository, signature);
  s.wait(2 * day);
  assert.equal((await s.collection.collectGarbage({ untagged: true })).manifests, 0);
  assert.ok(await hasManifest(s, signature));
});

onStage("a manifest that lost its tag has the grace period, whenever it was pushed", async (s) => {
  await pushImage(s.repository, image, "1");
  s.wait(30 * day);
  await pushImage(s.repository, imageOf("next"), "1");
  s.wait(23 * hour);
  assert.equal((await s.collection.collectGarbage({ untagged: true })).manifests, 0);
  s.wait(2 * hour);
  assert.equal((await s.collection.collectGarbage({ untagged: true })).manifests, 1);
});

onStage(
  "a look at a manifest protects it and its subject, for whoever pushes an index",
  async (s) => {
    await pushImage(s.repository, image);
    await pushImage(s.repository, signature);
    s.wait(30 * day);
    await s.repository.resolve(signature.manifest.descriptor.digest);
    s.wait(23 * hour);
    const later = await s.restart();
    assert.equal((await later.collection.collectGarbage({ untagged: true })).manifests, 0);
    later.wait(2 * hour);
    assert.equal((await later.collection.collectGarbage({ untagged: true })).manifests, 2);
  },
);

onStage("what is tagged while others are removed stays, with all it leads to", async (s) => {
  const garbage = Array.from({ length: 250 }, (_, n) => imageOf(`garbage ${n}`));
  await Promise.all(garbage.map((one) => pushImage(s.repository, one)));
  const index = indexOf("index");
  await pushImage(s.repository, index);
  s.wait(2 * day);
  const collecting = s.collection.collectGarbage({ untagged: true });
  // The first turn removes the oldest.
  await new Promise<void>((resolve) => onStep((step) => step === "commit" && resolve()));
  onStep(undefined);
  await s.repository.tag(index.manifest.descriptor, "rescued");
  assert.equal((await collecting).manifests, garbage.length);
  for (const blob of blobsOf(index)) assert.ok(isHere(s, blob));
  for (const rescued of [index, ...index.children]) assert.ok(await hasManifest(s, rescued));
});
