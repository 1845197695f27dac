import assert from "node:assert/strict";
import { test } from "node:test";

import { createMemoryRepository } from "../../store/memory.ts";
import { bytesSource } from "../../store/sources.ts";
import type { Repository } from "../../store/store.ts";
import { attachArtifact, detachArtifact, discover, pushArtifact } from "./index.ts";

/** An image with two SBOMs, one of them signed, and a review. */
async function attached(): Promise<{ store: Repository; digest: string; first: string }> {
  const store = createMemoryRepository();
  const file = (title: string) => [{ source: bytesSource(Buffer.from(title)), title }];
  const { descriptor } = await pushArtifact(store, file("image"), { tag: "v1" });
  const sbom = { artifactType: "application/spdx+json" };
  const first = await attachArtifact(store, "v1", file("first.json"), { ...sbom, epoch: 1 });
  await attachArtifact(store, "v1", file("second.json"), { ...sbom, epoch: 2 });
  const review = { artifactType: "a/review", annotations: { by: "ada" }, epoch: 3 };
  await attachArtifact(store, "v1", [], review);
  const signature = { artifactType: "a/signature", annotations: { key: "k" }, epoch: 4 };
  await attachArtifact(store, first.descriptor.digest, [], signature);
  return { store, digest: descriptor.digest, first: first.descriptor.digest };
}

test("what is attached is discovered level by level, with its files", async () => {
  const { store, digest } = await attached();
  const { attachments, truncated } = await discover(store, digest);
  const shown = attachments.map((one) => [
    one.artifactType,
    one.kind,
    one.files.map(({ title }) => title),
    one.attachments.map(({ artifactType }) => artifactType),
  ]);
  assert.deepEqual(shown, [
    ["application/spdx+json", "sbom", ["first.json"], ["a/signature"]],
    ["application/spdx+json", "sbom", ["second.json"], []],
    ["a/review", "other", [], []],
  ]);
  assert.equal(attachments[2]?.annotations["by"], "ada");
  assert.equal(truncated, false);
  const reviews = await discover(store, digest, { artifactType: "a/review", depth: 1 });
  assert.deepEqual(
    reviews.attachments.map(({ artifactType }) => artifactType),
    ["a/review"],
  );
});

test("a referrer that cannot be read is shown without its files", async () => {
  const { store, digest, first } = await attached();
  const fetch = store.fetchManifest.bind(store);
  store.fetchManifest = async (reference, options) => {
    if (reference === first) return fetch("missing", options);
    return fetch(reference, options);
  };
  const { attachments } = await discover(store, digest);
  assert.deepEqual(
    attachments.map(({ files }) => files.length),
    [0, 1, 0],
  );
});

test("one is detached by its digest, with what is attached to it, signatures first", async () => {
  const { store, digest, first } = await attached();
  const gone = await detachArtifact(store, digest, { digests: [first, first] });
  assert.deepEqual(
    gone.map(({ artifactType }) => artifactType),
    ["a/signature", "application/spdx+json"],
  );
  assert.equal((await discover(store, digest)).attachments.length, 2);
  await store.resolve("v1");
});

test("all of a type are detached, others stay", async () => {
  const { store, digest } = await attached();
  await detachArtifact(store, digest, { artifactType: "application/spdx+json" });
  const { attachments } = await discover(store, digest);
  assert.deepEqual(
    attachments.map(({ artifactType }) => artifactType),
    ["a/review"],
  );
});

test("what is not attached is not detached", async () => {
  const { store, digest, first } = await attached();
  const other = await pushArtifact(store, [], { annotations: { other: "artifact" } });
  const digests = [first, other.descriptor.digest];
  await assert.rejects(detachArtifact(store, digest, { digests }), { code: "MANIFEST_NOT_FOUND" });
  assert.equal((await discover(store, digest)).attachments.length, 3);
});
