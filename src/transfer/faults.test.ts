import assert from "node:assert/strict";
import { test } from "node:test";

import { isError, WharfError } from "../errors.ts";
import { mediaTypes, type Descriptor } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import { createMemoryCollection, createMemoryRepository } from "../store/memory.ts";
import type { BlobSource } from "../store/store.ts";
import { copy } from "./copy.ts";
import { pushImage, pushIndex, pushPlatforms } from "./testing/images.ts";
import { observed } from "./testing/observed.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

/** A store that hands out `wrong` in place of the blob `digest`. */
function liar(store: ReturnType<typeof createMemoryRepository>, digest: string, wrong: string) {
  const fetchBlob = async (descriptor: Descriptor, options?: object) => {
    if (descriptor.digest !== digest) return store.fetchBlob(descriptor, options);
    return (async function* () {
      yield bytesOf(wrong);
    })();
  };
  return observed(store, { registry: "a.example", name: "x", replace: { fetchBlob } });
}

test("a source whose bytes are not those of the digest is named", async () => {
  const store = createMemoryRepository();
  await pushImage(store, { tag: "1.0", layers: ["right"] });
  const digest = digestOf(bytesOf("right"));
  for (const verify of [false, true]) {
    const target = createMemoryRepository();
    await assert.rejects(
      copy(liar(store, digest, "wrong"), "1.0", target, { verify }),
      (error) =>
        isError(error, "DIGEST_MISMATCH") &&
        error.message.startsWith(`source a.example/x: blob ${digest}`) &&
        error.message.includes(digestOf(bytesOf("wrong"))),
    );
    await assert.rejects(target.resolve("1.0"));
  }
});

test("a source with more or fewer bytes than promised is named", async () => {
  const store = createMemoryRepository();
  await pushImage(store, { tag: "1.0", layers: ["right"] });
  const digest = digestOf(bytesOf("right"));
  for (const wrong of ["more than that", "less"]) {
    await assert.rejects(
      copy(liar(store, digest, wrong), "1.0", createMemoryRepository()),
      (error) => isError(error, "SIZE_MISMATCH") && error.message.startsWith("source a.example/x"),
    );
  }
});

test("a target that refuses bytes that are right is named", async () => {
  const source = createMemoryRepository();
  await pushImage(source, { tag: "1.0" });
  const pushBlob = async () => {
    throw new WharfError("DIGEST_MISMATCH", "PUT https://b.example/…: DIGEST_INVALID (400)");
  };
  const target = observed(createMemoryRepository(), {
    registry: "b.example",
    name: "y",
    replace: { pushBlob },
  });
  await assert.rejects(
    copy(source, "1.0", target),
    (error) =>
      isError(error, "DIGEST_MISMATCH") &&
      error.message.startsWith("target b.example/y: refused blob sha256:") &&
      error.message.endsWith("DIGEST_INVALID (400)"),
  );
});

test("a manifest that is not what its digest says is refused", async () => {
  const store = createMemoryRepository();
  const good = await pushImage(store);
  await pushIndex(store, [good], { tag: "1.0" });
  const other = await store.fetchManifest((await pushImage(store, { layers: ["x"] })).digest);
  const fetchManifest = async (reference: string) =>
    reference === good.digest ? other : store.fetchManifest(reference);
  const source = observed(store, { replace: { fetchManifest } });
  await assert.rejects(copy(source, "1.0", createMemoryRepository()), (error) =>
    isError(error, "DIGEST_MISMATCH"),
  );
});

test("with verify, a blob that is resumed in the middle is hashed from its beginning", async () => {
  const source = createMemoryRepository();
  const text = "a layer that is cut in the middle";
  await pushImage(source, { tag: "1.0", layers: [text] });
  const inner = createMemoryRepository();
  const pushBlob = async (descriptor: Descriptor, blob: BlobSource) => {
    if (descriptor.digest !== digestOf(bytesOf(text))) return inner.pushBlob(descriptor, blob);
    const rest: Uint8Array[] = [];
    for await (const chunk of await blob.open(10)) rest.push(chunk);
    assert.equal(Buffer.concat(rest).toString(), text.slice(10));
    return inner.pushBlob(descriptor, blob);
  };
  await copy(source, "1.0", observed(inner, { replace: { pushBlob } }), { verify: true });
});

test("the failure of one blob stops the rest and leaves no tag", async () => {
  const source = createMemoryRepository();
  const layers = Array.from({ length: 200 }, (_, at) => `layer ${at}`);
  await pushImage(source, { tag: "1.0", layers });
  const inner = createMemoryRepository();
  const broken = digestOf(bytesOf("layer 20"));
  const target = observed(inner, {
    before: (method, digest) => {
      if (method === "pushBlob" && digest === broken) throw new WharfError("DISK_FULL", "full");
    },
  });
  await assert.rejects(copy(source, "1.0", target), (error) => isError(error, "DISK_FULL"));
  assert(target.count("pushBlob") < 50, "the rest is not tried");
  assert.equal(target.count("pushManifest"), 0);
  await assert.rejects(inner.resolve("1.0"));
});

test("an abort ends the copy at once, also what waits for its turn", async () => {
  const source = createMemoryRepository();
  const layers = Array.from({ length: 50 }, (_, at) => `layer ${at}`);
  await pushImage(source, { tag: "1.0", layers });
  const controller = new AbortController();
  const pushBlob = (_: Descriptor, __: BlobSource, { signal }: { signal: AbortSignal }) =>
    new Promise((_resolve, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason));
      controller.abort(new Error("enough"));
    });
  const target = observed(createMemoryRepository(), { replace: { pushBlob } });
  await assert.rejects(
    copy(source, "1.0", target, { signal: controller.signal }),
    (error) => isError(error, "INTERRUPTED") && /enough/.test(String(error.cause)),
  );
  assert(target.count("pushBlob") <= 6);
});

test("a copy whose signal is aborted before does nothing", async () => {
  const source = observed(createMemoryRepository());
  const signal = AbortSignal.abort();
  await assert.rejects(copy(source, "1.0", createMemoryRepository(), { signal }), (error) =>
    isError(error, "INTERRUPTED"),
  );
  assert.deepEqual(source.calls, []);
});

test("indexes nested too deep are refused", async () => {
  const source = createMemoryRepository();
  let inner = await pushImage(source);
  for (let depth = 0; depth < 12; depth++) inner = await pushIndex(source, [inner]);
  await source.tag(inner, "bomb");
  const target = observed(createMemoryRepository());
  await assert.rejects(copy(source, "bomb", target), (error) =>
    isError(error, "MANIFEST_TOO_LARGE"),
  );
  assert.equal(target.count("pushManifest"), 0);
});

test("an index of ten thousand children and more is refused before any is fetched", async () => {
  const source = createMemoryRepository();
  const nested: Descriptor[] = [];
  for (let part = 0; part < 2; part++) {
    const children = Array.from({ length: 6_000 }, (_, at) => ({
      mediaType: mediaTypes.ociManifest,
      digest: `sha256:${(part * 6_000 + at).toString(16).padStart(64, "0")}`,
      size: 2,
    }));
    nested.push(await pushIndex(source, children));
  }
  await pushIndex(source, nested, { tag: "bomb" });
  const observedSource = observed(source);
  await assert.rejects(
    copy(observedSource, "bomb", createMemoryRepository(), { referrers: false }),
    (error) => isError(error, "MANIFEST_TOO_LARGE"),
  );
  assert(observedSource.count("fetchManifest") < 20);
});

test("a graph in which everything names everything is walked once", async () => {
  const source = createMemoryRepository();
  let level = [await pushImage(source, { layers: ["a"] }), await pushImage(source)];
  for (let depth = 0; depth < 7; depth++) {
    level = await Promise.all(
      [0, 1].map((at) =>
        pushIndex(source, [...level, ...level, ...level], {
          fields: { annotations: { at: `${at}` } },
        }),
      ),
    );
  }
  const root = await pushIndex(source, level, { tag: "1.0" });
  const observedSource = observed(source);
  const target = createMemoryRepository();
  await copy(observedSource, "1.0", target, { referrers: false });
  assert.equal((await target.resolve("1.0")).digest, root.digest);
  assert.equal(observedSource.count("fetchManifest"), 2 + 2 * 7 + 1);
});

test("one slot a side is enough, also where both sides are one registry", async () => {
  const registry = createMemoryCollection();
  await pushPlatforms(registry.repository("a"), "1.0");
  const refuse = { canMount: () => false };
  const source = observed(registry.repository("a"), { registry: "r.example", name: "a" });
  const target = observed(registry.repository("b"), {
    registry: "r.example",
    name: "b",
    replace: refuse,
  });
  await copy(source, "1.0", target, { concurrency: 1 });
  assert.equal((await target.resolve("1.0")).digest, (await source.resolve("1.0")).digest);
  assert.equal(target.peak, 1);
});

test("no more runs at once than is allowed", async () => {
  const layers = Array.from({ length: 60 }, (_, at) => `layer ${at}`);
  const source = observed(createMemoryRepository());
  await pushImage(source, { tag: "1.0", layers });
  const target = observed(createMemoryRepository());
  await copy(source, "1.0", target, { concurrency: 4 });
  assert.equal(target.peak, 4);
});
