/** Tags: giving, moving, listing, taking away; and what is deleted with what. */
import assert from "node:assert/strict";

import { absent, collect, contentOf, imageOf, indexOf, noise } from "./content.ts";
import { behaviour, pushContent, pushImage, refuses } from "./trial.ts";
import type { Trial } from "./trial.ts";

const first = imageOf("first");
const second = imageOf("second");
const both = [
  { tag: "1", image: first },
  { tag: "2", image: second },
];

export function naming(trial: Trial): void {
  behaviour(trial, "a manifest gets a second name", ["tag", "resolve"], both, async (s) => {
    await s.tag(first.manifest.descriptor, "again");
    for (const tag of ["1", "again"]) {
      assert.equal((await s.resolve(tag)).digest, first.manifest.descriptor.digest);
    }
  });

  behaviour(trial, "a tag moves", ["tag", "resolve", "listTags"], both, async (s) => {
    await s.tag(second.manifest.descriptor, "1");
    assert.equal((await s.resolve("1")).digest, second.manifest.descriptor.digest);
    const { digest } = first.manifest.descriptor;
    assert.equal((await s.resolve(digest)).digest, digest);
    assert.deepEqual((await collect(s.listTags())).toSorted(), ["1", "2"]);
  });

  behaviour(
    trial,
    "a push moves a tag",
    ["pushManifest", "pushBlob", "resolve"],
    both,
    async (s) => {
      await s.pushManifest(second.manifest, { tag: "1" });
      assert.equal((await s.resolve("1")).digest, second.manifest.descriptor.digest);
    },
  );

  behaviour(trial, "what is not there gets no name", ["tag", "resolve"], both, async (s) => {
    const lost = { ...first.manifest.descriptor, digest: absent };
    await refuses(s.tag(lost, "lost"), "MANIFEST_NOT_FOUND");
    await refuses(s.resolve("lost"), "MANIFEST_NOT_FOUND");
  });

  behaviour(trial, "a tag keeps to the grammar", ["tag", "pushManifest"], both, async (s) => {
    for (const tag of ["../up", "a/b", "", "x".repeat(129), ".dot"]) {
      await refuses(s.tag(first.manifest.descriptor, tag), "REFERENCE_INVALID");
      await refuses(s.pushManifest(first.manifest, { tag }), "REFERENCE_INVALID");
    }
  });

  behaviour(
    trial,
    "a thousand tags are listed, sorted, and from any of them on",
    ["tag", "listTags"],
    both,
    async (s) => {
      const names = Array.from({ length: 1000 }, (_, n) => `v${(n * 7) % 1000}`);
      for (let start = 0; start < names.length; start += 50) {
        const batch = names.slice(start, start + 50);
        await Promise.all(batch.map((tag) => s.tag(first.manifest.descriptor, tag)));
      }
      const listed = await collect(s.listTags());
      const sorted = [...names, "1", "2"].toSorted();
      assert.deepEqual(listed, sorted);
      assert.deepEqual(
        await collect(s.listTags({ last: "v500" })),
        sorted.slice(sorted.indexOf("v500") + 1),
      );
      assert.deepEqual(await collect(s.listTags({ last: "zzz" })), []);
      for await (const tag of s.listTags({ pageSize: 10 })) if (tag === "v100") break;
    },
  );
}

export function deleting(trial: Trial): void {
  const shared = [
    { tag: "1", image: first },
    { tag: "2", image: first },
    { tag: "3", image: second },
  ];

  behaviour(
    trial,
    "a deleted tag spares its siblings",
    ["deleteTag", "resolve", "listTags"],
    shared,
    async (s) => {
      await s.deleteTag("1");
      await refuses(s.resolve("1"), "MANIFEST_NOT_FOUND");
      assert.equal((await s.resolve("2")).digest, first.manifest.descriptor.digest);
      assert.deepEqual(await collect(s.listTags()), ["2", "3"]);
      await refuses(s.deleteTag("1"), "MANIFEST_NOT_FOUND");
    },
  );

  behaviour(
    trial,
    "a manifest without tags stays, found by its digest",
    ["deleteTag", "fetchManifest"],
    shared,
    async (s) => {
      await s.deleteTag("3");
      const { bytes } = await s.fetchManifest(second.manifest.descriptor.digest);
      assert.deepEqual(Buffer.from(bytes), Buffer.from(second.manifest.bytes));
    },
  );

  behaviour(
    trial,
    "a deleted manifest takes its tags along",
    ["deleteManifest", "resolve", "listTags"],
    shared,
    async (s) => {
      await s.deleteManifest(first.manifest.descriptor.digest);
      for (const gone of ["1", "2", first.manifest.descriptor.digest]) {
        await refuses(s.resolve(gone), "MANIFEST_NOT_FOUND");
      }
      assert.deepEqual(await collect(s.listTags()), ["3"]);
      const again = s.deleteManifest(first.manifest.descriptor.digest);
      await refuses(again, "MANIFEST_NOT_FOUND");
    },
  );

  behaviour(
    trial,
    "a deleted manifest can be pushed again",
    ["deleteManifest", "pushManifest", "resolve"],
    shared,
    async (s) => {
      const { digest } = first.manifest.descriptor;
      await s.deleteManifest(digest);
      await s.pushManifest(first.manifest, { tag: "back" });
      assert.equal((await s.resolve("back")).digest, digest);
      assert.equal((await s.resolve(digest)).digest, digest);
    },
  );

  behaviour(
    trial,
    "the children of a deleted index stay",
    ["deleteManifest", "pushManifest", "pushBlob", "resolve"],
    [],
    async (s) => {
      const index = indexOf("deleted");
      await pushImage(s, index, "index");
      await s.deleteManifest(index.manifest.descriptor.digest);
      for (const { manifest } of index.children) {
        const { digest } = manifest.descriptor;
        assert.equal((await s.resolve(digest)).digest, digest);
      }
    },
  );

  behaviour(
    trial,
    "a deleted blob is gone, and may come back",
    ["deleteBlob", "pushBlob", "statBlob"],
    [],
    async (s) => {
      const blob = contentOf(noise(3000, "deleted"));
      await pushContent(s, blob);
      await s.deleteBlob(blob.descriptor.digest);
      assert.equal(await s.statBlob(blob.descriptor.digest), undefined);
      await refuses(s.deleteBlob(blob.descriptor.digest), "BLOB_NOT_FOUND");
      await pushContent(s, blob);
      assert.equal((await s.statBlob(blob.descriptor.digest))?.size, 3000);
    },
  );
}
