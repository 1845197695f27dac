/** Tags that must stay, in the stores that a registry server keeps its content in. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { isError, WharfError } from "../errors.ts";
import { imageOf } from "./behaviours/content.ts";
import { pushImage } from "./behaviours/trial.ts";
import { openCollection, type StoredCollection } from "./collection/collection.ts";
import { createMemoryCollection } from "./memory.ts";
import type { RepositoryCollection } from "./store.ts";

const first = imageOf("first");
const second = imageOf("second");
const guard = {
  beforeUntag(tag: string) {
    if (tag.startsWith("v")) throw new WharfError("FORBIDDEN", `${tag} stays`);
  },
};
const isRefused = (error: unknown) => isError(error, "FORBIDDEN");

async function temporaryCollection(context: TestContext): Promise<RepositoryCollection> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-guard-"));
  const collection = await openCollection(folder);
  context.after(async () => {
    await collection.close();
    await rm(folder, { recursive: true, force: true });
  });
  return collection;
}

test("of two processes on one folder, one gives a guarded tag its first manifest", async (t) => {
  const first = await temporaryCollection(t);
  const second = await openCollection((first as StoredCollection).folder);
  const images = [imageOf("one"), imageOf("two")] as const;
  for (const image of images) await pushImage(first.repository("a"), image);
  const results = await Promise.allSettled(
    [first, second].map((collection, index) =>
      collection.repository("a").pushManifest(images[index]!.manifest, { tag: "v1", ...guard }),
    ),
  );
  await second.close();
  assert.deepEqual(results.map(({ status }) => status).toSorted(), ["fulfilled", "rejected"]);
});

const kinds = {
  memory: () => createMemoryCollection(),
  "a data directory": temporaryCollection,
};

for (const [name, open] of Object.entries(kinds)) {
  test(`${name}: what would move or remove a guarded tag is refused, and all stays`, async (t) => {
    const repository = (await open(t)).repository("a");
    const [one, two] = [first.manifest.descriptor, second.manifest.descriptor];
    await pushImage(repository, first, "v1");
    await pushImage(repository, second, "latest");
    await repository.tag(one, "other");

    await assert.rejects(
      repository.pushManifest(second.manifest, { tag: "v1", ...guard }),
      isRefused,
    );
    await assert.rejects(repository.tag(two, "v1", guard), isRefused);
    await assert.rejects(repository.deleteManifest(one.digest, guard), isRefused);
    for (const tag of ["v1", "other"])
      assert.equal((await repository.resolve(tag)).digest, one.digest);

    await repository.pushManifest(first.manifest, { tag: "v1", ...guard });
    await repository.tag(one, "v2", guard);
    await repository.pushManifest(first.manifest, { tag: "latest", ...guard });
    assert.equal((await repository.resolve("latest")).digest, one.digest);
    await repository.deleteManifest(two.digest, guard);
  });

  test(`${name}: of many that give a guarded tag its first manifest, one does`, async (t) => {
    const repository = (await open(t)).repository("a");
    const images = ["a", "b", "c", "d", "e", "f"].map((label) => imageOf(label));
    for (const image of images) await pushImage(repository, image);
    const results = await Promise.allSettled(
      images.map((image) => repository.pushManifest(image.manifest, { tag: "v1", ...guard })),
    );
    const won = results.flatMap(({ status }, index) => (status === "fulfilled" ? [index] : []));
    assert.equal(won.length, 1);
    const { digest } = await repository.resolve("v1");
    assert.equal(digest, images[won[0]!]!.manifest.descriptor.digest);
  });
}
