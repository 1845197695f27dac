/** Manifests and lists that are not what they should be: another's, mislabelled, no JSON, a web page. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { mediaTypes } from "../../src/reference/descriptor.js";
import { digestOf } from "../../src/reference/digest.js";
import { parseManifest } from "../../src/reference/manifest.js";
import { collect } from "../../src/registry/testing/remote.js";
import { createMemoryRepository } from "../../src/store/memory.js";
import { bytesSource } from "../../src/store/sources.js";
import { copy } from "../../src/transfer/copy.js";
import { pushImage, pushPlatforms } from "../../src/transfer/testing/images.js";
import { answers, corrupted, replaced, rewritten } from "./faults.js";
import { client, failsWith, openImage, openStage } from "./stage.js";
const page =
  "<!doctype html><html><head><title>Sign in to WiFi</title></head><body>Hello</body></html>";
const html = { "content-type": "text/html; charset=utf-8" };
test("a manifest whose bytes are not those of its digest is refused", async (context) => {
  const { proxy, repository, image } = await openImage(context);
  const refused = failsWith("DIGEST_MISMATCH");
  proxy.add({ method: "GET", path: /manifests/, fault: corrupted(3), times: Infinity });
  await assert.rejects(repository.fetchManifest(image.digest), (error) => {
    return failsWith("DIGEST_MISMATCH", "MANIFEST_INVALID")(error);
  });
  proxy.clear();
  const other = JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] });
  proxy.add({ method: "GET", path: /manifests/, fault: replaced(other), times: Infinity });
  await assert.rejects(repository.fetchManifest(image.digest), refused);
  await assert.rejects(repository.fetchManifest("latest"), refused, "the stated digest is another");
  await assert.rejects(copy(repository, "latest", createMemoryRepository()), refused);
});
test("a Docker-Content-Digest that is not the body's is refused, or overruled by what was asked for", async (context) => {
  const { proxy, repository, image } = await openImage(context);
  const lie = digestOf(Buffer.from("a lie"));
  const fault = rewritten({ "docker-content-digest": lie });
  proxy.add({ path: /manifests/, fault, times: Infinity });
  await assert.rejects(repository.fetchManifest("latest"), failsWith("DIGEST_MISMATCH"));
  assert.equal((await repository.fetchManifest(image.digest)).descriptor.digest, image.digest);
  assert.equal((await repository.resolve(image.digest)).digest, image.digest);
  const target = createMemoryRepository();
  await assert.rejects(copy(repository, "latest", target));
  await assert.rejects(target.resolve("latest"), failsWith("MANIFEST_NOT_FOUND"));
  const manifest = await repository.fetchManifest(image.digest);
  await assert.rejects(
    repository.pushManifest(manifest, { tag: "again" }),
    failsWith("DIGEST_MISMATCH"),
  );
});
test("a Docker-Content-Digest that is no digest is ignored", async (context) => {
  const { proxy, repository, image } = await openImage(context);
  for (const stated of [
    "",
    "sha256:",
    "md5:00",
    "../../etc",
    `sha256:${"A".repeat(64)}`,
    undefined,
  ]) {
    proxy.clear();
    const fault = rewritten({ "docker-content-digest": stated });
    proxy.add({ path: /manifests/, fault, times: Infinity });
    assert.equal((await repository.resolve("latest")).digest, image.digest, String(stated));
    assert.equal((await repository.fetchManifest("latest")).descriptor.digest, image.digest);
  }
});
test("a manifest under a wrong Content-Type is what it says itself", async (context) => {
  const { proxy, repository, image } = await openImage(context);
  for (const type of ["text/plain", mediaTypes.ociIndex, mediaTypes.dockerManifest, undefined]) {
    proxy.clear();
    proxy.add({ path: /manifests/, fault: rewritten({ "content-type": type }), times: Infinity });
    const { descriptor, bytes } = await repository.fetchManifest("latest");
    assert.equal(descriptor.mediaType, mediaTypes.ociManifest);
    assert.equal(parseManifest(bytes, descriptor.mediaType).kind, "image");
    const target = createMemoryRepository();
    await copy(repository, "latest", target);
    const stored = await target.resolve("latest");
    assert.deepEqual([stored.digest, stored.mediaType], [image.digest, mediaTypes.ociManifest]);
  }
});
test("a descriptor of another size than its content is told", async (context) => {
  const { collection, repository } = await openStage(context);
  const store = collection.repository("a/b");
  const image = await pushImage(store, { tag: "latest" });
  const parsed = JSON.parse(
    Buffer.from((await store.fetchManifest(image.digest)).bytes).toString(),
  );
  for (const [size, name] of [
    [parsed.layers[0].size + 1, "more"],
    [1, "less"],
  ]) {
    parsed.layers[0].size = size;
    const bytes = Buffer.from(JSON.stringify(parsed));
    const descriptor = { ...image, digest: digestOf(bytes), size: bytes.length };
    await store.pushManifest({ descriptor, bytes }, { tag: name });
    await assert.rejects(
      copy(repository, name, createMemoryRepository()),
      failsWith("SIZE_MISMATCH"),
    );
  }
});
test("a page in place of JSON is named as such, with status 200 too", async (context) => {
  const { proxy, repository, image, layer } = await openImage(context);
  proxy.add({ fault: answers(200, { body: page, headers: html }), times: Infinity });
  const isPage = (error) =>
    failsWith("RESPONSE_INVALID")(error) &&
    /HTML/.test(error.message) &&
    /sign-in page/.test(error.hint);
  await assert.rejects(repository.fetchManifest("latest"), isPage);
  await assert.rejects(repository.resolve("latest"), isPage);
  await assert.rejects(collect(repository.listTags()), isPage);
  await assert.rejects(collect(client(context, proxy.host).listRepositories()), isPage);
  await assert.rejects(repository.fetchManifest(image.digest), isPage);
  await assert.rejects(copy(repository, "latest", createMemoryRepository()), isPage);
  await assert.rejects(repository.pushBlob(layer, bytesSource(Buffer.alloc(100_000))), isPage);
  assert.equal((await client(context, proxy.host).ping()).state, "not-a-registry");
});
test("JSON that is not what it should be is an error of its own", async (context) => {
  const { proxy, repository, image } = await openImage(context);
  const bodies = [
    "null",
    "[]",
    '"text"',
    "12",
    '{"tags":"a"}',
    '{"tags":[1,null,{}]}',
    "{",
    "",
    "[".repeat(1e5),
  ];
  for (const body of bodies) {
    proxy.clear();
    const headers = { "content-type": "application/json" };
    proxy.add({ fault: answers(200, { body, headers }), times: Infinity });
    const outcome = await collect(repository.listTags()).catch((error) => error);
    if (Array.isArray(outcome)) assert.deepEqual(outcome, [], body.slice(0, 20));
    else failsWith("RESPONSE_INVALID")(outcome);
    await assert.rejects(
      repository.fetchManifest("latest"),
      failsWith("RESPONSE_INVALID", "MANIFEST_INVALID", "MANIFEST_TOO_LARGE"),
    );
    await assert.rejects(copy(repository, image.digest, createMemoryRepository()));
    const listed = await collect(repository.listReferrers(image.digest)).catch((error) => error);
    if (!Array.isArray(listed))
      failsWith(
        "RESPONSE_INVALID",
        "MANIFEST_INVALID",
        "DIGEST_MISMATCH",
        "MANIFEST_TOO_LARGE",
      )(listed);
  }
});
test("a platform list whose child is another's is refused", async (context) => {
  const { collection, proxy, repository } = await openStage(context);
  const store = collection.repository("a/b");
  const index = await pushPlatforms(store);
  const { manifests } = JSON.parse(
    Buffer.from((await store.fetchManifest(index.digest)).bytes).toString(),
  );
  const other = Buffer.from((await store.fetchManifest(manifests[1].digest)).bytes);
  proxy.add({
    method: "GET",
    path: new RegExp(`manifests/${manifests[0].digest}`),
    fault: replaced(other),
    times: Infinity,
  });
  const target = createMemoryRepository();
  await assert.rejects(copy(repository, "latest", target), failsWith("DIGEST_MISMATCH"));
  await assert.rejects(target.resolve("latest"), failsWith("MANIFEST_NOT_FOUND"));
});
