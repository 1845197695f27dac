import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import {
  type Pair,
  type Recorded,
  type Reply,
  startScriptedServer,
} from "../../test/scripted-server.ts";
import { type ErrorCode, isError } from "../errors.ts";
import { blobOf, bytesOf, repositoryForTest } from "./testing/remote.ts";
import type { ConnectOptions } from "./remote.ts";

const blob = blobOf(100_000);
const { descriptor, bytes } = blob;
const path = `/v2/a/b/blobs/${descriptor.digest}`;

async function serve(context: TestContext, answer: Pair["answer"], options: ConnectOptions = {}) {
  const server = await startScriptedServer([{ request: { method: "GET", path }, answer }]);
  const repository = repositoryForTest(server.host, options);
  context.after(() => server.close());
  return { server, repository };
}

/** Answers as a server does that knows ranges. */
function ranged(request: Recorded, extra: Partial<Reply> = {}): Reply {
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
  if (!range) return { body: bytes, ...extra };
  const [start, end] = [Number(range[1]), Math.min(Number(range[2]), bytes.length - 1)];
  return {
    status: 206,
    headers: { "content-range": `bytes ${start}-${end}/${bytes.length}` },
    body: bytes.subarray(start, end + 1),
    ...extra,
  };
}

const refused = (...codes: ErrorCode[]) => {
  return (error: unknown) => {
    if (!isError(error, ...codes)) throw error;
    return true;
  };
};

test("a blob that is cut at every tenth comes whole", async (context) => {
  const { server, repository } = await serve(context, (request) =>
    ranged(request, { fault: "cut", faultAt: 10_000 }),
  );
  assert((await bytesOf(await repository.fetchBlob(descriptor))).equals(bytes));
  assert.deepEqual(
    server.requests.map(({ headers }) => headers.range),
    [undefined, ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((tenth) => `bytes=${tenth}0000-99999`)],
  );
});

test("a server that stops in the middle is noticed, and the rest asked for", async (context) => {
  const { repository } = await serve(
    context,
    (request) => ranged(request, request.headers.range ? {} : { fault: "stall", faultAt: 50_000 }),
    { idleTimeout: 50 },
  );
  assert((await bytesOf(await repository.fetchBlob(descriptor))).equals(bytes));
});

test("a body without a length that ends too early is a cut", async (context) => {
  const chunked = { headers: { "transfer-encoding": "chunked", "content-length": [] } };
  const { repository } = await serve(context, (request) =>
    request.headers.range ? ranged(request) : { ...chunked, body: bytes.subarray(0, 30_000) },
  );
  assert((await bytesOf(await repository.fetchBlob(descriptor))).equals(bytes));
});

test("a server that knows no ranges sends all again, and what was had is skipped", async (context) => {
  let count = 0;
  const { server, repository } = await serve(context, () => {
    count += 1;
    return count < 3 ? { body: bytes, fault: "cut", faultAt: count * 30_000 } : { body: bytes };
  });
  assert((await bytesOf(await repository.fetchBlob(descriptor))).equals(bytes));
  assert.equal(server.requests.length, 3);
});

test("cuts that bring nothing are given up", async (context) => {
  const { server, repository } = await serve(context, () => ({
    body: bytes,
    fault: "cut",
    faultAt: 30_000,
  }));
  await assert.rejects(
    async () => bytesOf(await repository.fetchBlob(descriptor)),
    refused("CONNECTION_FAILED"),
  );
  assert(server.requests.length <= 7);
});

test("a range from another place than asked is refused", async (context) => {
  const { repository } = await serve(context, (request) =>
    request.headers.range
      ? {
          status: 206,
          headers: { "content-range": "bytes 0-49999/100000" },
          body: bytes.subarray(0, 50_000),
        }
      : { body: bytes, fault: "cut" },
  );
  await assert.rejects(
    async () => bytesOf(await repository.fetchBlob(descriptor)),
    refused("RESPONSE_INVALID"),
  );
});

test("a range of a blob of another size is refused", async (context) => {
  const { repository } = await serve(context, (request) =>
    request.headers.range
      ? {
          status: 206,
          headers: { "content-range": "bytes 50000-99999/100001" },
          body: bytes.subarray(50_000),
        }
      : { body: bytes, fault: "cut" },
  );
  await assert.rejects(
    async () => bytesOf(await repository.fetchBlob(descriptor)),
    refused("SIZE_MISMATCH"),
  );
});

test("a blob that is replaced between two pieces is refused", async (context) => {
  let count = 0;
  const { repository } = await serve(context, (request) => {
    const reply = ranged(request, count === 0 ? { fault: "cut" } : {});
    return { ...reply, headers: { ...reply.headers, etag: `"${(count += 1)}"` } };
  });
  await assert.rejects(
    async () => bytesOf(await repository.fetchBlob(descriptor)),
    refused("RESPONSE_INVALID"),
  );
});

test("a blob whose length is not the descriptor's is refused before a byte is read", async (context) => {
  const { repository } = await serve(context, () => ({ body: bytes.subarray(1) }));
  await assert.rejects(repository.fetchBlob(descriptor), refused("SIZE_MISMATCH"));
});

test("a body that goes on after its end is cut there", async (context) => {
  const { repository } = await serve(context, () => ({
    headers: { "transfer-encoding": "chunked", "content-length": [] },
    body: Buffer.concat([bytes, bytes]),
  }));
  let size = 0;
  await assert.rejects(async () => {
    for await (const chunk of await repository.fetchBlob(descriptor)) size += chunk.byteLength;
  }, refused("SIZE_MISMATCH"));
  assert(size <= descriptor.size);
});

test("a body that is shorter than the descriptor is no endless wait", async (context) => {
  const { repository } = await serve(context, (request): Reply =>
    request.headers.range
      ? { status: 416, headers: { "content-range": "bytes */40000" } }
      : {
          headers: { "transfer-encoding": "chunked", "content-length": [] },
          body: bytes.subarray(0, 40_000),
        },
  );
  await assert.rejects(
    async () => bytesOf(await repository.fetchBlob(descriptor)),
    refused("SIZE_MISMATCH"),
  );
});

test("a part is asked for as a range", async (context) => {
  const { server, repository } = await serve(context, (request) => ranged(request));
  const part = await repository.fetchBlob(descriptor, { offset: 10, length: 20 });
  assert.equal(part.ranged, true);
  assert((await bytesOf(part)).equals(bytes.subarray(10, 30)));
  assert.equal(server.requests[0]?.headers.range, "bytes=10-29");
  assert(
    (await bytesOf(await repository.fetchBlob(descriptor, { offset: 99_990 }))).equals(
      bytes.subarray(99_990),
    ),
  );
});

test("a part comes also from a server that knows no ranges", async (context) => {
  const { repository } = await serve(context, () => ({ body: bytes }));
  const part = await repository.fetchBlob(descriptor, { offset: 10, length: 20 });
  assert.equal(part.ranged, false);
  assert((await bytesOf(part)).equals(bytes.subarray(10, 30)));
});

test("a blob that is not there has its own error", async (context) => {
  const { repository } = await serve(context, () => ({ status: 404 }));
  await assert.rejects(repository.fetchBlob(descriptor), refused("BLOB_NOT_FOUND"));
});

test("an empty blob has no bytes", async (context) => {
  const empty = blobOf(0);
  const server = await startScriptedServer([
    { request: { method: "GET", path: `/v2/a/b/blobs/${empty.descriptor.digest}` }, answer: {} },
  ]);
  context.after(() => server.close());
  const body = await repositoryForTest(server.host).fetchBlob(empty.descriptor);
  assert.equal((await bytesOf(body)).length, 0);
});

test("a wait in the middle of a body ends with the signal", async (context) => {
  const { repository } = await serve(context, () => ({ body: bytes, fault: "stall" }));
  const controller = new AbortController();
  const body = await repository.fetchBlob(descriptor, { signal: controller.signal });
  await assert.rejects(async () => {
    for await (const _ of body) controller.abort();
  }, refused("INTERRUPTED"));
});
