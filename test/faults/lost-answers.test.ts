/** The registry has done what it was asked to do, and the connection breaks before it can say so. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";

import { blobOf, bytesOf, collect } from "../../src/registry/testing/remote.ts";
import { bytesSource, streamSource } from "../../src/store/sources.ts";
import { copy } from "../../src/transfer/copy.ts";
import { pushImage, pushPlatforms, pushReferrer } from "../../src/transfer/testing/images.ts";
import { createMemoryRepository } from "../../src/store/memory.ts";
import { dockerRegistry, startDockerRegistry } from "../docker-registry.ts";
import { answers, lost } from "./faults.ts";
import { atEnd, client, openProxy, openStage } from "./stage.ts";

const large = 500_000;

test("the answer to the last request of an upload: the blob is there, and is not sent again", async (context) => {
  const { proxy, repository, stored } = await openStage(context);
  const { descriptor, bytes } = blobOf(large);
  proxy.add({ method: "PUT", fault: lost });
  await repository.pushBlob(descriptor, bytesSource(bytes));
  assert((await stored(descriptor)).equals(bytes));
  assert.deepEqual(proxy.log(), ["POST 202", "PUT 0", "HEAD 200"]);
});

test("the answer to the one request of a small blob", async (context) => {
  const { proxy, repository, stored } = await openStage(context);
  const { descriptor, bytes } = blobOf(5_000);
  proxy.add({ method: "POST", fault: lost });
  await repository.pushBlob(descriptor, bytesSource(bytes));
  assert((await stored(descriptor)).equals(bytes));
  assert.deepEqual(proxy.log(), ["POST 0", "HEAD 200"]);
});

test("the answers to pieces: none is appended twice, also from a pipe", async (context) => {
  const { proxy, repository, stored } = await openStage(context, { chunkSize: 100_000 });
  const { descriptor, bytes } = blobOf(large);
  for (const after of [0, 2, 4]) proxy.add({ method: "PATCH", after, fault: lost });
  await repository.pushBlob(descriptor, bytesSource(bytes));
  assert((await stored(descriptor)).equals(bytes));
  assert.equal(proxy.broken, 3);

  proxy.clear();
  const other = blobOf(large);
  for (const after of [0, 2, 4]) proxy.add({ method: "PATCH", after, fault: lost });
  const pushed = await repository.pushStream(streamSource(Readable.from([other.bytes])));
  assert.equal(pushed.digest, other.descriptor.digest);
  assert((await stored(pushed)).equals(other.bytes));
  assert.equal(
    proxy.seen.reduce((sum, { sent }) => sum + sent, 0),
    large,
  );
});

test("the answer that opens an upload", async (context) => {
  const { proxy, repository, stored } = await openStage(context);
  const { descriptor, bytes } = blobOf(large);
  proxy.add({ method: "POST", fault: lost, times: 3 });
  await repository.pushBlob(descriptor, bytesSource(bytes));
  assert((await stored(descriptor)).equals(bytes));
});

test("the answer to a manifest, under its tag and under its digest", async (context) => {
  const { proxy, repository, collection } = await openStage(context);
  const source = createMemoryRepository();
  const { digest } = await pushPlatforms(source);
  proxy.add({ method: "PUT", path: /manifests/, fault: lost, times: 5 });
  await copy(source, "latest", repository);
  assert.equal((await collection.repository("a/b").resolve("latest")).digest, digest);
  assert.equal(proxy.broken, 5);
});

test("the answer to a referrer: it is listed once, with the API and with the tag", async (context) => {
  for (const api of [true, false]) {
    const { proxy, repository, collection } = await openStage(context);
    const subject = await pushImage(collection.repository("a/b"), { tag: "latest" });
    const missing = answers(404);
    if (!api) {
      proxy.add({ path: /referrers/, fault: missing, times: Infinity });
      const head = ({ status, headers }: { status: number; headers: object }) => {
        const { "oci-subject": _, ...kept } = headers as Record<string, string>;
        return { status, headers: kept };
      };
      proxy.add({ method: "PUT", path: /manifests/, fault: { lost: true } });
      proxy.add({ method: "PUT", path: /manifests/, fault: { head }, times: Infinity });
    } else proxy.add({ method: "PUT", path: /manifests/, fault: lost });
    const referrer = await pushReferrer(repository, subject, "application/x-test");
    const listed = await collect(repository.listReferrers(subject.digest));
    assert.deepEqual(
      listed.map(({ digest }) => digest),
      [referrer.digest],
    );
  }
});

test("the answer to a mount", async (context) => {
  const { proxy, collection, stored } = await openStage(context);
  const { descriptor, bytes } = blobOf(large);
  await collection.repository("from").pushBlob(descriptor, bytesSource(bytes));
  const registry = client(context, proxy.host);
  proxy.add({ method: "POST", fault: lost });
  const target = registry.repository("a/b");
  assert.equal(await target.mountBlob(descriptor, registry.repository("from")), true);
  assert((await stored(descriptor)).equals(bytes));
});

test("the answer to a deletion: what is gone is gone, and that is no failure", async (context) => {
  const { proxy, repository, collection } = await openStage(context);
  const store = collection.repository("a/b");
  const { descriptor, bytes } = blobOf(large);
  await store.pushBlob(descriptor, bytesSource(bytes));
  const image = await pushImage(store, { tag: "latest" });
  await store.tag(image, "other");
  for (const deletion of [
    () => repository.deleteTag("other"),
    () => repository.deleteManifest(image.digest),
    () => repository.deleteBlob(descriptor.digest),
  ]) {
    proxy.add({ method: "DELETE", fault: lost });
    await deletion();
  }
  await assert.rejects(store.resolve("other"));
  await assert.rejects(store.resolve(image.digest));
  assert.equal(await store.statBlob(descriptor.digest), undefined);
  await assert.rejects(repository.deleteManifest(image.digest), { code: "MANIFEST_NOT_FOUND" });
});

test(
  "docker-registry: lost answers to blobs and manifests",
  { skip: dockerRegistry.skip },
  async (context) => {
    const registry = await startDockerRegistry();
    atEnd(context, () => registry.close());
    const { proxy, repository } = await openProxy(context, registry.host);
    const { descriptor, bytes } = blobOf(large);
    proxy.add({ method: "PUT", fault: lost });
    await repository.pushBlob(descriptor, bytesSource(bytes));
    const source = createMemoryRepository();
    const { digest } = await pushPlatforms(source);
    for (let after = 0; after < 40; after += 3) proxy.add({ method: "PUT", after, fault: lost });
    await copy(source, "latest", repository);
    const direct = client(context, registry.host).repository("a/b");
    assert.equal((await direct.resolve("latest")).digest, digest);
    assert((await bytesOf(await direct.fetchBlob(descriptor))).equals(bytes));
  },
);
