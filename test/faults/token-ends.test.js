/** Tokens that end while something is under way. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { blobOf, bytesOf } from "../../src/registry/testing/remote.js";
import { createMemoryRepository } from "../../src/store/memory.js";
import { bytesSource, streamSource } from "../../src/store/sources.js";
import { copy } from "../../src/transfer/copy.js";
import { pushPlatforms } from "../../src/transfer/testing/images.js";
import { cutAnswer, cutRequest } from "./faults.js";
import { signedIn, startGuarded } from "./guarded.js";
import { failsWith, openProxy } from "./stage.js";
/** A registry whose tokens are good for so many requests. */
async function open(context, uses, options = {}) {
  const guarded = await startGuarded(context);
  guarded.uses = uses;
  const all = { credentials: signedIn, ...options };
  const store = guarded.collection.repository("a/b");
  return { guarded, store, ...(await openProxy(context, guarded.host, all)) };
}
test("a token that ends between any two requests of an upload is renewed", async (context) => {
  for (const options of [{}, { chunkSize: 100_000 }]) {
    const { guarded, repository, store } = await open(context, 1, options);
    const { descriptor, bytes } = blobOf(1_000_000);
    await repository.pushBlob(descriptor, bytesSource(bytes));
    assert((await bytesOf(await store.fetchBlob(descriptor))).equals(bytes));
    assert(guarded.tokens.length > 1);
  }
});
test("a token that ends while the upload is cut is renewed, and the rest is sent", async (context) => {
  const { guarded, proxy, repository, store } = await open(context, 1);
  const { descriptor, bytes } = blobOf(1_000_000);
  proxy.add({ method: "PUT", path: /digest=/, after: 1, fault: cutRequest(600_000) });
  await repository.pushBlob(descriptor, bytesSource(bytes));
  assert((await bytesOf(await store.fetchBlob(descriptor))).equals(bytes));
  assert(guarded.tokens.length > 2);
});
test("a token that ends before the last request of a pipe's upload is renewed", async (context) => {
  const { guarded, repository, store } = await open(context, 2);
  const { bytes } = blobOf(1_000_000);
  const pushed = await repository.pushStream(streamSource(Readable.from([bytes])));
  assert((await bytesOf(await store.fetchBlob(pushed))).equals(bytes));
  assert.equal(guarded.tokens.length, 2);
});
test("bytes of a pipe that were sent with a token that had ended are lost, and the error says so", async (context) => {
  const { repository, store } = await open(context, 1);
  const { descriptor, bytes } = blobOf(1_000_000);
  const chunks = Array.from({ length: 10 }, (_, at) => bytes.subarray(at * 1e5, (at + 1) * 1e5));
  await assert.rejects(repository.pushStream(streamSource(Readable.from(chunks))), (error) => {
    return failsWith("UNAUTHORIZED")(error) && /cannot be read again/.test(error.message);
  });
  assert.equal(await store.statBlob(descriptor.digest), undefined);
});
test("a token that ends in the middle of a download is renewed when it is resumed", async (context) => {
  const { guarded, proxy, repository, store } = await open(context, 1);
  const { descriptor, bytes } = blobOf(1_000_000);
  await store.pushBlob(descriptor, bytesSource(bytes));
  for (const after of [1, 3, 5])
    proxy.add({ method: "GET", path: /blobs/, after, fault: cutAnswer(200_000) });
  assert((await bytesOf(await repository.fetchBlob(descriptor))).equals(bytes));
  assert.equal(guarded.tokens.length, 4);
});
test("whole copies, in and out, get through with tokens that end again and again", async (context) => {
  const { guarded, repository, store } = await open(context, 12);
  const source = createMemoryRepository();
  const target = createMemoryRepository();
  const { digest } = await pushPlatforms(source);
  await copy(source, "latest", repository);
  await copy(repository, "latest", target);
  assert.equal((await store.resolve("latest")).digest, digest);
  assert.equal((await target.resolve("latest")).digest, digest);
  assert(guarded.tokens.length > 3);
});
test("tokens that are never good end in a refusal, not in a circle", async (context) => {
  const { guarded, repository } = await open(context, 0);
  const { descriptor, bytes } = blobOf(200_000);
  await assert.rejects(repository.fetchManifest("latest"), failsWith("UNAUTHORIZED"));
  await assert.rejects(
    repository.pushBlob(descriptor, bytesSource(bytes)),
    failsWith("UNAUTHORIZED"),
  );
  assert(guarded.tokens.length < 10);
});
