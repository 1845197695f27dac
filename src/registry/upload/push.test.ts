import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import {
  type Pair,
  type Recorded,
  type Reply,
  startScriptedServer,
} from "../../../test/scripted-server.ts";
import { type ErrorCode, isError } from "../../errors.ts";
import { digestOf } from "../../reference/digest.ts";
import { bytesSource, streamSource } from "../../store/sources.ts";
import type { ConnectOptions } from "../remote.ts";
import { blobOf, connectForTest, repositoryForTest } from "../testing/remote.ts";

const uploads = "/v2/a/b/blobs/uploads/";
const small = blobOf(5000);
const large = blobOf(300_000);

const started: Pair = {
  request: { method: "POST", path: uploads },
  answer: { status: 202, headers: { location: `${uploads}1?_state=a%3D&x=1` } },
};

async function serve(context: TestContext, pairs: readonly Pair[], options?: ConnectOptions) {
  const server = await startScriptedServer(pairs);
  const repository = repositoryForTest(server.host, options);
  context.after(() => server.close());
  return {
    server,
    repository,
    /** Without the question what the registry wants to know of us. */
    log: () =>
      server.requests
        .map(({ method, target }) => `${method} ${target.replace(/sha256:\w+/, "D")}`)
        .filter((line) => line !== "GET /v2/"),
  };
}

function at(method: string, answer: Pair["answer"], times?: number): Pair {
  return { request: { method, path: /\/uploads\/\w/ }, answer, ...(times && { times }) };
}

const refused = (...codes: ErrorCode[]) => {
  return (error: unknown) => {
    if (!isError(error, ...codes)) throw error;
    return true;
  };
};

test("a small blob is offered in one request, and stored by it where the registry can", async (context) => {
  const { server, repository, log } = await serve(context, [
    {
      request: { method: "POST", path: uploads, query: { digest: small.descriptor.digest } },
      answer: { status: 201 },
    },
    {
      request: { method: "POST", path: uploads, query: { digest: large.descriptor.digest } },
      answer: { status: 201 },
    },
  ]);
  await repository.pushBlob(small.descriptor, bytesSource(small.bytes));
  await repository.pushBlob(large.descriptor, bytesSource(large.bytes));
  assert.deepEqual(log(), [`POST ${uploads}?digest=D`, `POST ${uploads}?digest=D`]);
  assert(server.requests[1]?.body.equals(large.bytes));
});

test("where it opens an upload instead, the blob costs two requests, and so does each that follows", async (context) => {
  const { server, repository, log } = await serve(context, [started, at("PUT", { status: 201 })]);
  await repository.pushBlob(small.descriptor, bytesSource(small.bytes));
  await repository.pushBlob(small.descriptor, bytesSource(small.bytes));
  const put = `PUT ${uploads}1?_state=a%3D&x=1&digest=D`;
  assert.deepEqual(log(), [`POST ${uploads}?digest=D`, put, `POST ${uploads}`, put]);
  assert(server.requests[3]?.body.equals(small.bytes));
  assert.equal(server.requests[3]?.headers["content-length"], "5000");
});

for (const status of [400, 404, 405, 415]) {
  test(`a registry that answers one request with ${status} gets the blob in two`, async (context) => {
    const { repository, log } = await serve(context, [
      {
        request: { method: "POST", path: uploads, query: { digest: small.descriptor.digest } },
        answer: { status },
      },
      started,
      at("PUT", { status: 204 }),
    ]);
    await repository.pushBlob(small.descriptor, bytesSource(small.bytes));
    assert.equal(log().length, 3);
  });
}

test("a large blob of a known digest goes with one PUT", async (context) => {
  const { server, repository, log } = await serve(context, [started, at("PUT", { status: 201 })]);
  let progress = 0;
  await repository.pushBlob(large.descriptor, bytesSource(large.bytes), {
    onProgress: (bytes) => (progress = bytes),
  });
  assert.deepEqual(log(), [`POST ${uploads}`, `PUT ${uploads}1?_state=a%3D&x=1&digest=D`]);
  assert(server.requests[1]?.body.equals(large.bytes));
  assert.equal(progress, 300_000);
});

test("a stream of unknown digest goes in one pass, and is named at the end", async (context) => {
  const { server, repository, log } = await serve(context, [
    started,
    // ECR's status for a piece.
    at("PATCH", { status: 201, headers: { location: "2?_state=b", range: "0-299999" } }),
    at("PUT", { status: 201 }),
  ]);
  const pieces = [large.bytes.subarray(0, 100_000), large.bytes.subarray(100_000)];
  const descriptor = await repository.pushStream(
    streamSource(
      (async function* () {
        yield* pieces;
      })(),
    ),
  );
  assert.deepEqual(descriptor, { ...large.descriptor });
  assert.deepEqual(log(), [
    `POST ${uploads}`,
    `PATCH ${uploads}1?_state=a%3D&x=1`,
    `PUT ${uploads}2?_state=b&digest=D`,
  ]);
  assert(server.requests.find(({ method }) => method === "PATCH")?.body.equals(large.bytes));
});

test("a digest that somebody else finds out is asked for when the bytes have gone", async (context) => {
  const { server, repository } = await serve(context, [
    started,
    at("PATCH", { status: 202, headers: { range: `0-${large.bytes.length - 1}` } }),
    at("PUT", { status: 201 }),
  ]);
  const source = { ...bytesSource(large.bytes), replayable: true };
  const { digest, size } = await repository.pushStream(source, {
    digest: async () => {
      assert.deepEqual(
        server.requests.map(({ method }) => method).filter((method) => method !== "GET"),
        ["POST", "PATCH"],
      );
      return large.descriptor.digest;
    },
  });
  assert.deepEqual([digest, size], [large.descriptor.digest, large.bytes.length]);
});

test("pieces are as large as the registry wants them, each with its range", async (context) => {
  let size = 0;
  const { server, repository } = await serve(
    context,
    [
      {
        request: started.request,
        answer: {
          status: 202,
          headers: { location: `${uploads}1`, "oci-chunk-min-length": "120000" },
        },
      },
      at("PATCH", ({ body }) => {
        size += body.length;
        return { status: 202, headers: { location: `${uploads}1`, range: `0-${size - 1}` } };
      }),
      at("PUT", { status: 201 }),
    ],
    { chunkSize: 1000 },
  );
  await repository.pushBlob(large.descriptor, bytesSource(large.bytes));
  const patches = server.requests.filter(({ method }) => method === "PATCH");
  assert.deepEqual(
    patches.map(({ headers }) => headers["content-range"]),
    ["0-119999", "120000-239999", "240000-299999"],
  );
  assert(Buffer.concat(patches.map(({ body }) => body)).equals(large.bytes));
});

/** A registry that keeps what comes, as it should be. */
function keeper(faults: (request: Recorded, kept: number) => Reply | number | undefined) {
  let kept = Buffer.alloc(0);
  const answer = (status: number): Reply => ({
    status,
    headers: { location: `${uploads}1`, range: `0-${Math.max(0, kept.length - 1)}` },
  });
  const pairs: Pair[] = [
    { request: { method: "HEAD", path: /\/blobs\/sha/ }, answer: { status: 404 } },
    {
      request: started.request,
      answer: () => {
        kept = Buffer.alloc(0);
        return { status: 202, headers: { location: `${uploads}1` } };
      },
    },
    at("GET", () => answer(204)),
    at("DELETE", { status: 204 }),
    ...["PATCH", "PUT"].map((method) =>
      at(method, (request) => {
        const fault = faults(request, kept.length);
        // A number: so many bytes are kept before the connection breaks.
        kept = Buffer.concat([
          kept,
          request.body.subarray(0, typeof fault === "number" ? fault : undefined),
        ]);
        if (typeof fault === "number") return { fault: "reset" };
        if (fault) return fault;
        if (method === "PATCH") return answer(202);
        return digestOf(kept) === request.query.get("digest")
          ? { status: 201 }
          : { status: 400, body: { errors: [{ code: "DIGEST_INVALID" }] } };
      }),
    ),
  ];
  return pairs;
}

test("a push that is cut goes on from what the registry has", async (context) => {
  let cuts = 0;
  const { repository, log } = await serve(
    context,
    keeper(() => ((cuts += 1) < 3 ? 100_000 : undefined)),
  );
  await repository.pushBlob(large.descriptor, bytesSource(large.bytes));
  assert.deepEqual(
    log().map((line) => line.split(/[ ?]/).slice(0, 2).join(" ").replace(uploads, "…")),
    [
      "POST …",
      "PUT …1",
      `HEAD /v2/a/b/blobs/D`,
      "GET …1",
      "PATCH …1",
      "GET …1",
      "PATCH …1",
      "PUT …1",
    ],
  );
});

test("a stream that cannot be read again goes on where the registry has all that was sent", async (context) => {
  let lost = 0;
  const { repository } = await serve(
    context,
    keeper(({ body }) => ((lost += 1) === 1 ? body.length : undefined)),
  );
  const { digest } = await repository.pushStream(streamSource(chunks(large.bytes)));
  assert.equal(digest, large.descriptor.digest);
});

test("a stream that cannot be read again is given up where the registry has less", async (context) => {
  const { repository, log } = await serve(
    context,
    keeper(() => 100_000),
  );
  await assert.rejects(repository.pushStream(streamSource(chunks(large.bytes))), (error) => {
    assert(isError(error, "CONNECTION_FAILED"));
    assert.match(
      error.message,
      /kept 100000 of 300000 bytes sent, and their source cannot be read again/,
    );
    return true;
  });
  assert.equal(log().filter((line) => line.startsWith("PATCH")).length, 1);
});

async function* chunks(bytes: Buffer) {
  for (let from = 0; from < bytes.length; from += 60_000) yield bytes.subarray(from, from + 60_000);
}

test("a piece that the registry says does not fit is sent from where it fits", async (context) => {
  let refusals = 0;
  const { repository } = await serve(
    context,
    keeper(({ method }) =>
      method === "PATCH" && (refusals += 1) === 2 ? { status: 416 } : undefined,
    ),
    { chunkSize: 100_000 },
  );
  await repository.pushBlob(large.descriptor, bytesSource(large.bytes));
});

test("the answer to the last request that is lost costs one HEAD", async (context) => {
  const { repository, log } = await serve(context, [
    started,
    at("PUT", { fault: "lost" }),
    {
      request: { method: "HEAD", path: /\/blobs\/sha256/ },
      answer: { headers: { "content-length": "300000" } },
    },
  ]);
  await repository.pushBlob(large.descriptor, bytesSource(large.bytes));
  assert.deepEqual(log().length, 3);
});

test("an upload that the registry has forgotten is begun again", async (context) => {
  let forgotten = 0;
  const { repository, log } = await serve(
    context,
    keeper(() =>
      (forgotten += 1) < 3
        ? { status: 404, body: { errors: [{ code: "BLOB_UPLOAD_UNKNOWN" }] } }
        : undefined,
    ),
  );
  await repository.pushBlob(large.descriptor, bytesSource(large.bytes));
  assert.equal(log().filter((line) => line.startsWith("POST")).length, 3);
});

test("a registry that forgets each upload is given up", async (context) => {
  const { repository, log } = await serve(
    context,
    keeper(() => ({ status: 404, body: { errors: [{ code: "BLOB_UPLOAD_UNKNOWN" }] } })),
  );
  await assert.rejects(
    repository.pushBlob(large.descriptor, bytesSource(large.bytes)),
    refused("UPLOAD_UNKNOWN"),
  );
  assert(log().filter((line) => line.startsWith("POST")).length <= 4);
});

for (const [status, code] of [
  [413, "REGISTRY_ERROR"],
  [500, "SERVER_ERROR"],
  [403, "FORBIDDEN"],
] as const) {
  test(`a registry that answers the bytes with ${status} is an error, and its upload is cancelled`, async (context) => {
    const { repository, log } = await serve(
      context,
      keeper(() => ({ status })),
    );
    await assert.rejects(
      repository.pushBlob(large.descriptor, bytesSource(large.bytes)),
      refused(code),
    );
    assert.match(log().at(-1) ?? "", /^DELETE/);
  });
}

test("bytes that the registry finds to be others are an error at once", async (context) => {
  const { repository, log } = await serve(
    context,
    keeper(() => undefined),
  );
  const wrong = { ...large.descriptor, digest: small.descriptor.digest };
  await assert.rejects(
    repository.pushBlob(wrong, bytesSource(large.bytes)),
    refused("DIGEST_MISMATCH"),
  );
  assert.equal(log().filter((line) => line.startsWith("PUT")).length, 1);
});

test("a registry that claims to have more than it was sent is not believed", async (context) => {
  const { repository } = await serve(context, [
    started,
    at("PATCH", { status: 202, headers: { range: "0-999999" } }),
    at("DELETE", { status: 204 }),
  ]);
  await assert.rejects(
    repository.pushStream(streamSource(chunks(large.bytes))),
    refused("RESPONSE_INVALID"),
  );
});

test("an upload location on another site gets no credentials", async (context) => {
  const other = await startScriptedServer([at("PUT", { status: 201 })]);
  context.after(() => other.close());
  const port = new URL(other.url).port;
  const { server, repository } = await serve(
    context,
    [
      {
        request: {
          method: "POST",
          path: uploads,
          headers: { authorization: "Basic bWU6c2VjcmV0" },
        },
        answer: { status: 202, headers: { location: `http://localhost:${port}${uploads}1` } },
      },
      {
        request: { method: "POST", path: uploads },
        answer: { status: 401, headers: { "www-authenticate": "Basic" } },
      },
    ],
    { credentials: { find: async () => ({ kind: "basic", username: "me", password: "secret" }) } },
  );
  await repository.pushBlob(large.descriptor, bytesSource(large.bytes));
  assert.equal(server.requests.length, 2);
  assert.equal(other.requests.length, 1);
  assert.equal(other.requests[0]?.headers.authorization, undefined);
});

test("a source of another size is refused, whichever way it is sent", async (context) => {
  const { repository } = await serve(
    context,
    keeper(() => undefined),
  );
  for (const size of [299_999, 300_001, 4999, 5001]) {
    const { bytes } = size > 10_000 ? large : small;
    const descriptor = { ...large.descriptor, size };
    await assert.rejects(
      repository.pushBlob(descriptor, bytesSource(bytes)),
      refused("SIZE_MISMATCH"),
    );
  }
});

test("an aborted push cancels its upload", async (context) => {
  const controller = new AbortController();
  let cancelled = () => {};
  const cancellation = new Promise<void>((resolve) => (cancelled = resolve));
  const { repository } = await serve(context, [
    started,
    at("PUT", () => {
      controller.abort();
      return { fault: "silence" };
    }),
    at("DELETE", () => {
      cancelled();
      return { status: 204 };
    }),
  ]);
  const push = repository.pushBlob(large.descriptor, bytesSource(large.bytes), {
    signal: controller.signal,
  });
  await assert.rejects(push, refused("INTERRUPTED"));
  await cancellation;
});

test("the upload that a declined mount has opened serves the push", async (context) => {
  const { server, log } = await serve(context, [started, at("PUT", { status: 201 })]);
  const registry = connectForTest(server.host);
  const target = registry.repository("a/b");
  assert.equal(await target.mountBlob(large.descriptor, registry.repository("c")), false);
  await target.pushBlob(large.descriptor, bytesSource(large.bytes));
  assert.deepEqual(log(), [
    `POST ${uploads}?mount=D&from=c`,
    `PUT ${uploads}1?_state=a%3D&x=1&digest=D`,
  ]);
  await registry.close();
});

test("the upload of a declined mount that nobody needs is cancelled", async (context) => {
  const { server, log } = await serve(context, [started, at("DELETE", { status: 204 })]);
  const registry = connectForTest(server.host);
  await registry.repository("a/b").mountBlob(large.descriptor, registry.repository("c"));
  await registry.close();
  assert.deepEqual(log(), [`POST ${uploads}?mount=D&from=c`, `DELETE ${uploads}1?_state=a%3D&x=1`]);
});

for (const answer of [
  { status: 403 },
  { status: 404 },
  { status: 405 },
  { status: 500 },
  { fault: "reset" },
] satisfies Reply[]) {
  test(`a mount that fails with ${answer.status ?? answer.fault} is only declined`, async (context) => {
    const { server } = await serve(
      context,
      [{ request: { method: "POST", path: uploads }, answer }],
      {},
    );
    const registry = connectForTest(server.host, { retries: 1 });
    const target = registry.repository("a/b");
    assert.equal(await target.mountBlob(large.descriptor, registry.repository("c")), false);
    await registry.close();
  });
}

test("nothing is mounted from another registry, or from the same repository", async (context) => {
  const { server, repository } = await serve(context, []);
  const elsewhere = connectForTest(server.host.replace("127.0.0.1", "localhost")).repository("c");
  for (const source of [elsewhere, repository, {}]) {
    assert.equal(repository.canMount(source), false);
    assert.equal(await repository.mountBlob(large.descriptor, source), false);
  }
  assert.equal(server.requests.length, 0);
});
