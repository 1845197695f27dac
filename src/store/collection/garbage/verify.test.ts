import assert from "node:assert/strict";
import { readFile, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { contentOf, imageOf, noise, readBlob } from "../../behaviours/content.ts";
import type { Content } from "../../behaviours/content.ts";
import { pushContent, pushImage, refuses } from "../../behaviours/trial.ts";
import { temporaryFolder } from "../../disk/testing.ts";
import { openCollection } from "../collection.ts";
import type { StoredCollection } from "../collection.ts";

const blob = contentOf(noise(20_000, "verified"));
const image = imageOf("verified");

function inCollection(
  title: string,
  run: (collection: StoredCollection, folder: string) => Promise<void>,
): void {
  test(title, async () => {
    const { folder, remove } = await temporaryFolder();
    const collection = await openCollection(folder);
    try {
      await run(collection, folder);
    } finally {
      await collection.close();
      await remove();
    }
  });
}

const pathOf = (folder: string, name: string, { descriptor: { digest } }: Content) =>
  join(folder, "repositories", name, "blobs", "sha256", digest.slice(7));

inCollection("what is whole is read once, however many have it", async (collection) => {
  for (const name of ["a", "b"]) await pushImage(collection.repository(name), image, "1");
  const bytes = [image.manifest, ...image.blobs].reduce((sum, one) => sum + one.bytes.length, 0);
  assert.deepEqual(await collection.verify(), { blobs: 3, bytes, damaged: [] });
});

inCollection("a damaged blob is set aside, and can be pushed again", async (collection, folder) => {
  const [a, b] = ["a", "b"].map((name) => collection.repository(name));
  for (const repository of [a!, b!]) await pushContent(repository, blob);
  await writeFile(pathOf(folder, "a", blob), noise(20_000, "damaged"));
  const found = ["a", "b"].map((repository) => ({
    digest: blob.descriptor.digest,
    repository,
    kind: "blob" as const,
  }));
  const planned = await collection.verify({ dryRun: true });
  assert.deepEqual(
    planned.damaged,
    found.map((one) => ({ ...one, outcome: "left" })),
  );
  const { damaged } = await collection.verify();
  assert.deepEqual(
    damaged,
    found.map((one) => ({ ...one, outcome: "set aside" })),
  );
  const aside = join(folder, "damaged", "sha256", blob.descriptor.digest.slice(7));
  assert.deepEqual(await readFile(aside), Buffer.from(noise(20_000, "damaged")));
  for (const repository of [a!, b!]) {
    assert.equal(await repository.statBlob(blob.descriptor.digest), undefined);
    await pushContent(repository, blob);
    assert.deepEqual(await readBlob(repository, blob.descriptor), Buffer.from(blob.bytes));
  }
  assert.deepEqual((await collection.verify()).damaged, []);
});

inCollection("one that is good elsewhere is mended", async (collection, folder) => {
  for (const name of ["a", "b"]) await pushContent(collection.repository(name), blob);
  const path = pathOf(folder, "a", blob);
  await rm(path);
  await writeFile(path, blob.bytes);
  await truncate(path, 100);
  const { damaged } = await collection.verify();
  assert.deepEqual(
    damaged.map(({ repository, outcome }) => [repository, outcome]),
    [["a", "mended"]],
  );
  assert.deepEqual(await readFile(path), Buffer.from(blob.bytes));
  assert.deepEqual((await collection.verify()).damaged, []);
});

inCollection(
  "a damaged manifest keeps its tag, and is mended by a push",
  async (collection, folder) => {
    const repository = collection.repository("a");
    await pushImage(repository, image, "1");
    const path = pathOf(folder, "a", image.manifest);
    await writeFile(path, noise(image.manifest.bytes.length));
    const { damaged } = await collection.verify();
    assert.deepEqual(
      damaged.map(({ kind, outcome }) => [kind, outcome]),
      [["manifest", "left"]],
    );
    await refuses(repository.fetchManifest("1"), "DIGEST_MISMATCH");
    await repository.pushManifest(image.manifest);
    const { bytes } = await repository.fetchManifest("1");
    assert.deepEqual(Buffer.from(bytes), Buffer.from(image.manifest.bytes));
    assert.deepEqual((await collection.verify()).damaged, []);
  },
);

inCollection("files that are no blobs are left alone", async (collection, folder) => {
  await pushContent(collection.repository("a"), blob);
  const path = join(folder, "repositories", "a", "blobs", "sha256", "notes.txt");
  await writeFile(path, "mine");
  assert.deepEqual((await collection.verify()).damaged, []);
  await collection.collectGarbage({ unreferencedBlobs: true, grace: 0 });
  assert.deepEqual(await readdir(join(path, "..")), ["notes.txt"]);
});
