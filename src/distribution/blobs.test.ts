import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { digestOf } from "../reference/digest.ts";
import { openCollection } from "../store/collection/collection.ts";
import type { StoredRepository } from "../store/collection/repository.ts";
import { createMemoryCollection } from "../store/memory.ts";
import { startTestRegistry } from "./testing/registry.ts";

const text = "The quick brown fox jumps over the lazy dog";

test("a blob that was pushed can be pulled, and looked at without pulling", async (t) => {
  const registry = await startTestRegistry(t);
  const { digest } = await registry.pushBlob("a/b", text);
  for (const method of ["GET", "HEAD"]) {
    const answer = await registry.request(method, `/v2/a/b/blobs/${digest}`);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["content-length"], String(text.length));
    assert.equal(answer.headers["docker-content-digest"], digest);
    assert.equal(answer.headers["etag"], `"${digest}"`);
    assert.equal(answer.headers["accept-ranges"], "bytes");
    assert.equal(answer.body.toString(), method === "GET" ? text : "");
  }
});

test("a part of a blob is sent with its place in the whole", async (t) => {
  const registry = await startTestRegistry(t);
  const { digest } = await registry.pushBlob("a", text);
  const get = (range: string, headers = {}) =>
    registry.request("GET", `/v2/a/blobs/${digest}`, { headers: { range, ...headers } });

  const part = await get("bytes=4-8");
  assert.equal(part.status, 206);
  assert.equal(part.body.toString(), "quick");
  assert.equal(part.headers["content-range"], `bytes 4-8/${text.length}`);
  assert.equal((await get("bytes=-3")).body.toString(), "dog");

  const beyond = await get("bytes=100-");
  assert.equal(beyond.status, 416);
  assert.equal(beyond.headers["content-range"], `bytes */${text.length}`);

  assert.equal((await get("bytes=0-1,3-4")).status, 200, "several ranges: the whole");
  assert.equal((await get("bytes=0-1", { "if-range": `"${digest}"` })).status, 206);
  assert.equal((await get("bytes=0-1", { "if-range": '"other"' })).status, 200);
});

test("a client that has the blob is told so", async (t) => {
  const registry = await startTestRegistry(t);
  const { digest } = await registry.pushBlob("a", text);
  for (const method of ["GET", "HEAD"]) {
    const answer = await registry.request(method, `/v2/a/blobs/${digest}`, {
      headers: { "if-none-match": `"${digest}"` },
    });
    assert.equal(answer.status, 304);
    assert.equal(answer.body.length, 0);
  }
});

test("an empty blob is a blob", async (t) => {
  const registry = await startTestRegistry(t);
  const { digest } = await registry.pushBlob("a", "");
  const answer = await registry.request("GET", `/v2/a/blobs/${digest}`);
  assert.deepEqual([answer.status, answer.body.length], [200, 0]);
});

test("a blob is there only in the repositories it was pushed to", async (t) => {
  const registry = await startTestRegistry(t);
  const { digest } = await registry.pushBlob("a", text);
  const elsewhere = await registry.request("GET", `/v2/b/blobs/${digest}`);
  assert.deepEqual([elsewhere.status, elsewhere.code], [404, "BLOB_UNKNOWN"]);
});

test("what is no digest is said to be none", async (t) => {
  const registry = await startTestRegistry(t);
  for (const digest of ["latest", "sha256:abc", `md5:${"0".repeat(32)}`]) {
    const answer = await registry.request("GET", `/v2/a/blobs/${digest}`);
    assert.deepEqual([answer.status, answer.code], [400, "DIGEST_INVALID"], digest);
  }
});

test("a blob that was deleted is gone, and cannot be deleted again", async (t) => {
  const registry = await startTestRegistry(t);
  const { digest } = await registry.pushBlob("a", text);
  assert.equal((await registry.request("DELETE", `/v2/a/blobs/${digest}`)).status, 202);
  assert.equal((await registry.request("HEAD", `/v2/a/blobs/${digest}`)).status, 404);
  const again = await registry.request("DELETE", `/v2/a/blobs/${digest}`);
  assert.deepEqual([again.status, again.code], [404, "BLOB_UNKNOWN"]);
});

test("a blob may be named by its sha512", async (t) => {
  const registry = await startTestRegistry(t);
  const digest = digestOf(Buffer.from(text), "sha512");
  const pushed = await registry.request("POST", `/v2/a/blobs/uploads/?digest=${digest}`, {
    body: text,
  });
  assert.equal(pushed.status, 201);
  assert.equal((await registry.request("GET", `/v2/a/blobs/${digest}`)).body.toString(), text);
});

test("a blob of several pieces comes from its file whole, and in part from anywhere", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "wharf-blobs-"));
  const registry = await startTestRegistry(t, { collection: await openCollection(folder) });
  t.after(() => rm(folder, { recursive: true, force: true }));
  const bytes = randomBytes((3 << 20) + 17);
  const { digest } = await registry.pushBlob("a", bytes);
  const get = async (range?: string) =>
    registry.request("GET", `/v2/a/blobs/${digest}`, { headers: range ? { range } : {} });
  assert((await get()).body.equals(bytes));
  assert((await get("bytes=1000000-")).body.equals(bytes.subarray(1_000_000)));
  assert((await get("bytes=5-5")).body.equals(bytes.subarray(5, 6)));
  assert((await get("bytes=-2000000")).body.equals(bytes.subarray(-2_000_000)));
  assert.equal((await get(`bytes=${bytes.length}-`)).status, 416);
});

test("a file that is shorter than it was when it was opened cuts the answer", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "wharf-blobs-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "blob");
  await writeFile(file, "short");
  const repository: Partial<StoredRepository> = {
    openBlobFile: async () => ({ handle: await open(file), size: 100 }),
  };
  const collection = {
    ...createMemoryCollection(),
    repository: () => repository as StoredRepository,
  };
  const registry = await startTestRegistry(t, { collection });
  await assert.rejects(registry.request("GET", `/v2/a/blobs/${digestOf(Buffer.from("x"))}`));
});
