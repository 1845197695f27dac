import assert from "node:assert/strict";
import { test } from "node:test";
import { WharfError } from "../../errors.ts";
import type { Repository } from "../../store/store.ts";
import { createMemoryRepository } from "../../store/memory.ts";
import {
  amd64,
  arm64,
  pushAttestation,
  pushImage,
  pushIndex,
  pushReferrer,
} from "../../transfer/testing/images.ts";
import { observed } from "../../transfer/testing/observed.ts";
import type { CreatedCache, CreatedRecord } from "./created.ts";
import { dateTags, knownDates, type DateOptions, type DateSource } from "./dates.ts";

const now = Date.parse("2026-06-01T00:00:00Z");
const image = (store: Repository, tag: string, created?: string, fields = {}) =>
  pushImage(store, {
    tag,
    layers: [tag],
    config: created === undefined ? {} : { created },
    fields,
  });
const annotated = (created: string) => ({
  annotations: { "org.opencontainers.image.created": created },
});

/** Each tag as `DATE SOURCE`. */
async function shown(store: Repository, tags: readonly string[], options: DateOptions = {}) {
  const dated = await dateTags(store, tags, { now, ...options });
  return dated.map(({ tag, date, source, doubt }) => {
    const day = date === undefined ? doubt : new Date(date).toISOString().slice(0, 10);
    return `${tag}: ${day} ${source}`;
  });
}

function memoryCache(): CreatedCache & { readonly records: Map<string, CreatedRecord> } {
  const records = new Map<string, CreatedRecord>();
  return {
    records,
    get: (key) => records.get(key),
    set: (key, record) => records.set(key, record),
  };
}

test("an image is as old as its configuration says, or an annotation where that says nothing", async () => {
  const store = createMemoryRepository();
  await image(store, "config", "2026-01-02T03:04:05.123456789Z", annotated("2026-02-02T00:00:00Z"));
  await image(store, "noted", undefined, annotated("2026-02-02T00:00:00+02:00"));
  await image(store, "reproducible", "1970-01-01T00:00:00Z", annotated("2026-03-03T00:00:00Z"));
  assert.deepEqual(await shown(store, ["config", "noted", "reproducible"]), [
    "config: 2026-01-02 created",
    "noted: 2026-02-01 annotation",
    "reproducible: 2026-03-03 annotation",
  ]);
});

test("dates that are missing, mere placeholders or to come are unknown", async () => {
  const store = createMemoryRepository();
  const created = {
    none: undefined,
    nonsense: "yesterday",
    zero: "0001-01-01T00:00:00Z",
    epoch: "1970-01-01T00:00:00Z",
    buildpack: "1980-01-01T00:00:01Z",
    future: "2026-06-02T00:00:00Z",
    skewed: "2026-06-01T00:01:00Z",
  };
  for (const [tag, date] of Object.entries(created)) await image(store, tag, date);
  assert.deepEqual(await shown(store, Object.keys(created)), [
    "none: missing unknown",
    "nonsense: missing unknown",
    "zero: placeholder unknown",
    "epoch: placeholder unknown",
    "buildpack: placeholder unknown",
    "future: future unknown",
    "skewed: 2026-06-01 created",
  ]);
});

test("an index is as old as its newest image, or the one for a platform", async () => {
  const store = createMemoryRepository();
  const old = await pushImage(store, {
    platform: amd64,
    config: { created: "2024-01-01T00:00:00Z" },
  });
  const recent = await pushImage(store, {
    platform: arm64,
    config: { created: "2025-01-01T00:00:00Z" },
  });
  const attestation = await pushAttestation(store, old);
  await pushIndex(store, [old, recent, attestation], { tag: "both" });
  assert.deepEqual(await shown(store, ["both"]), ["both: 2025-01-01 created"]);
  assert.deepEqual(await shown(store, ["both"], { platform: amd64 }), ["both: 2024-01-01 created"]);
  const missing = { os: "windows", architecture: "amd64" };
  assert.deepEqual(await shown(store, ["both"], { platform: missing }), ["both: missing unknown"]);
});

test("what an index notes of its images saves asking for them", async () => {
  const store = observed(createMemoryRepository());
  const child = await pushImage(store, { platform: amd64 });
  await pushIndex(store, [{ ...child, ...annotated("2025-05-05T00:00:00Z") }], { tag: "noted" });
  await pushIndex(store, [child], { tag: "own", fields: annotated("2025-06-06T00:00:00Z") });
  assert.deepEqual(await shown(store, ["noted"]), ["noted: 2025-05-05 annotation"]);
  assert.equal(store.count("fetchManifest"), 1);
  assert.deepEqual(await shown(store, ["own"]), ["own: 2025-06-06 annotation"]);
});

test("artifacts, broken images and images that are not there do not stop the others", async () => {
  const store = createMemoryRepository();
  const good = await image(store, "good", "2026-01-01T00:00:00Z");
  await pushImage(store, { tag: "broken", config: { created: 5 } });
  const artifact = await pushReferrer(store, good, "application/x");
  await store.tag(artifact, "artifact");
  await pushIndex(store, [{ ...good, digest: `sha256:${"0".repeat(64)}`, platform: amd64 }], {
    tag: "sparse",
  }).catch(() => {});
  const broken = observed(store, {
    before: (method, digest) => {
      if (method === "fetchManifest" && digest === artifact.digest)
        throw new WharfError("MANIFEST_INVALID", "broken");
    },
  });
  assert.deepEqual(await shown(broken, ["good", "broken", "artifact", "gone"]), [
    "good: 2026-01-01 created",
    "broken: missing unknown",
    "artifact: unreadable unknown",
  ]);
});

test("what concerns the whole registry stops all", async () => {
  const store = createMemoryRepository();
  await image(store, "one", "2026-01-01T00:00:00Z");
  const refusing = observed(store, {
    before: (method) => {
      if (method === "fetchManifest") throw new WharfError("RATE_LIMITED", "no more");
    },
  });
  await assert.rejects(dateTags(refusing, ["one"]), { code: "RATE_LIMITED" });
});

test("tags on one digest cost one question, and what a cache knows costs none", async () => {
  const store = observed(createMemoryRepository());
  const descriptor = await image(store, "a", "2026-01-01T00:00:00Z");
  await store.tag(descriptor, "b");
  const cache = memoryCache();
  const before = store.count("fetchManifest");
  await dateTags(store, ["a", "b"], { cache, now });
  assert.equal(store.count("fetchManifest"), before + 1);
  assert.deepEqual(await shown(store, ["b", "a"], { cache }), [
    "b: 2026-01-01 created",
    "a: 2026-01-01 created",
  ]);
  assert.equal(store.count("fetchManifest"), before + 1);
});

test("a date to come is judged anew each time", async () => {
  const store = createMemoryRepository();
  const child = await pushImage(store, {
    platform: amd64,
    tag: "image",
    config: { created: "2027-01-01T00:00:00Z" },
  });
  await pushIndex(store, [child], { tag: "index" });
  const cache = memoryCache();
  assert.deepEqual(await shown(store, ["image", "index"], { cache }), [
    "image: future unknown",
    "index: future unknown",
  ]);
  const later = { cache, now: Date.parse("2027-02-01T00:00:00Z") };
  assert.deepEqual(await shown(store, ["image", "index"], later), [
    "image: 2027-01-01 created",
    "index: 2027-01-01 created",
  ]);
});

test("what the registry tells of a push counts most, and needs no question", async () => {
  const store = observed(createMemoryRepository());
  await image(store, "told", "2020-01-01T00:00:00Z");
  await image(store, "untold", "2021-01-01T00:00:00Z");
  await image(store, "zero", "2022-01-01T00:00:00Z");
  const dates: DateSource = {
    async *pushDates() {
      yield { tag: "told", pushed: Date.parse("2026-05-05T00:00:00Z") };
      yield { tag: "zero", pushed: 0 };
      yield { tag: "other", pushed: 1 };
    },
  };
  assert.deepEqual(await shown(store, ["told", "untold", "zero"], { dates }), [
    "told: 2026-05-05 pushed",
    "untold: 2021-01-01 created",
    "zero: 2022-01-01 created",
  ]);
  assert.equal(store.calls.includes("resolve told"), false);
  const { digest } = await store.resolve("told");
  const named = new Map([["told", digest]]);
  const [told] = await dateTags(store, ["told"], { dates, named, now });
  assert.equal(told?.digest, digest);
});

test("a source that knows nothing of the repository is passed over", async () => {
  const store = createMemoryRepository();
  await image(store, "one", "2021-01-01T00:00:00Z");
  const dates: DateSource = {
    // oxlint-disable-next-line require-yield
    async *pushDates() {
      throw new WharfError("UNSUPPORTED", "another registry");
    },
  };
  assert.deepEqual(await shown(store, ["one"], { dates }), ["one: 2021-01-01 created"]);
});

test("ten thousand tags are asked for a few at a time", async () => {
  const inner = createMemoryRepository();
  const descriptor = await image(inner, "one", "2021-01-01T00:00:00Z");
  const store = observed(inner, {
    replace: { resolve: async () => descriptor },
    before: () => new Promise(setImmediate),
  });
  const tags = Array.from({ length: 10_000 }, (_, at) => `t${at}`);
  const dated = await dateTags(store, tags, { concurrency: 8 });
  assert.equal(knownDates(dated).size, 10_000);
  assert.equal(store.peak, 8);
});
