import assert from "node:assert/strict";
import { test } from "node:test";

import { isError } from "../errors.ts";
import { formatPlatform, parsePlatform } from "../reference/platform.ts";
import { createMemoryRepository } from "../store/memory.ts";
import { amd64, arm64, pushImage, pushIndex, pushPlatforms } from "../transfer/testing/images.ts";
import { imageConfig } from "./config.ts";
import { listPlatforms, selectPlatform } from "./platforms.ts";

test("platforms are those of the images, in order, without attestations", async () => {
  const store = createMemoryRepository();
  await pushPlatforms(store, "1.0");
  const platforms = await listPlatforms(store, "1.0");
  assert.deepEqual(
    platforms.map(({ platform }) => formatPlatform(platform)),
    ["linux/amd64", "linux/arm64", "linux/arm/v7"],
  );
});

test("an image without an index has the platform of its configuration", async () => {
  const store = createMemoryRepository();
  const image = await pushImage(store, { tag: "1.0" });
  const [only] = await listPlatforms(store, "1.0");
  assert.deepEqual(only!.platform, amd64);
  assert.equal((await selectPlatform(store, "1.0", amd64)).digest, image.digest);
  await assert.rejects(selectPlatform(store, "1.0", arm64), (error) =>
    isError(error, "PLATFORM_NOT_FOUND"),
  );
});

test("the best match is selected, in nested indexes too", async () => {
  const store = createMemoryRepository();
  const image = await pushImage(store, { platform: arm64 });
  const inner = await pushIndex(store, [image]);
  await pushIndex(store, [inner], { tag: "1.0" });
  const found = await selectPlatform(store, "1.0", parsePlatform("linux/arm64/v8"));
  assert.equal(found.digest, image.digest);
});

test("an index has no configuration of its own, and the error says what to do", async () => {
  const store = createMemoryRepository();
  await pushPlatforms(store, "1.0");
  await assert.rejects(
    imageConfig(store, "1.0"),
    (error) => isError(error, "UNSUPPORTED") && /platform/.test(error.hint),
  );
  const { digest } = await selectPlatform(store, "1.0", arm64);
  assert.deepEqual((await imageConfig(store, digest)).platform, arm64);
});
