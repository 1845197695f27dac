import assert from "node:assert/strict";
import { test } from "node:test";

import { isError, WharfError } from "../errors.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { createMemoryRepository } from "../store/memory.ts";
import { copy } from "./copy.ts";
import { pushImage, pushPlatforms, pushReferrer } from "./testing/images.ts";
import { observed } from "./testing/observed.ts";

const cosignTag = ({ digest }: Descriptor, suffix: string) => digest.replace(":", "-") + suffix;

/** An index with an SBOM that is signed, a signed child, and a cosign signature under a digest tag. */
async function pushSigned(store = createMemoryRepository()) {
  const index = await pushPlatforms(store, "1.0");
  const { bytes } = await store.fetchManifest("1.0");
  const [child] = JSON.parse(new TextDecoder().decode(bytes)).manifests as [Descriptor];
  const sbom = await pushReferrer(store, index, "application/spdx+json");
  const signature = await pushReferrer(store, sbom, "application/vnd.example.signature");
  const ofChild = await pushReferrer(store, child, "application/vnd.example.signature", "child");
  const tag = cosignTag(index, ".sig");
  const tagged = await pushImage(store, { tag, layers: ["signature"] });
  return { store, index, child, sbom, signature, ofChild, tag, tagged };
}

test("referrers go along, those of children and of referrers too, and digest tags", async () => {
  const { store, sbom, signature, ofChild, tag, tagged } = await pushSigned();
  const target = createMemoryRepository();
  const { totals } = await copy(store, "1.0", target);
  for (const { digest } of [sbom, signature, ofChild]) await target.resolve(digest);
  assert.equal((await target.resolve(tag)).digest, tagged.digest);
  assert.equal(totals.referrers, 4);
});

test("without referrers nothing of them is asked for", async () => {
  const { store, sbom } = await pushSigned();
  const source = observed(store);
  const target = createMemoryRepository();
  await copy(source, "1.0", target, { referrers: false });
  await assert.rejects(target.resolve(sbom.digest));
  assert.equal(source.count("listReferrers"), 0);
  assert.equal(source.count("resolve"), 1);
});

test("referrers that were added since go along although the image is there", async () => {
  const { store, index } = await pushSigned();
  const target = observed(createMemoryRepository(), { registry: "b.example" });
  await copy(store, "1.0", target);
  const late = await pushReferrer(store, index, "application/vnd.example.late");
  target.calls.length = 0;
  await copy(store, "1.0", target);
  await target.resolve(late.digest);
  const pushed = target.calls.filter((call) => call.startsWith("pushManifest"));
  assert.deepEqual(pushed, [`pushManifest ${late.digest}`]);
});

test("a subject is there before its referrers, and the tag after them", async () => {
  const { store, index, sbom, signature } = await pushSigned();
  const target = observed(createMemoryRepository());
  await copy(store, "1.0", target);
  const at = (call: string) => target.calls.indexOf(call);
  const subject = at(`pushManifest ${index.digest}`);
  assert(subject < at(`pushManifest ${sbom.digest}`));
  assert(at(`pushManifest ${sbom.digest}`) < at(`pushManifest ${signature.digest}`));
  assert.equal(target.calls.lastIndexOf(`pushManifest ${index.digest}`), target.calls.length - 1);
});

test("digest tags are asked for by name, never listed", async () => {
  const { store, index } = await pushSigned();
  const source = observed(store);
  await copy(source, "1.0", createMemoryRepository());
  assert.equal(source.count("listTags"), 0);
  for (const suffix of [".sig", ".att", ".sbom"]) {
    assert(source.calls.includes(`resolve ${cosignTag(index, suffix)}`));
  }
});

test("a target that lists no referrers gets none by default, and gets them when asked to", async () => {
  const { store, sbom } = await pushSigned();
  const inner = createMemoryRepository();
  const target = observed(inner, { replace: { listReferrers: undefined } });
  await copy(store, "1.0", target);
  await assert.rejects(inner.resolve(sbom.digest));
  await copy(store, "1.0", target, { referrers: true });
  await inner.resolve(sbom.digest);
});

test("a registry that refuses to list referrers spoils no copy that did not ask for them", async () => {
  const { store } = await pushSigned();
  const listReferrers = () => {
    throw new WharfError("FORBIDDEN", "no");
  };
  const source = observed(store, { replace: { listReferrers } });
  const { notes } = await copy(source, "1.0", createMemoryRepository());
  assert.deepEqual(
    notes.map(({ code }) => code),
    ["REFERRERS_UNKNOWN"],
  );
  await assert.rejects(
    copy(source, "1.0", createMemoryRepository(), { referrers: true }),
    (error) => isError(error, "FORBIDDEN"),
  );
});

test("referrers that refer to each other in a circle end", async () => {
  const store = createMemoryRepository();
  const image = await pushImage(store, { tag: "1.0" });
  const one = await pushReferrer(store, image, "application/vnd.example.one");
  const two = await pushReferrer(store, image, "application/vnd.example.two");
  const listReferrers = async function* () {
    yield one;
    yield two;
    yield image;
  };
  const source = observed(store, { replace: { listReferrers } });
  const { totals } = await copy(source, "1.0", createMemoryRepository());
  assert.equal(totals.referrers, 3);
});

test("a chain of referrers without end is refused", async () => {
  const store = createMemoryRepository();
  await pushImage(store, { tag: "1.0" });
  let count = 0;
  const listReferrers = async function* (digest: string) {
    const subject = await store.resolve(digest);
    yield await pushReferrer(store, subject, `application/vnd.example.n${count++}`);
  };
  const source = observed(store, { replace: { listReferrers } });
  await assert.rejects(copy(source, "1.0", createMemoryRepository()), (error) =>
    isError(error, "MANIFEST_TOO_LARGE"),
  );
  assert(count < 20);
});

test("a listing of referrers without end is refused", async () => {
  const store = createMemoryRepository();
  const image = await pushImage(store, { tag: "1.0" });
  const listReferrers = async function* () {
    for (let at = 0; ; at++) {
      const digest = `sha256:${at.toString(16).padStart(64, "0")}`;
      yield { ...image, digest };
    }
  };
  const source = observed(store, { replace: { listReferrers } });
  const target = observed(createMemoryRepository());
  await assert.rejects(copy(source, "1.0", target), (error) =>
    isError(error, "MANIFEST_TOO_LARGE"),
  );
});
