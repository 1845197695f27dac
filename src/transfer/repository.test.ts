import assert from "node:assert/strict";
import { test } from "node:test";

import { isError, WharfError } from "../errors.ts";
import { digestOf } from "../reference/digest.ts";
import { createMemoryRepository } from "../store/memory.ts";
import type { TagLister } from "../store/store.ts";
import { copyRepository } from "./repository.ts";
import { pushImage, pushIndex, pushReferrer } from "./testing/images.ts";
import { observed } from "./testing/observed.ts";

async function pushTags(count = 12) {
  const store = createMemoryRepository();
  for (let at = 0; at < count; at++) {
    await pushImage(store, { tag: `v${at}`, layers: ["base", `layer ${at}`] });
  }
  return store;
}

async function tagsOf(store: TagLister): Promise<string[]> {
  const tags: string[] = [];
  for await (const tag of store.listTags()) tags.push(tag);
  return tags;
}

test("all tags are copied, and what they share is sent once", async () => {
  const source = await pushTags();
  const target = observed(createMemoryRepository());
  const { images, totals } = await copyRepository(source, target);
  assert.deepEqual(await tagsOf(target), await tagsOf(source));
  assert.equal(images.length, 12);
  const pushed = target.calls.filter((call) => call.startsWith("pushBlob"));
  assert.equal(new Set(pushed).size, pushed.length);
  assert.equal(totals.blobs.copied, pushed.length);
  assert.equal(totals.manifests.copied, 12);
});

test("only the tags that are wanted are copied", async () => {
  const target = createMemoryRepository();
  await copyRepository(await pushTags(), target, { tags: (tag) => /^v[23]$/.test(tag) });
  assert.deepEqual(await tagsOf(target), ["v2", "v3"]);
});

test("tags of the target are kept where they must not be overwritten", async () => {
  const source = await pushTags(3);
  const target = createMemoryRepository();
  const own = await pushImage(target, { tag: "v1", layers: ["own"] });
  const { kept, images } = await copyRepository(source, target, { overwrite: false });
  assert.deepEqual(kept, ["v1"]);
  assert.equal(images.length, 2);
  assert.equal((await target.resolve("v1")).digest, own.digest);
});

test("one tag that fails stops the rest, unless they are to go on", async () => {
  const source = await pushTags();
  const broken = digestOf(new TextEncoder().encode("layer 5"));
  const before = (method: string, digest: string) => {
    if (method === "fetchBlob" && digest === broken) throw new WharfError("BLOB_NOT_FOUND", "gone");
  };
  const failing = observed(source, { before });
  await assert.rejects(copyRepository(failing, createMemoryRepository()), (error) =>
    isError(error, "BLOB_NOT_FOUND"),
  );
  const target = createMemoryRepository();
  const { failures, images } = await copyRepository(failing, target, { keepGoing: true });
  assert.deepEqual(
    failures.map(({ tag, error }) => [tag, error.code]),
    [["v5", "BLOB_NOT_FOUND"]],
  );
  assert.equal(images.length, 11);
});

test("what would stop every tag stops the copy, even if it is to go on", async () => {
  const source = await pushTags();
  const before = (method: string) => {
    if (method === "pushBlob") throw new WharfError("FORBIDDEN", "no");
  };
  const target = observed(createMemoryRepository(), { before });
  await assert.rejects(copyRepository(source, target, { keepGoing: true }), (error) =>
    isError(error, "FORBIDDEN"),
  );
  assert(target.count("pushBlob") < 12);
});

test("digest tags are copied, also of images that have no tag any more", async () => {
  const source = createMemoryRepository();
  const lost = `sha256-${"0".repeat(64)}.sig`;
  await pushImage(source, { tag: lost });
  const image = await pushImage(source, { tag: "v1", layers: ["x"] });
  const referrer = await pushReferrer(source, image, "application/spdx+json");
  const list = image.digest.replace(":", "-");
  await pushIndex(source, [referrer], { tag: list });
  const target = createMemoryRepository();
  await copyRepository(source, target);
  assert.deepEqual(await tagsOf(target), [lost, list, "v1"].toSorted());
  await target.resolve(referrer.digest);
});

test("a list of referrers that the target has is left alone", async () => {
  const source = createMemoryRepository();
  const target = createMemoryRepository();
  const image = await pushImage(source, { tag: "v1" });
  const list = image.digest.replace(":", "-");
  await pushIndex(source, [], { tag: list });
  const own = await pushIndex(target, [await pushReferrer(target, image, "application/x")], {
    tag: list,
  });
  await copyRepository(source, target);
  assert.equal((await target.resolve(list)).digest, own.digest);
});

test("an abort ends it", async () => {
  const source = await pushTags();
  const controller = new AbortController();
  const before = (method: string) => void (method === "pushBlob" && controller.abort());
  const target = observed(createMemoryRepository(), { before });
  const { signal } = controller;
  await assert.rejects(copyRepository(source, target, { signal, keepGoing: true }), (error) =>
    isError(error, "INTERRUPTED"),
  );
});
