import assert from "node:assert/strict";
import { test } from "node:test";

import { createMemoryRepository } from "../store/memory.ts";
import {
  amd64,
  arm64,
  pushAttestation,
  pushImage,
  pushIndex,
  pushReferrer,
} from "../transfer/testing/images.ts";
import { observed } from "../transfer/testing/observed.ts";
import { inspectPlatforms } from "./everyPlatform.ts";

const config = { created: "2026-01-01T00:00:00Z" };

test("every platform is told with its size, layers and date, attestations with what they are about", async () => {
  const store = observed(createMemoryRepository());
  const one = await pushImage(store, {
    platform: amd64,
    layers: ["12345", "12345", "678"],
    config,
  });
  const two = await pushImage(store, { platform: arm64, layers: ["1"] });
  const attestation = await pushAttestation(store, one);
  const nested = await pushIndex(store, [two]);
  await pushIndex(store, [one, attestation, nested], { tag: "latest" });
  const before = store.calls.length;
  const found = await inspectPlatforms(store, "latest");
  assert.deepEqual(
    found.map(({ kind, platform, layers, created }) => [kind, platform, layers, created]),
    [
      ["image", amd64, 3, config.created],
      ["attestation", amd64, 1, undefined],
      ["image", arm64, 1, undefined],
    ],
  );
  assert.equal(found[1]?.attests, one.digest);
  const blobs = store.calls.slice(before).filter((call) => call.startsWith("fetchBlob"));
  assert.equal(blobs.length, 3, "only configurations");
  const configSize = JSON.stringify({ ...amd64, ...config }).length;
  assert.equal(found[0]?.size, configSize + 8, "a layer that is there twice is transferred once");
});

test("what the store lacks is told as far as the index says it", async () => {
  const store = createMemoryRepository();
  const [one, two] = [
    await pushImage(store, { platform: amd64 }),
    await pushImage(store, { platform: arm64, layers: ["2"] }),
  ];
  await pushIndex(store, [one, two], { tag: "latest" });
  await store.deleteManifest(one.digest);
  const [missing, there] = await inspectPlatforms(store, "latest");
  assert.deepEqual(missing, {
    kind: "image",
    platform: amd64,
    digest: one.digest,
    mediaType: one.mediaType,
  });
  assert.equal(there?.layers, 1);
});

test("an image alone, or an artifact, is all that there is", async () => {
  const store = createMemoryRepository();
  const image = await pushImage(store, { tag: "latest", config });
  const [found] = await inspectPlatforms(store, "latest");
  assert.partialDeepStrictEqual(found, { kind: "image", platform: amd64, digest: image.digest });
  const artifact = await pushReferrer(store, image, "text/plain");
  const [other] = await inspectPlatforms(store, artifact.digest);
  assert.partialDeepStrictEqual(other, { kind: "artifact", artifactType: "text/plain" });
  await assert.rejects(inspectPlatforms(store, "none"), { code: "MANIFEST_NOT_FOUND" });
});
