import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { imageManifest, startTestRegistry } from "../distribution/testing/registry.ts";
import { isError, type ErrorCode } from "../errors.ts";
import { mediaTypes } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import { DXF } from "./dxf.ts";
import { hashFile } from "./pushable.ts";
import { BlobRegistry } from "./registry.ts";
import { BlobStore } from "./store.ts";

const coded =
  (...codes: ErrorCode[]) =>
  (error: unknown) =>
    isError(error, ...codes);

async function storeFor(t: TestContext, repository = "foo/bar") {
  const registry = await startTestRegistry(t);
  const store = new BlobStore(`127.0.0.1:${registry.port}`, repository, {
    insecure: true,
    environment: {},
  });
  t.after(() => store.close());
  return { registry, store };
}

async function bytesOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all);
}

async function listOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

async function fileOf(t: TestContext, bytes: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "blobstore-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "file"), bytes);
  return join(folder, "file");
}

test("a file is pushed under its digest, and pulled with its size", async (t) => {
  const { store } = await storeFor(t);
  const bytes = randomBytes(3_000_000);
  const path = await fileOf(t, bytes);
  const digest = await store.pushBlob(path);
  assert.equal(digest, digestOf(bytes));
  assert.equal(digest, await hashFile(path));
  assert.equal(await store.blobSize(digest), bytes.byteLength);
  const blob = await store.pullBlob(digest);
  assert.equal(blob.size, bytes.byteLength);
  assert.deepEqual(await bytesOf(blob), bytes);
});

test("progress reaches the size; what is there already makes none", async (t) => {
  const { store } = await storeFor(t);
  const path = await fileOf(t, randomBytes(2_500_000));
  const seen: number[] = [];
  const onProgress = (done: number) => void seen.push(done);
  await store.pushBlob(path, { onProgress });
  assert.equal(seen.at(-1), 2_500_000);
  seen.length = 0;
  await store.pushBlob(path, { onProgress });
  assert.deepEqual(seen, []);
});

test("chunks have the size asked for, but for the last", async (t) => {
  const { store } = await storeFor(t);
  const bytes = randomBytes(1_000_001);
  const digest = await store.pushBlob(bytes);
  for (const chunkSize of [1000, 4096, 1_000_001, 2_000_000]) {
    const chunks = await listOf(await store.pullBlob(digest, { chunkSize }));
    const last = chunks.at(-1)!;
    assert(chunks.slice(0, -1).every(({ byteLength }) => byteLength === chunkSize));
    assert(last.byteLength <= chunkSize);
    assert.deepEqual(Buffer.concat(chunks), bytes);
  }
  await assert.rejects(store.pullBlob(digest, { chunkSize: 0 }), coded("USAGE"));
});

test("what is pulled can be pushed again, and what does not match its digest is not stored", async (t) => {
  const { registry, store } = await storeFor(t);
  const other = new BlobStore(`127.0.0.1:${registry.port}`, "some/other", { insecure: true });
  t.after(() => other.close());
  const digest = await store.pushBlob(randomBytes(300_000));
  const again = await other.pushBlob(await store.pullBlob(digest), { digest, checkExists: false });
  assert.equal(again, digest);
  assert.equal(await other.blobSize(digest), 300_000);

  async function* stream() {
    yield Buffer.from("some");
    yield Buffer.from("thing");
  }
  const something = digestOf(Buffer.from("something"));
  assert.equal(await store.pushBlob(stream()), something);
  assert.equal(await other.pushBlob(stream(), { digest: something }), something);
  const wrong = digestOf(Buffer.from("wrong"));
  await assert.rejects(store.pushBlob(stream(), { digest: wrong }), coded("DIGEST_MISMATCH"));
  await assert.rejects(store.blobSize(wrong), coded("BLOB_NOT_FOUND"));
});

test("an empty file is a blob too", async (t) => {
  const { store } = await storeFor(t);
  const digest = await store.pushBlob(await fileOf(t, Buffer.alloc(0)));
  const blob = await store.pullBlob(digest);
  assert.equal(blob.size, 0);
  assert.deepEqual(await bytesOf(blob), Buffer.alloc(0));
});

test("files that cannot be pushed are named", async (t) => {
  const { store } = await storeFor(t);
  await assert.rejects(store.pushBlob("/no/such/file"), coded("FILE_NOT_FOUND"));
  await assert.rejects(store.pushBlob(tmpdir()), coded("FILE_FAILED"));
});

test("aliases: set, get, list, delete; twins go together", async (t) => {
  const { store } = await storeFor(t);
  const one = await store.pushBlob(Buffer.from("abc"));
  const two = await store.pushBlob(Buffer.from("def"));
  const manifest = await store.setAlias("hello", one);
  await store.setAlias("there", one);
  await store.setAlias("world", [one, two]);
  assert.equal(await store.getManifest("hello"), manifest);
  assert.equal(
    digestOf(Buffer.from(await store.getManifest("world", { platform: "any" }))),
    "sha256:4df3867ea2d097e7b26ede532f372bccfd44623d61259450ad22a3ed9a6cdd31",
  );
  assert.deepEqual(await store.getAlias("world"), [one, two]);
  assert.deepEqual(await store.getAlias({ manifest }), [one]);
  assert.deepEqual(await store.blobs("world"), [
    { digest: one, size: 3 },
    { digest: two, size: 3 },
  ]);
  assert.equal(await store.getDigest("world"), one);
  assert.deepEqual(await listOf(store.listAliases({ pageSize: 2 })), ["hello", "there", "world"]);
  assert.deepEqual(await store.deleteAlias("there"), [one]);
  await assert.rejects(store.getAlias("hello"), coded("MANIFEST_NOT_FOUND"));
  assert.deepEqual(await listOf(store.listAliases()), ["world"]);
  assert.equal(await store.blobSize(one), 3);
});

test("a made manifest may be stored under any name, byte for byte", async (t) => {
  const { store } = await storeFor(t);
  const digest = await store.pushBlob(Buffer.from("abc"));
  const manifest = await store.makeManifest(digest);
  await store.setManifest("by-hand", manifest);
  assert.equal(await store.getManifest("by-hand"), manifest);
  await assert.rejects(store.makeManifest(digestOf(Buffer.from("no"))), coded("BLOB_NOT_FOUND"));
  await assert.rejects(store.setAlias("empty", []), coded("USAGE"));
  await assert.rejects(store.setManifest("bad", "{}"), coded("MANIFEST_INVALID"));
});

test("a blob is mounted where the registry has it, and the refusal is an error", async (t) => {
  const { registry, store } = await storeFor(t);
  const digest = await store.pushBlob(Buffer.from("abc"));
  const other = new BlobStore(`127.0.0.1:${registry.port}`, "some/other", { insecure: true });
  t.after(() => other.close());
  assert.equal(await other.mountBlob("foo/bar", digest), digest);
  assert.equal((await bytesOf(await other.pullBlob(digest))).toString(), "abc");
  const unknown = digestOf(Buffer.from("unknown"));
  await assert.rejects(other.mountBlob("foo/bar", unknown), coded("UNSUPPORTED"));
  await assert.rejects(other.mountBlob("no/such", digest), coded("UNSUPPORTED"));
});

test("a deleted blob is gone, once", async (t) => {
  const { store } = await storeFor(t);
  const digest = await store.pushBlob(Buffer.from("abc"));
  await store.deleteBlob(digest);
  await assert.rejects(store.blobSize(digest), coded("BLOB_NOT_FOUND"));
  await assert.rejects(store.deleteBlob(digest), coded("BLOB_NOT_FOUND"));
});

test("an index answers by platform, or for the one asked for", async (t) => {
  const { registry, store } = await storeFor(t);
  const platforms = [
    { os: "linux", architecture: "arm", variant: "v7" },
    { os: "linux", architecture: "amd64" },
    { os: "unknown", architecture: "unknown" },
    { os: "unknown", architecture: "unknown" },
  ];
  const children = [];
  for (const [at, platform] of platforms.entries()) {
    const layer = await registry.pushBlob("foo/bar", `layer ${at}`);
    const config = await registry.pushBlob("foo/bar", `{"at": ${at}}`);
    const manifest = Buffer.from(imageManifest({ config, layers: [layer] }));
    const digest = digestOf(manifest);
    await store.setManifest(digest, manifest);
    const descriptor = { mediaType: mediaTypes.ociManifest, digest, size: manifest.byteLength };
    children.push({ layer, config, digest, descriptor: { ...descriptor, platform } });
  }
  const [arm, amd, , last] = children;
  const index = (manifests: object[]) =>
    JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests });
  await store.setManifest("multi", index(children.map(({ descriptor }) => descriptor)));
  assert.deepEqual(await store.getAlias("multi"), {
    "linux/arm/v7": [arm!.layer.digest],
    "linux/amd64": [amd!.layer.digest],
    "unknown/unknown": [last!.layer.digest],
  });
  assert.deepEqual(await store.getAlias("multi", { platform: "linux/amd64" }), [amd!.layer.digest]);
  assert.equal(await store.getDigest("multi", { platform: "linux/arm/v7" }), arm!.config.digest);
  assert.match(await store.getManifest("multi", { platform: "linux/amd64" }), /"layers"/);
  await assert.rejects(
    store.getAlias("multi", { platform: "foobar" }),
    (error) => isError(error, "PLATFORM_NOT_FOUND") && /"linux\/amd64"/.test(error.message),
  );

  const { platform: _, ...bare } = amd!.descriptor;
  await store.setManifest("half", index([arm!.descriptor, bare]));
  await assert.rejects(store.getAlias("half"), coded("MANIFEST_INVALID"));
  assert.deepEqual(await store.getAlias("half", { platform: "linux/arm/v7" }), [arm!.layer.digest]);

  assert.deepEqual(await store.deleteAlias("multi"), {
    "linux/arm/v7": arm!.digest,
    "linux/amd64": amd!.digest,
    "unknown/unknown": last!.digest,
  });
  assert.deepEqual(await store.getAlias(amd!.digest), [amd!.layer.digest]);
});

test("an OCI manifest that does not name its type is read", async (t) => {
  const { registry, store } = await storeFor(t);
  const layer = await registry.pushBlob("foo/bar", "layer");
  await registry.request("PUT", "/v2/foo/bar/manifests/bare", {
    headers: { "content-type": mediaTypes.ociManifest },
    body: imageManifest({ mediaType: undefined, config: layer, layers: [layer] }),
  });
  assert.deepEqual(await store.getAlias("bare"), [layer.digest]);
});

test("stores of one registry share what the registry was told", async (t) => {
  const { registry } = await storeFor(t);
  const shared = new BlobRegistry(`127.0.0.1:${registry.port}`, { insecure: true, token: "one" });
  t.after(() => shared.close());
  const store = new BlobStore(shared, "a/b");
  assert.equal(store.token, "one");
  store.token = "two";
  assert.equal(shared.token, "two");
  await store.checkVersion();
  await store.setAlias("x", await store.pushBlob(Buffer.from("abc")));
  assert.deepEqual(await listOf(shared.listRepositories()), ["a/b"]);
});

test("a program that was written for dxf's module finds its names", async (t) => {
  const { registry } = await storeFor(t);
  const dxf = new DXF(`127.0.0.1:${registry.port}`, "fred/datalogger", undefined, true);
  t.after(() => dxf.close());
  const dgst = await dxf.push_blob(await fileOf(t, randomBytes(20_000)));
  await dxf.set_alias("may15-readings", dgst);
  assert.deepEqual(await dxf.get_alias("may15-readings"), [dgst]);
  const lengths = (await listOf(await dxf.pull_blob(dgst))).map(({ byteLength }) => byteLength);
  assert.deepEqual(lengths, [8192, 8192, 3616]);
  assert.deepEqual(await dxf.list_aliases(), ["may15-readings"]);
  assert.deepEqual(await dxf.list_repos(), ["fred/datalogger"]);
  assert.equal(await dxf.get_digest("may15-readings"), dgst);
  assert.deepEqual(await dxf.del_alias("may15-readings"), [dgst]);
  await dxf.del_blob(dgst);
  assert.equal(await dxf.authenticate("fred", "somepassword"), undefined);
});
