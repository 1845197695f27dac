import assert from "node:assert/strict";
import { test } from "node:test";

import { mediaTypes } from "../reference/descriptor.ts";
import { createMemoryCollection, createMemoryRepository } from "../store/memory.ts";
import type { Repository } from "../store/store.ts";
import { copy } from "./copy.ts";
import type { CopyEvent } from "./event.ts";
import { pushDocument, pushImage, pushIndex, pushPlatforms, pushText } from "./testing/images.ts";
import { observed } from "./testing/observed.ts";

/** All that the index or image names is in the store. */
async function assertWhole(store: Repository, reference: string): Promise<void> {
  const { bytes } = await store.fetchManifest(reference);
  const { manifests = [], config, layers = [] } = JSON.parse(new TextDecoder().decode(bytes));
  for (const { digest } of manifests) await assertWhole(store, digest);
  for (const { digest } of config ? [config, ...layers] : []) {
    assert(await store.statBlob(digest), `blob ${digest} is missing`);
  }
}

test("an index is copied whole, and each blob once", async () => {
  const source = observed(createMemoryRepository());
  const target = observed(createMemoryRepository());
  const index = await pushPlatforms(source, "1.0");
  const { descriptor, tags, totals } = await copy(source, "1.0", target);
  assert.equal(descriptor.digest, index.digest);
  assert.deepEqual(tags, ["1.0"]);
  assert.equal((await target.resolve("1.0")).digest, index.digest);
  await assertWhole(target, "1.0");
  assert.equal(totals.manifests.copied, 7);
  const pushed = target.calls.filter((call) => call.startsWith("pushBlob"));
  assert.equal(new Set(pushed).size, pushed.length);
  assert.equal(totals.blobs.copied, pushed.length);
});

test("children are there before their parents, and the tag comes last", async () => {
  const source = createMemoryRepository();
  const target = observed(createMemoryRepository());
  const index = await pushPlatforms(source, "1.0");
  await copy(source, "1.0", target, { tag: ["a", "b"] });
  const pushes = target.calls.filter((call) => call.startsWith("push"));
  assert(pushes.at(-1)!.endsWith(index.digest));
  assert(pushes.at(-2)!.endsWith(index.digest));
  const { bytes } = await source.fetchManifest("1.0");
  for (const { digest } of JSON.parse(new TextDecoder().decode(bytes)).manifests) {
    const child = JSON.parse(
      new TextDecoder().decode((await source.fetchManifest(digest)).bytes),
    ) as { layers: { digest: string }[] };
    const at = pushes.indexOf(`pushManifest ${digest}`);
    for (const layer of child.layers) assert(pushes.indexOf(`pushBlob ${layer.digest}`) < at);
  }
});

test("a copy between registries that has nothing to do asks two questions", async () => {
  const source = observed(createMemoryRepository(), { registry: "a.example" });
  const target = observed(createMemoryRepository(), { registry: "b.example" });
  await pushPlatforms(source, "1.0");
  await copy(source, "1.0", target, { referrers: false });
  source.calls.length = 0;
  target.calls.length = 0;
  const { totals } = await copy(source, "1.0", target, { referrers: false });
  assert.deepEqual(source.calls, ["resolve 1.0"]);
  assert.deepEqual(target.calls, ["resolve 1.0"]);
  assert.equal(totals.manifests.existing, 1);
  assert.equal(totals.manifests.copied, 0);
});

test("a manifest in a local store vouches for nothing: what is missing below it is mended", async () => {
  const source = observed(createMemoryRepository());
  const target = observed(createMemoryRepository());
  await pushImage(source, { tag: "1.0", layers: ["one", "two"] });
  await copy(source, "1.0", target);
  const { bytes } = await target.fetchManifest("1.0");
  const { layers } = JSON.parse(new TextDecoder().decode(bytes));
  await target.deleteBlob(layers[1].digest);
  source.calls.length = 0;
  const { totals } = await copy(source, "1.0", target, { referrers: false });
  assert.deepEqual(source.calls, ["resolve 1.0", `fetchBlob ${layers[1].digest}`]);
  assert.equal(totals.blobs.copied, 1);
  await assertWhole(target, "1.0");
});

test("a registry that lost a blob is mended when the copy is thorough", async () => {
  const source = createMemoryRepository();
  const inner = createMemoryRepository();
  const target = observed(inner, { registry: "b.example" });
  await pushImage(source, { tag: "1.0", layers: ["one", "two"] });
  await copy(source, "1.0", target);
  const { bytes } = await target.fetchManifest("1.0");
  await target.deleteBlob(JSON.parse(new TextDecoder().decode(bytes)).layers[0].digest);
  await copy(source, "1.0", target, { thorough: true });
  await assertWhole(inner, "1.0");
});

test("a copy that was cut goes on where it was", async () => {
  const source = observed(createMemoryRepository());
  const layers = Array.from({ length: 20 }, (_, at) => `layer ${at}`);
  await pushImage(source, { tag: "1.0", layers });
  let pushes = 0;
  const store = createMemoryRepository();
  const target = observed(store, {
    before: (method) => {
      if (method === "pushBlob" && ++pushes > 12) throw new Error("cut");
    },
  });
  await assert.rejects(copy(source, "1.0", target), /cut/);
  source.calls.length = 0;
  const { totals } = await copy(source, "1.0", store);
  assert(totals.blobs.existing >= 7, "what was pushed before is not pushed again");
  assert.equal(source.count("fetchBlob"), totals.blobs.copied);
  await assertWhole(store, "1.0");
});

test("a retag in one repository moves no blob", async () => {
  const store = createMemoryRepository();
  const index = await pushPlatforms(store, "1.0");
  const source = observed(store, { registry: "a.example", name: "x" });
  const target = observed(store, { registry: "a.example", name: "x" });
  await copy(source, "1.0", target, { tag: "2.0", referrers: false });
  assert.equal((await store.resolve("2.0")).digest, index.digest);
  assert.deepEqual(source.calls, ["resolve 1.0", `fetchManifest ${index.digest}`]);
  assert.deepEqual(target.calls, ["resolve 2.0", `pushManifest ${index.digest}`]);
});

test("repositories of one registry mount their blobs", async () => {
  const registry = createMemoryCollection();
  const source = observed(registry.repository("a"));
  const target = observed(registry.repository("b"));
  await pushPlatforms(source, "1.0");
  const { totals } = await copy(source, "1.0", target);
  assert.equal(source.count("fetchBlob"), 0);
  assert.equal(target.count("pushBlob", "statBlob"), 0);
  assert(totals.blobs.mounted > 0);
});

test("who declines to mount gets the bytes, and is not asked for ever", async () => {
  const registry = createMemoryCollection();
  const target = observed(registry.repository("b"), { replace: { mountBlob: async () => false } });
  const layers = Array.from({ length: 30 }, (_, at) => `layer ${at}`);
  await pushImage(registry.repository("a"), { tag: "1.0", layers });
  await copy(registry.repository("a"), "1.0", target, { concurrency: 1 });
  assert.equal(target.count("mountBlob"), 3);
  assert.equal(target.count("pushBlob"), 31);
});

test("a digest is copied without a tag", async () => {
  const source = createMemoryRepository();
  const target = observed(createMemoryRepository());
  const image = await pushImage(source);
  const { tags } = await copy(source, image.digest, target);
  assert.deepEqual(tags, []);
  assert.equal((await target.resolve(image.digest)).digest, image.digest);
  for await (const tag of target.listTags()) assert.fail(`there is a tag ${tag}`);
});

test("layers that must not be distributed stay where they are", async () => {
  const source = createMemoryRepository();
  const target = observed(createMemoryRepository());
  const foreign = {
    mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    digest: `sha256:${"0".repeat(64)}`,
    size: 5,
    urls: ["https://example.com/layer"],
  };
  await pushDocument(
    source,
    mediaTypes.ociManifest,
    { config: await pushText(source, "{}", mediaTypes.ociConfig), layers: [foreign, foreign] },
    "1.0",
  );
  const { totals, notes } = await copy(source, "1.0", target);
  assert.equal(totals.blobs.skipped, 1);
  assert.deepEqual(
    notes.map(({ code }) => code),
    ["LAYER_SKIPPED"],
  );
});

test("content that the descriptor embeds is not fetched", async () => {
  const source = observed(createMemoryRepository());
  const target = createMemoryRepository();
  const data = (text: string) => Buffer.from(text).toString("base64");
  const config = {
    ...(await pushText(source, '{"os":"linux"}', mediaTypes.ociConfig)),
    data: data('{"os":"linux"}'),
  };
  const layer = { ...(await pushText(source, "layer")), data: data("liar!") };
  const image = { config, layers: [layer] };
  await pushDocument(source, mediaTypes.ociManifest, image, "1.0");
  source.calls.length = 0;
  await copy(source, "1.0", target, { referrers: false });
  assert.deepEqual(
    source.calls.filter((call) => call.startsWith("fetchBlob")),
    [`fetchBlob ${layer.digest}`],
  );
  await assertWhole(target, "1.0");
});

test("events can be written as lines of JSON, and add up", async () => {
  const source = createMemoryRepository();
  const target = createMemoryRepository();
  await pushPlatforms(source, "1.0");
  const events: CopyEvent[] = [];
  const { totals } = await copy(source, "1.0", target, {
    onEvent: (event) => events.push(JSON.parse(JSON.stringify(event)) as CopyEvent),
  });
  const blobs = (state: string) =>
    events.filter((event) => event.type === "blob" && event.state === state).length;
  assert.equal(blobs("found"), totals.blobs.copied);
  assert.equal(blobs("copied"), totals.blobs.copied);
  const done = events.at(-1);
  assert(done?.type === "done" && done.reference === "1.0");
  assert.deepEqual(done.totals, totals);
});

test("an index within an index is copied too", async () => {
  const source = createMemoryRepository();
  const target = createMemoryRepository();
  const inner = await pushIndex(source, [await pushImage(source)]);
  await pushIndex(source, [inner, await pushImage(source, { layers: ["b"] })], { tag: "1.0" });
  await copy(source, "1.0", target);
  await assertWhole(target, "1.0");
});

test("an image of schema 1 is copied as it is, its layers without their sizes", async () => {
  const source = observed(createMemoryRepository());
  const target = createMemoryRepository();
  const layers = [await pushText(source, "one"), await pushText(source, "two")];
  const document = {
    schemaVersion: 1,
    name: "x",
    tag: "y",
    architecture: "amd64",
    fsLayers: [...layers, layers[0]!].map(({ digest }) => ({ blobSum: digest })),
    history: [],
  };
  const { digest } = await pushDocument(source, mediaTypes.dockerSchema1, document, "old");
  const events: CopyEvent[] = [];
  await copy(source, "old", target, { onEvent: (event) => events.push(event) });
  assert.equal((await target.resolve("old")).digest, digest);
  for (const layer of layers) assert(await target.statBlob(layer.digest));
  const copied = events.filter((event) => event.type === "blob" && event.state === "copied");
  assert.deepEqual(
    copied.map((event) => event.type === "blob" && event.content.size),
    [3, 3],
  );
});

test("what an index names that is no manifest is copied as a blob", async () => {
  const source = createMemoryRepository();
  const target = createMemoryRepository();
  const blob = await pushText(source, "words", "text/plain");
  await pushIndex(source, [await pushImage(source), blob], { tag: "1.0" });
  await copy(source, "1.0", target);
  assert(await target.statBlob(blob.digest));
});

test("manifests that an index embeds are not fetched", async () => {
  const source = observed(createMemoryRepository());
  const target = createMemoryRepository();
  const image = await pushImage(source);
  const { bytes } = await source.fetchManifest(image.digest);
  const child = { ...image, data: Buffer.from(bytes).toString("base64") };
  const { digest } = await pushIndex(source, [child], { tag: "1.0" });
  source.calls.length = 0;
  await copy(source, "1.0", target, { referrers: false });
  assert.deepEqual(
    source.calls.filter((call) => call.startsWith("fetchManifest")),
    [`fetchManifest ${digest}`],
  );
  await assertWhole(target, "1.0");
});

test("a registry that has the image under another tag is only given the new one", async () => {
  const source = observed(createMemoryRepository(), { registry: "a.example" });
  const target = observed(createMemoryRepository(), { registry: "b.example" });
  const { digest } = await pushPlatforms(source, "1.0");
  await copy(source, "1.0", target, { referrers: false });
  source.calls.length = target.calls.length = 0;
  await copy(source, "1.0", target, { tag: ["1.0", "1", "latest"], referrers: false });
  // The source may count what is read there; the target has it too.
  assert.deepEqual(source.calls, ["resolve 1.0"]);
  assert(target.calls.includes(`fetchManifest ${digest}`));
  assert.equal(target.count("pushManifest"), 2);
  assert.equal(target.count("statBlob", "pushBlob"), 0);
});
