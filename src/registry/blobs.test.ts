import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { type Pair, type Reply, startScriptedServer } from "../../test/scripted-server.ts";
import { isError } from "../errors.ts";
import { blobOf, repositoryForTest } from "./testing/remote.ts";

const { descriptor, bytes } = blobOf(1234);
const { digest } = descriptor;

async function serve(context: TestContext, ...answers: [method: string, answer: Reply][]) {
  const pairs: Pair[] = answers.map(([method, answer]) => ({
    request: { method, path: `/v2/a/b/blobs/${digest}` },
    answer,
  }));
  const server = await startScriptedServer(pairs);
  context.after(() => server.close());
  return { server, repository: repositoryForTest(server.host) };
}

test("whether a blob is there costs one HEAD", async (context) => {
  const { server, repository } = await serve(context, ["HEAD", { body: bytes }]);
  assert.deepEqual(await repository.statBlob(digest), descriptor);
  assert.equal(server.requests.length, 1);
});

test("a blob that is not there is none, without a second question", async (context) => {
  const { server, repository } = await serve(context, ["HEAD", { status: 404 }]);
  assert.equal(await repository.statBlob(digest), undefined);
  assert.equal(server.requests.length, 1);
});

for (const [why, head] of [
  ["is refused", { status: 405 }],
  ["has no size", { headers: { "content-length": [] } }],
] satisfies [string, Reply][]) {
  test(`where HEAD ${why}, a byte is asked for`, async (context) => {
    const { server, repository } = await serve(
      context,
      ["HEAD", head],
      ["GET", { status: 206, headers: { "content-range": "bytes 0-0/1234" }, body: "x" }],
    );
    assert.deepEqual(await repository.statBlob(digest), descriptor);
    assert.equal(server.requests[1]?.headers.range, "bytes=0-0");
  });
}

test("storage that allows only GET is asked for a byte", async (context) => {
  const storage = await startScriptedServer([
    { request: { method: "HEAD", path: "/x" }, answer: { status: 403 } },
    {
      request: { method: "GET", path: "/x" },
      answer: { status: 206, headers: { "content-range": "bytes 0-0/1234" }, body: "x" },
    },
  ]);
  context.after(() => storage.close());
  const there = { status: 307, headers: { location: `${storage.url}x` } };
  const { repository } = await serve(context, ["HEAD", there], ["GET", there]);
  assert.deepEqual(await repository.statBlob(digest), descriptor);
});

test("who may not look gets an error, not a missing blob", async (context) => {
  const { repository } = await serve(context, ["HEAD", { status: 403 }]);
  await assert.rejects(repository.statBlob(digest), (error) => isError(error, "FORBIDDEN"));
});

test("a blob is deleted", async (context) => {
  const { repository } = await serve(context, ["DELETE", { status: 202 }]);
  await repository.deleteBlob(digest);
});

test("a blob that cannot be deleted says why", async (context) => {
  const missing = await serve(context, ["DELETE", { status: 404 }]);
  await assert.rejects(missing.repository.deleteBlob(digest), (error) =>
    isError(error, "BLOB_NOT_FOUND"),
  );
  const off = await serve(context, ["DELETE", { status: 405 }]);
  await assert.rejects(off.repository.deleteBlob(digest), (error) => {
    return isError(error, "UNSUPPORTED") && /storage\.delete/.test(error.hint);
  });
});
