/** Servers that do nothing: never answer, stop in the middle, stop reading, never end. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { downloadBlob } from "../../src/registry/download.js";
import { blobOf, bytesOf, collect } from "../../src/registry/testing/remote.js";
import { bytesSource } from "../../src/store/sources.js";
import { copy } from "../../src/transfer/copy.js";
import { pushPlatforms } from "../../src/transfer/testing/images.js";
import { cutRequest, deaf, endless, rewritten, silent, stallAnswer } from "./faults.js";
import { failsWith, openStage, temporaryFolder, tenths } from "./stage.js";
/** Milliseconds; a server is given up soon, and a machine that is busy still has the time. */
const impatient = { headersTimeout: 250, idleTimeout: 250 };
const large = 8_000_000;
test("a server that accepts and never answers is given up, whatever it is asked", async (context) => {
  const { proxy, repository, collection } = await openStage(context, {
    headersTimeout: 30,
    idleTimeout: 30,
    retries: 2,
  });
  const image = await pushPlatforms(collection.repository("a/b"));
  const { descriptor, bytes } = blobOf(100_000);
  proxy.add({ fault: silent, times: Infinity });
  const timesOut = failsWith("TIMEOUT");
  await assert.rejects(repository.resolve("latest"), timesOut);
  await assert.rejects(repository.fetchManifest("latest"), timesOut);
  await assert.rejects(repository.fetchBlob(descriptor), timesOut);
  await assert.rejects(repository.statBlob(descriptor.digest), timesOut);
  await assert.rejects(repository.pushBlob(descriptor, bytesSource(bytes)), timesOut);
  await assert.rejects(repository.deleteManifest(image.digest), timesOut);
  await assert.rejects(collect(repository.listTags()), timesOut);
  await assert.rejects(collect(repository.listReferrers(image.digest)), timesOut);
});
test("a request that is never answered is asked again, and its work gets done", async (context) => {
  const { proxy, repository, collection, stored } = await openStage(context, impatient);
  await pushPlatforms(collection.repository("other/name"));
  const { descriptor, bytes } = blobOf(large);
  proxy.add({ method: "HEAD", fault: silent }, { method: "GET", fault: silent });
  proxy.add({ method: "POST", fault: silent }, { method: "PUT", fault: silent, times: 2 });
  await repository.pushBlob(descriptor, bytesSource(bytes));
  assert((await stored(descriptor)).equals(bytes));
  const { digest } = await copy(collection.repository("other/name"), "latest", repository).then(
    (done) => done.descriptor,
  );
  assert.equal((await collection.repository("a/b").resolve("latest")).digest, digest);
  assert.equal(proxy.broken, 5);
});
test("a body that stops in the middle is noticed and resumed, at any tenth", async (context) => {
  const { proxy, repository } = await openStage(context, { idleTimeout: 60 });
  const size = 2_000_000;
  const { descriptor, bytes } = blobOf(size);
  await repository.pushBlob(descriptor, bytesSource(bytes));
  const folder = await temporaryFolder(context);
  for (const offset of [0, ...tenths(size)]) {
    proxy.clear();
    proxy.add({ method: "GET", fault: stallAnswer(offset) });
    await downloadBlob(repository, descriptor, join(folder, "blob"));
    assert((await readFile(join(folder, "blob"))).equals(bytes));
    assert.equal(proxy.broken, 1);
  }
});
test("a list or manifest that stops in the middle is read again", async (context) => {
  const { proxy, repository, collection } = await openStage(context, { idleTimeout: 60 });
  const { digest } = await pushPlatforms(collection.repository("a/b"));
  proxy.add({ path: /tags\/list/, fault: stallAnswer(10), times: 2 });
  proxy.add({ method: "GET", path: /manifests/, fault: stallAnswer(100), times: 2 });
  assert.deepEqual(await collect(repository.listTags()), ["latest"]);
  assert.equal((await repository.fetchManifest(digest)).descriptor.digest, digest);
  assert.equal(proxy.broken, 4);
});
test("a registry that stops reading is noticed, and gets the blob at the next try", async (context) => {
  const { proxy, repository, stored } = await openStage(context, impatient);
  const { descriptor, bytes } = blobOf(large);
  proxy.add({ method: "PUT", fault: deaf });
  await repository.pushBlob(descriptor, bytesSource(bytes));
  assert((await stored(descriptor)).equals(bytes));
  assert.equal(proxy.broken, 1);
});
test("a registry that never reads is given up", async (context) => {
  const { proxy, repository } = await openStage(context, { headersTimeout: 60, idleTimeout: 60 });
  const { descriptor, bytes } = blobOf(large);
  proxy.add({ method: "PUT", fault: deaf, times: Infinity });
  await assert.rejects(repository.pushBlob(descriptor, bytesSource(bytes)), failsWith("TIMEOUT"));
});
test("a body without end ends where it must, whatever was asked for", async (context) => {
  const { proxy, repository, collection } = await openStage(context);
  const { digest } = await pushPlatforms(collection.repository("a/b"));
  const { descriptor } = blobOf(1_000_000);
  proxy.add({ fault: endless(200, { "content-type": "application/json" }), times: Infinity });
  await assert.rejects(repository.fetchManifest(digest), failsWith("MANIFEST_TOO_LARGE"));
  await assert.rejects(collect(repository.listTags()), failsWith("RESPONSE_INVALID"));
  await assert.rejects(collect(repository.listReferrers(digest)), failsWith("RESPONSE_INVALID"));
  const file = join(await temporaryFolder(context), "blob");
  await assert.rejects(downloadBlob(repository, descriptor, file), failsWith("SIZE_MISMATCH"));
  await assert.rejects(bytesOf(await repository.fetchBlob(descriptor)), failsWith("SIZE_MISMATCH"));
});
test("an error's text without end is cut", async (context) => {
  const { proxy, repository } = await openStage(context);
  proxy.add({ fault: endless(403) });
  await assert.rejects(repository.fetchManifest("latest"), (error) => {
    return failsWith("FORBIDDEN")(error) && error.message.length < 1000;
  });
});
test("an upload of which the registry does not say where it stands is begun anew", async (context) => {
  const { proxy, repository, stored } = await openStage(context);
  const { descriptor, bytes } = blobOf(300_000);
  proxy.add({ method: "PUT", fault: cutRequest(100_000), times: 2 });
  proxy.add({ method: "GET", path: /uploads/, fault: rewritten({ range: undefined }), times: 5 });
  await repository.pushBlob(descriptor, bytesSource(bytes));
  assert((await stored(descriptor)).equals(bytes));
});
