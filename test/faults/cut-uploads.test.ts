/** Uploads whose connection breaks in the middle, with registries that keep what came, and such that forget it. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";

import { blobOf, bytesOf } from "../../src/registry/testing/remote.ts";
import { bytesSource, streamSource } from "../../src/store/sources.ts";
import { dockerRegistry, startDockerRegistry } from "../docker-registry.ts";
import { answers, cutRequest } from "./faults.ts";
import { atEnd, client, failsWith, openProxy, openStage, tenths } from "./stage.ts";

const size = 1_500_000;

/** A registry's answer for an upload session that it does not have. */
const forgotten = answers(404, {
  body: { errors: [{ code: "BLOB_UPLOAD_UNKNOWN", message: "no such upload" }] },
});

test("a registry that keeps a cut upload gets only the rest", async (context) => {
  const { proxy, repository, stored } = await openStage(context);
  for (const offset of [...tenths(size), size - 1]) {
    const { descriptor, bytes } = blobOf(size);
    proxy.clear();
    proxy.add({ method: "PUT", fault: cutRequest(offset) });
    await repository.pushBlob(descriptor, bytesSource(bytes));
    assert((await stored(descriptor)).equals(bytes), `wrong bytes after a cut at ${offset}`);
    assert.deepEqual(proxy.log(/uploads/).slice(0, 4), [
      "POST 202",
      "PUT 0",
      "GET 204",
      "PATCH 202",
    ]);
    const rest = proxy.seen.find(({ method }) => method === "PATCH");
    assert.equal(rest?.sent, size - offset, "bytes of the second request");
  }
});

test("a registry that kept a single byte, or says so of none, is sent everything", async (context) => {
  const { proxy, repository, stored } = await openStage(context);
  for (const offset of [0, 1, 2]) {
    const { descriptor, bytes } = blobOf(size);
    proxy.clear();
    proxy.add({ method: "PUT", fault: cutRequest(offset) });
    await repository.pushBlob(descriptor, bytesSource(bytes));
    assert((await stored(descriptor)).equals(bytes), `wrong bytes after a cut at ${offset}`);
  }
});

test("a registry that has forgotten a cut upload gets all of it again", async (context) => {
  const { proxy, repository, stored } = await openStage(context);
  for (const offset of tenths(size)) {
    const { descriptor, bytes } = blobOf(size);
    proxy.clear();
    proxy.add({ method: "PUT", fault: cutRequest(offset) });
    proxy.add({ method: "GET", path: /uploads/, fault: forgotten });
    await repository.pushBlob(descriptor, bytesSource(bytes));
    assert((await stored(descriptor)).equals(bytes), `wrong bytes after a cut at ${offset}`);
    assert.deepEqual(proxy.log(/uploads/), ["POST 202", "PUT 0", "GET 404", "POST 202", "PUT 201"]);
  }
});

test("a push is finished although each of its requests is cut at a tenth of the blob", async (context) => {
  const { proxy, repository, stored } = await openStage(context);
  const { descriptor, bytes } = blobOf(size);
  proxy.add({ path: /uploads\/./, fault: cutRequest(size / 10), times: 20 });
  await repository.pushBlob(descriptor, bytesSource(bytes));
  assert((await stored(descriptor)).equals(bytes));
  assert.equal(proxy.log(/uploads/).filter((line) => line === "PATCH 0").length, 9);
});

test("an upload in pieces goes on after cuts in several of them", async (context) => {
  const { proxy, stored } = await openStage(context);
  const repository = client(context, proxy.host, { chunkSize: 200_000 }).repository("a/b");
  const { descriptor, bytes } = blobOf(size);
  for (const after of [1, 3, 6]) proxy.add({ method: "PATCH", after, fault: cutRequest(70_000) });
  await repository.pushBlob(descriptor, bytesSource(bytes));
  assert((await stored(descriptor)).equals(bytes));
  assert.equal(proxy.log().filter((line) => line === "PATCH 0").length, 3);
  assert.equal(proxy.log().filter((line) => line === "POST 202").length, 1);
});

test(
  "docker-registry has the blob after a cut at any tenth",
  { skip: dockerRegistry.skip },
  async (context) => {
    const registry = await startDockerRegistry();
    atEnd(context, () => registry.close());
    const { proxy, repository } = await openProxy(context, registry.host);
    const direct = client(context, registry.host).repository("a/b");
    for (const offset of tenths(size)) {
      const { descriptor, bytes } = blobOf(size);
      proxy.clear();
      proxy.add({ method: "PUT", fault: cutRequest(offset) });
      await repository.pushBlob(descriptor, bytesSource(bytes));
      assert((await bytesOf(await direct.fetchBlob(descriptor))).equals(bytes));
      assert.deepEqual(proxy.log(/uploads/), [
        "POST 202",
        "PUT 0",
        "GET 404",
        "POST 202",
        "PUT 201",
      ]);
    }
  },
);

test("a pipe that was cut ends in an error that says so, and stores nothing", async (context) => {
  const { proxy, repository, collection } = await openStage(context);
  const { descriptor, bytes } = blobOf(size);
  proxy.add({ method: "PATCH", fault: cutRequest(500_000) });
  await assert.rejects(repository.pushStream(streamSource(Readable.from([bytes]))), (error) => {
    return failsWith("CONNECTION_FAILED")(error) && /cannot be read again/.test(error.message);
  });
  assert.equal(await collection.repository("a/b").statBlob(descriptor.digest), undefined);
});
