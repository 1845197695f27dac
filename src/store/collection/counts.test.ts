import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { mediaTypes } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { createMemoryCollection } from "../memory.ts";
import { bytesSource } from "../sources.ts";
import type { RepositoryCollection } from "../store.ts";
import { openCollection } from "./collection.ts";

/** Two repositories with an image that shares its configuration, one tag more, and an upload. */
async function fill(collection: RepositoryCollection): Promise<void> {
  const bytes = Buffer.from("{}");
  const config = { mediaType: mediaTypes.ociConfig, digest: digestOf(bytes), size: 2 };
  const mediaType = mediaTypes.ociManifest;
  const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [] }));
  const descriptor = { mediaType, digest: digestOf(manifest), size: manifest.byteLength };
  for (const name of ["a", "b"]) {
    const repository = collection.repository(name);
    await repository.pushBlob(config, bytesSource(bytes));
    await repository.pushManifest({ descriptor, bytes: manifest }, { tag: "v1" });
  }
  await collection.repository("a").tag(descriptor, "v2");
  await collection.repository("a").createUpload();
}

const counted = { repositories: 2, manifests: 2, tags: 3, blobs: 1, uploads: 1 };

test("a collection in memory counts what it holds", async () => {
  const collection = createMemoryCollection();
  await fill(collection);
  assert.deepEqual(await collection.count?.(), counted);
});

test("a data directory counts what it holds, bytes that are shared once", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "wharf-counts-"));
  const collection = await openCollection(join(folder, "registry"));
  t.after(async () => {
    await collection.close();
    await rm(folder, { recursive: true, force: true });
  });
  const empty = { repositories: 0, manifests: 0, tags: 0, blobs: 0, uploads: 0 };
  assert.deepEqual(await collection.count?.(), empty);
  await fill(collection);
  assert.deepEqual(await collection.count?.(), counted);
});
