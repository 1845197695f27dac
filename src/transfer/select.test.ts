import assert from "node:assert/strict";
import { test } from "node:test";

import { isError } from "../errors.ts";
import { mediaTypes, type Descriptor } from "../reference/descriptor.ts";
import { parsePlatform } from "../reference/platform.ts";
import { createMemoryRepository } from "../store/memory.ts";
import type { Repository } from "../store/store.ts";
import { copy } from "./copy.ts";
import {
  amd64,
  arm64,
  pushDocument,
  pushImage,
  pushIndex,
  pushPlatforms,
  pushReferrer,
  pushText,
} from "./testing/images.ts";
import { observed } from "./testing/observed.ts";

async function documentOf(store: Repository, reference: string) {
  const { bytes, descriptor } = await store.fetchManifest(reference);
  const document = JSON.parse(new TextDecoder().decode(bytes)) as Record<string, unknown> & {
    manifests: Descriptor[];
  };
  return { descriptor, document };
}

test("one platform is copied as its manifest, under the tag", async () => {
  const source = createMemoryRepository();
  const target = createMemoryRepository();
  await pushPlatforms(source, "1.0");
  const { document } = await documentOf(source, "1.0");
  const { descriptor, notes } = await copy(source, "1.0", target, { platforms: [arm64] });
  assert.equal(descriptor.digest, document.manifests[1]!.digest);
  assert.equal((await target.resolve("1.0")).digest, descriptor.digest);
  assert.deepEqual(
    notes.map(({ code }) => code),
    ["ATTESTATIONS_LEFT_OUT"],
  );
});

test("a copy of one platform that is there already fetches the index only", async () => {
  const source = observed(createMemoryRepository(), { registry: "a.example" });
  const target = observed(createMemoryRepository(), { registry: "b.example" });
  await pushPlatforms(source, "1.0");
  const options = { platforms: [arm64], referrers: false };
  await copy(source, "1.0", target, options);
  source.calls.length = target.calls.length = 0;
  await copy(source, "1.0", target, options);
  assert.deepEqual(source.calls, ["fetchManifest 1.0"]);
  assert.deepEqual(target.calls, ["resolve 1.0"]);
});

test("several platforms make an index of them and their attestations, the rest as it was", async () => {
  const source = createMemoryRepository();
  const target = createMemoryRepository();
  await pushPlatforms(source, "1.0");
  const whole = await documentOf(source, "1.0");
  const { descriptor } = await copy(source, "1.0", target, {
    platforms: [parsePlatform("linux/arm/v7"), parsePlatform("linux/x86_64")],
  });
  const part = await documentOf(target, "1.0");
  assert.equal(part.descriptor.digest, descriptor.digest);
  assert.equal(part.descriptor.mediaType, mediaTypes.ociIndex);
  const { manifests } = whole.document;
  assert.deepEqual(part.document, {
    ...whole.document,
    manifests: [manifests[0], manifests[2], manifests[3], manifests[5]],
  });
  for (const { digest } of part.document.manifests) await target.resolve(digest);
  await assert.rejects(target.resolve(manifests[1]!.digest));
});

test("platforms that are all there is keep the index as it is", async () => {
  const source = createMemoryRepository();
  const target = createMemoryRepository();
  const images = [
    await pushImage(source, { platform: amd64 }),
    await pushImage(source, { platform: arm64, layers: ["other"] }),
  ];
  const index = await pushIndex(source, images, { tag: "1.0" });
  const { descriptor } = await copy(source, "1.0", target, { platforms: [amd64, arm64] });
  assert.equal(descriptor.digest, index.digest);
});

test("a platform that is not there is named, with those that are", async () => {
  const source = createMemoryRepository();
  const target = observed(createMemoryRepository());
  await pushPlatforms(source, "1.0");
  await assert.rejects(
    copy(source, "1.0", target, { platforms: [parsePlatform("linux/s390x")] }),
    (error) =>
      isError(error, "PLATFORM_NOT_FOUND") &&
      error.message.endsWith(
        "nothing for linux/s390x; there are linux/amd64, linux/arm64, linux/arm/v7",
      ),
  );
  assert.equal(target.count("pushBlob", "pushManifest"), 0);
});

test("an image without an index is taken for its own platform only", async () => {
  const source = createMemoryRepository();
  await pushImage(source, { tag: "1.0", config: { os: "linux", architecture: "amd64" } });
  await copy(source, "1.0", createMemoryRepository(), { platforms: [amd64] });
  await assert.rejects(
    copy(source, "1.0", createMemoryRepository(), { platforms: [arm64] }),
    (error) => isError(error, "PLATFORM_NOT_FOUND") && /there are linux\/amd64/.test(error.message),
  );
});

test("an artifact runs on no platform, so any will do", async () => {
  const source = createMemoryRepository();
  const config = await pushText(source, "{}", mediaTypes.ociEmpty);
  const artifact = { artifactType: "application/x", config, layers: [] };
  await pushDocument(source, mediaTypes.ociManifest, artifact, "1.0");
  await copy(source, "1.0", createMemoryRepository(), { platforms: [arm64] });
});

test("platforms are found, and kept, in nested indexes", async () => {
  const source = createMemoryRepository();
  const target = createMemoryRepository();
  const images = [
    await pushImage(source, { platform: amd64, layers: ["a"] }),
    await pushImage(source, { platform: arm64, layers: ["b"] }),
  ];
  const other = await pushImage(source, {
    platform: parsePlatform("linux/s390x"),
    layers: ["c"],
  });
  const inner = await pushIndex(source, images);
  await pushIndex(source, [inner, other], { tag: "1.0" });
  const one = await copy(source, "1.0", target, { platforms: [arm64], tag: "one" });
  assert.equal(one.descriptor.digest, images[1]!.digest);
  await copy(source, "1.0", target, {
    platforms: [arm64, parsePlatform("linux/s390x")],
    tag: "two",
  });
  const { document } = await documentOf(target, "two");
  assert.equal(document.manifests[1]!.digest, other.digest);
  const nested = await documentOf(target, document.manifests[0]!.digest);
  assert.deepEqual(
    nested.document.manifests.map(({ digest }) => digest),
    [images[1]!.digest],
  );
});

test("windows without a version keeps all versions", async () => {
  const source = createMemoryRepository();
  const target = createMemoryRepository();
  const versions = ["10.0.17763.1", "10.0.20348.1"];
  const images = await Promise.all(
    versions.map((version) => {
      const platform = { os: "windows", architecture: "amd64", "os.version": version };
      return pushImage(source, { platform, layers: [version] });
    }),
  );
  const rest = [
    await pushImage(source, { platform: amd64, layers: ["a"] }),
    await pushImage(source, { platform: arm64, layers: ["b"] }),
  ];
  await pushIndex(source, [...images, ...rest], { tag: "1.0" });
  await copy(source, "1.0", target, { platforms: [parsePlatform("windows/amd64"), amd64] });
  const { document } = await documentOf(target, "1.0");
  assert.deepEqual(
    document.manifests.map(({ digest }) => digest),
    [...images, rest[0]!].map(({ digest }) => digest),
  );
});

test("what refers to the whole index is left out of a part, and that is said", async () => {
  const source = createMemoryRepository();
  const target = createMemoryRepository();
  const index = await pushPlatforms(source, "1.0");
  await pushReferrer(source, index, "application/vnd.example.signature");
  const platforms = [amd64, arm64];
  const { notes, totals } = await copy(source, "1.0", target, { platforms });
  assert.deepEqual(
    notes.map(({ code }) => code),
    ["REFERRERS_LEFT_OUT"],
  );
  assert.equal(totals.referrers, 0);
  const quiet = await copy(source, "1.0", target, { platforms, referrers: false });
  assert.deepEqual(quiet.notes, []);
});

test("where some of the platforms will do, those that there are make the index", async () => {
  const source = createMemoryRepository();
  const target = createMemoryRepository();
  await pushPlatforms(source, "1.0");
  const platforms = [arm64, parsePlatform("plan9/mips")];
  const code = "PLATFORM_NOT_FOUND";
  await assert.rejects(copy(source, "1.0", target, { platforms }), { code });
  const some = { platforms, somePlatforms: true };
  const { descriptor } = await copy(source, "1.0", target, some);
  const { document } = await documentOf(target, descriptor.digest);
  assert.deepEqual(document.manifests[0]!.platform, arm64);
  const none = { platforms: [platforms[1]!, parsePlatform("plan9/arm")], somePlatforms: true };
  await assert.rejects(copy(source, "1.0", target, none), { code });

  await pushImage(source, { platform: amd64, tag: "single" });
  const single = { platforms: [amd64, platforms[1]!], somePlatforms: true };
  await copy(source, "single", target, single);
  await assert.rejects(copy(source, "single", target, none), { code });
});
