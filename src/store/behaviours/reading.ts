/** What can be read from every store. */
import assert from "node:assert/strict";

import { absent, collect, imageOf, indexOf, readBlob } from "./content.ts";
import { behaviour, refuses } from "./trial.ts";
import type { Trial } from "./trial.ts";

const anything = [
  { tag: "one", image: imageOf("reading") },
  { tag: "many", image: indexOf("reading") },
] as const;

export function reading(trial: Trial): void {
  const content = trial.holds ?? anything;
  const [{ tag, image }] = content;
  const layer = image.blobs.at(-1)!;
  const children = content.flatMap((tagged) => tagged.image.children);

  behaviour(trial, "a tag and its digest resolve to the same", ["resolve"], content, async (s) => {
    const { digest, size, mediaType } = image.manifest.descriptor;
    for (const reference of [tag, digest]) {
      const found = await s.resolve(reference);
      assert.deepEqual(
        { digest: found.digest, size: found.size, mediaType: found.mediaType },
        { digest, size, mediaType },
      );
    }
  });

  behaviour(trial, "a manifest's bytes come back", ["fetchManifest"], content, async (s) => {
    for (const { tag: name, image: pushed } of content) {
      const { descriptor, bytes } = await s.fetchManifest(name);
      assert.deepEqual(Buffer.from(bytes), Buffer.from(pushed.manifest.bytes));
      assert.equal(descriptor.digest, pushed.manifest.descriptor.digest);
      assert.equal(descriptor.mediaType, pushed.manifest.descriptor.mediaType);
    }
  });

  if (children.length > 0)
    behaviour(
      trial,
      "the children of an index are found by digest",
      ["fetchManifest"],
      content,
      async (s) => {
        for (const { manifest } of children) {
          const { bytes, descriptor } = await s.fetchManifest(manifest.descriptor.digest);
          assert.deepEqual(Buffer.from(bytes), Buffer.from(manifest.bytes));
          assert.equal(descriptor.mediaType, manifest.descriptor.mediaType);
        }
      },
    );

  behaviour(trial, "a blob's bytes come back", ["fetchBlob"], content, async (s) => {
    for (const { descriptor, bytes } of image.blobs) {
      assert.deepEqual(await readBlob(s, descriptor), Buffer.from(bytes));
    }
  });

  behaviour(trial, "a part of a blob can be read", ["fetchBlob"], content, async (s) => {
    const { descriptor, bytes } = layer;
    const whole = Buffer.from(bytes);
    const read = (range: { offset?: number; length?: number }) => readBlob(s, descriptor, range);
    assert.deepEqual(await read({ offset: 5 }), whole.subarray(5));
    assert.deepEqual(await read({ length: 7 }), whole.subarray(0, 7));
    assert.deepEqual(await read({ offset: 10, length: 20 }), whole.subarray(10, 30));
    assert.deepEqual(await read({ offset: whole.length - 1 }), whole.subarray(-1));
    assert.deepEqual(await read({ offset: 10, length: whole.length }), whole.subarray(10));
  });

  behaviour(trial, "a part of nothing is nothing", ["fetchBlob"], content, async (s) => {
    const { size } = layer.descriptor;
    assert.equal((await readBlob(s, layer.descriptor, { offset: size })).length, 0);
    assert.equal((await readBlob(s, layer.descriptor, { offset: 3, length: 0 })).length, 0);
  });

  behaviour(trial, "chunks belong to the reader", ["fetchBlob"], content, async (s) => {
    for await (const chunk of await s.fetchBlob(layer.descriptor)) chunk.fill(0);
    assert.deepEqual(await readBlob(s, layer.descriptor), Buffer.from(layer.bytes));
  });

  behaviour(trial, "a reader may stop in the middle", ["fetchBlob"], content, async (s) => {
    for await (const chunk of await s.fetchBlob(layer.descriptor)) {
      assert.ok(chunk.byteLength > 0);
      break;
    }
    assert.deepEqual(await readBlob(s, layer.descriptor), Buffer.from(layer.bytes));
  });

  behaviour(trial, "an aborted signal ends a read", ["fetchBlob"], content, async (s) => {
    const signal = AbortSignal.abort();
    const read = async () => {
      for await (const _ of await s.fetchBlob(layer.descriptor, { signal }));
    };
    await refuses(read(), "INTERRUPTED");
  });

  behaviour(
    trial,
    "what is missing has its own error",
    ["resolve", "fetchManifest", "fetchBlob"],
    content,
    async (s) => {
      await refuses(s.resolve("missing"), "MANIFEST_NOT_FOUND");
      await refuses(s.resolve(absent), "MANIFEST_NOT_FOUND");
      await refuses(s.fetchManifest("missing"), "MANIFEST_NOT_FOUND");
      await refuses(s.fetchManifest(absent), "MANIFEST_NOT_FOUND");
      const lost = { mediaType: "application/octet-stream", digest: absent, size: 12 };
      await refuses(readBlob(s, lost), "BLOB_NOT_FOUND");
    },
  );

  behaviour(trial, "tags are listed", ["listTags"], content, async (s) => {
    const tags = content.map((tagged) => tagged.tag).toSorted();
    assert.deepEqual((await collect(s.listTags())).toSorted(), tags);
    const [first = ""] = tags;
    assert.deepEqual(await collect(s.listTags({ last: first })), tags.slice(1));
  });
}
