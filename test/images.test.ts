import assert from "node:assert/strict";
import { test } from "node:test";

import { readAll } from "../src/http/body.ts";
import { parseManifest } from "../src/reference/manifest.ts";
import { verified } from "../src/store/verified.ts";
import { busyboxImage, syntheticImage, type TestImage } from "./images.ts";

const busybox = await busyboxImage();

test("the busybox image is whole", { skip: "skip" in busybox ? busybox.skip : false }, async () => {
  assert("sbom" in busybox);
  const store = await checkWhole(busybox);
  const referrers: string[] = [];
  for await (const { digest } of store.listReferrers(busybox.root.digest)) referrers.push(digest);
  assert.deepEqual(
    referrers.toSorted(),
    [busybox.sbom.digest, busybox.signature.digest].toSorted(),
  );
  await store.resolve(busybox.signatureTag);
});

test("a synthetic image is whole, and the same each time", async () => {
  const options = { layers: 2, layerSize: 3 << 20, platforms: ["linux/amd64", "linux/arm64"] };
  const image = await syntheticImage(options);
  await checkWhole(image);
  assert.equal(image.root.digest, (await syntheticImage(options)).root.digest);
  assert.notEqual(image.root.digest, (await syntheticImage({ ...options, seed: "2" })).root.digest);
});

test("a synthetic layer can be read from anywhere", async () => {
  const [layer] = (await syntheticImage({ layers: 1, layerSize: 2 << 20 })).blobs;
  const read = async (offset: number) =>
    Buffer.from(await readAll(await layer!.source.open(offset), 2 << 20));
  const whole = await read(0);
  for (const offset of [1, 512, 1_500_001, whole.length])
    assert(whole.subarray(offset).equals(await read(offset)));
});

async function checkWhole(image: TestImage) {
  const store = await image.store();
  const { descriptor } = await store.fetchManifest(image.tag);
  assert.equal(descriptor.digest, image.root.digest);
  for (const platform of image.platforms) {
    const manifest = parseManifest((await store.fetchManifest(platform.digest)).bytes);
    assert(manifest.kind === "image");
    for (const blob of [manifest.config, ...manifest.layers])
      for await (const chunk of verified(blob, await store.fetchBlob(blob))) assert(chunk);
  }
  return store;
}
