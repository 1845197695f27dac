import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { isError } from "../errors.ts";
import { parseLocation } from "../reference/location.ts";
import { createMemoryRepository } from "../store/memory.ts";
import { copy } from "./copy.ts";
import { openSource, openTarget } from "./location.ts";
import { amd64, pushImage, pushPlatforms, pushReferrer } from "./testing/images.ts";

const folder = await mkdtemp(join(tmpdir(), "wharfinger-location-"));
after(() => rm(folder, { recursive: true, force: true }));

/** Copies between two locations, as a command would. */
async function move(from: string, to: string, platforms = false) {
  const source = await openSource(parseLocation(from));
  try {
    const target = await openTarget(parseLocation(to), source);
    try {
      const options = platforms ? { platforms: [amd64] } : {};
      const result = await copy(source.store, source.reference, target.store, {
        ...options,
        tag: target.tags,
      });
      await target.finish();
      return result;
    } finally {
      await target.abort();
    }
  } finally {
    await source.close();
  }
}

/** A layout with the images of `pushPlatforms` under each tag, and a referrer. */
async function layoutOf(name: string, ...tags: string[]) {
  const path = join(folder, name);
  const memory = createMemoryRepository();
  const index = await pushPlatforms(memory, tags[0] ?? "x");
  await pushReferrer(memory, index, "application/spdx+json");
  const target = await openTarget(parseLocation(`oci:${path}`), { pinned: false });
  await copy(memory, tags[0] ?? index.digest, target.store, { tag: tags });
  await target.finish();
  return { path, index };
}

test("a layout and an archive give back what they were given, referrers too", async () => {
  const { path, index } = await layoutOf("one", "1.0");
  const archive = join(folder, "one.tar");
  const { totals } = await move(`oci:${path}:1.0`, `oci-archive:${archive}`);
  assert.equal(totals.referrers, 1);
  const back = await move(`oci-archive:${archive}`, `oci:${join(folder, "back")}:2.0`);
  assert.equal(back.descriptor.digest, index.digest);
  assert.deepEqual(back.tags, ["2.0"]);
  assert.equal(back.totals.referrers, 1);
});

test("a layout's only image needs no name, and keeps the one it has", async () => {
  const { path, index } = await layoutOf("only", "1.0");
  const source = await openSource(parseLocation(`oci:${path}`));
  assert.equal(source.reference, "1.0");
  assert.equal(source.tag, "1.0");
  await source.close();
  const { tags } = await move(`oci:${path}`, `oci:${join(folder, "only-copy")}`);
  assert.deepEqual(tags, ["1.0"]);
  const pinned = await openSource(parseLocation(`oci:${path}@${index.digest}`));
  assert.equal(pinned.reference, index.digest);
  assert(pinned.pinned);
  await pinned.close();
});

test("an image without a name is its layout's only image all the same", async () => {
  const { path, index } = await layoutOf("nameless");
  const source = await openSource(parseLocation(`oci:${path}`));
  assert.equal(source.reference, index.digest);
  assert.equal(source.tag, undefined);
  await source.close();
});

test("of several images one must be named, and the hint says which there are", async () => {
  const { path } = await layoutOf("several", "1.0", "2.0");
  await assert.rejects(
    openSource(parseLocation(`oci:${path}`)),
    (error) => isError(error, "MANIFEST_NOT_FOUND") && /1\.0, 2\.0/.test(error.hint),
  );
});

test("a docker archive takes images of one platform and says so", async () => {
  const target = await openTarget(
    parseLocation(`docker-archive:${join(folder, "image.tar")}:busybox:1.36`),
    { pinned: false },
  );
  assert(target.imagesOnly);
  await target.abort();
});

test("a registry's image gets the source's tag, latest where it has none, and none by digest", async () => {
  const repository = async () => {
    const store = createMemoryRepository();
    await pushImage(store, { tag: "latest" });
    return Object.assign(store, { close: async () => {} }) as never;
  };
  const location = parseLocation("localhost:5000/x");
  const tags = async (from: Parameters<typeof openTarget>[1]) =>
    (await openTarget(location, from, { repository })).tags;
  assert.deepEqual(await tags({ pinned: false, tag: "1.0" }), ["1.0"]);
  assert.deepEqual(await tags({ pinned: false }), ["latest"]);
  assert.deepEqual(await tags({ pinned: true }), []);
  const source = await openSource(location, { repository });
  assert.equal(source.reference, "latest");
  assert.equal(source.name, "localhost:5000/x:latest");
});
