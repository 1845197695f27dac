import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { contentOf, noise } from "../../behaviours/content.ts";
import { pushContent, pushImage, refuses } from "../../behaviours/trial.ts";
import { onStep } from "../../disk/steps.ts";
import {
  bytesOf,
  day,
  descriptor,
  hour,
  image,
  isHere,
  minute,
  onStage,
  sharing,
} from "./testing/stage.ts";
import type { Stage } from "./testing/stage.ts";

const lone = contentOf(noise(3000, "lone"));

onStage("blobs go when the last manifest that named them is gone, with its bytes", async (s) => {
  await pushImage(s.repository, image, "1");
  s.wait(30 * day);
  const nothing = await s.collection.collectGarbage();
  assert.deepEqual([nothing.manifests, nothing.blobs, nothing.bytes], [0, 0, 0]);
  await s.repository.deleteManifest(descriptor.digest);
  const planned = await s.collection.collectGarbage({ dryRun: true });
  for (const blob of image.blobs) assert.ok(isHere(s, blob));
  const freed = await s.collection.collectGarbage();
  const { length } = image.manifest.bytes;
  assert.deepEqual([freed.blobs, freed.bytes], [2, bytesOf(image) - length]);
  assert.deepEqual(planned, freed);
  for (const blob of image.blobs) assert.ok(!isHere(s, blob));
  assert.deepEqual(await readdir(join(s.folder, "pool", "sha256")), []);
});

onStage("blobs that another manifest names stay", async (s) => {
  const other = sharing(image, "other");
  await pushImage(s.repository, image, "1");
  await pushImage(s.repository, other, "2");
  s.wait(2 * day);
  await s.repository.deleteManifest(descriptor.digest);
  assert.equal((await s.collection.collectGarbage()).blobs, 1);
  assert.ok(isHere(s, image.blobs[1]!));
});

onStage("a blob that no manifest ever named stays, unless told otherwise", async (s) => {
  await pushImage(s.repository, image, "1");
  await pushContent(s.repository, lone);
  s.wait(365 * day);
  assert.equal((await s.collection.collectGarbage({ untagged: true })).blobs, 0);
  assert.ok(isHere(s, lone));
  const options = { unreferencedBlobs: true };
  const planned = await s.collection.collectGarbage({ ...options, dryRun: true });
  const freed = await s.collection.collectGarbage(options);
  assert.deepEqual([freed.blobs, freed.bytes], [1, 3000]);
  assert.deepEqual(planned, freed);
  assert.ok(!isHere(s, lone));
  assert.ok(isHere(s, image.blobs[0]!));
});

onStage("what another repository has frees no bytes until it is gone there too", async (s) => {
  for (const name of ["a/b", "c"]) await pushImage(s.collection.repository(name), image, "1");
  s.wait(2 * day);
  await s.repository.deleteManifest(descriptor.digest);
  const first = await s.collection.collectGarbage();
  assert.deepEqual([first.blobs, first.bytes], [2, 0]);
  assert.ok(isHere(s, image.blobs[0]!, "c"));
  await s.collection.repository("c").deleteManifest(descriptor.digest);
  const second = await s.collection.collectGarbage();
  assert.deepEqual([second.blobs, second.bytes], [2, bytesOf(image) - image.manifest.bytes.length]);
});

onStage("a plan counts what two repositories share once", async (s) => {
  for (const name of ["a/b", "c"]) {
    await pushImage(s.collection.repository(name), image, "1");
    await s.collection.repository(name).deleteTag("1");
  }
  s.wait(2 * day);
  const planned = await s.collection.collectGarbage({ untagged: true, dryRun: true });
  assert.deepEqual(
    planned.repositories.map(({ name, bytes }) => [name, bytes]),
    [
      ["a/b", 0],
      ["c", bytesOf(image)],
    ],
  );
  assert.deepEqual(await s.collection.collectGarbage({ untagged: true }), planned);
});

const confirmations: [string, (s: Stage) => Promise<unknown>][] = [
  ["a look", ({ repository }) => repository.statBlob(image.blobs[1]!.descriptor.digest)],
  ["a push", ({ repository }) => pushContent(repository, image.blobs[1]!)],
  [
    "a mount",
    async ({ collection, repository }) => {
      await pushContent(collection.repository("z"), image.blobs[1]!);
      await repository.mountBlob(image.blobs[1]!.descriptor, collection.repository("z"));
    },
  ],
  [
    "an upload",
    async ({ repository }) => {
      const upload = await repository.createUpload();
      await upload.append(once(image.blobs[1]!.bytes));
      await upload.commit(image.blobs[1]!.descriptor.digest);
    },
  ],
];
for (const [what, confirm] of confirmations) {
  onStage(`${what} protects a blob for a day, also over a restart`, async (s) => {
    await pushImage(s.repository, image, "1");
    await s.repository.deleteManifest(descriptor.digest);
    s.wait(40 * hour);
    await confirm(s);
    s.wait(23 * hour);
    const later = await s.restart();
    await later.collection.collectGarbage();
    assert.ok(!isHere(later, image.blobs[0]!));
    assert.ok(isHere(later, image.blobs[1]!));
    later.wait(hour + 2 * minute);
    await later.collection.collectGarbage();
    assert.ok(!isHere(later, image.blobs[1]!));
  });
}

onStage("many looks at a blob are not more than one write a minute behind", async (s) => {
  await pushImage(s.repository, image, "1");
  await s.repository.deleteManifest(descriptor.digest);
  const { digest } = image.blobs[1]!.descriptor;
  for (let n = 0; n < 200; n++) {
    await s.repository.statBlob(digest);
    s.wait(minute / 3);
  }
  s.wait(day - minute / 3);
  await s.collection.collectGarbage();
  assert.ok(isHere(s, image.blobs[1]!));
  assert.ok(!isHere(s, image.blobs[0]!));
});

onStage("a manifest that needs one that is gone is refused, and the tag stays", async (s) => {
  await pushImage(s.repository, image, "1");
  const other = sharing(image, "other");
  const required = other.blobs.map((blob) => blob.descriptor.digest);
  const push = () => s.repository.pushManifest(other.manifest, { tag: "1", required });
  await refuses(push(), "BLOB_NOT_FOUND");
  assert.equal((await s.repository.resolve("1")).digest, descriptor.digest);
  await pushContent(s.repository, other.blobs[0]!);
  await push();
  assert.equal((await s.repository.resolve("1")).digest, other.manifest.descriptor.digest);
});

async function* once(bytes: Uint8Array) {
  yield bytes.slice();
}

onStage(
  "a clock that is ahead when a run begins, and set right, removes nothing that is young",
  async (s) => {
    await pushImage(s.repository, image, "1");
    await pushContent(s.repository, lone);
    s.wait(30 * day);
    // One is told to be here, the other has just lost its tag.
    await s.repository.statBlob(lone.descriptor.digest);
    await s.repository.deleteTag("1");
    s.wait(10 * day);
    onStep((step) => {
      if (step !== "turn") return;
      onStep(undefined);
      s.wait(-10 * day);
    });
    const run = s.collection.collectGarbage({ untagged: true, unreferencedBlobs: true });
    const { manifests, blobs } = await run.finally(() => onStep(undefined));
    assert.deepEqual([manifests, blobs], [0, 0]);
    assert.ok(isHere(s, lone));
  },
);
