/** Registries that say no: for a while (429, 503, 500), and for good (413). */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";

import { blobOf, collect } from "../../src/registry/testing/remote.ts";
import { bytesSource, streamSource } from "../../src/store/sources.ts";
import { copy } from "../../src/transfer/copy.ts";
import { pushPlatforms } from "../../src/transfer/testing/images.ts";
import { answers } from "./faults.ts";
import { failsWith, openStage } from "./stage.ts";

/**
 * A fifth of 400 requests. At even distances a client that repeats the same requests would meet the fault at the same one
 * of them for ever, which no storm does; and how often one request may meet it must stay far from the limit of repeats, or
 * chance decides, since several are under way at once.
 */
function aFifth(first: number): number[] {
  const found: number[] = [];
  for (let after = first, step = 3; after < 400; after += step, step = (step % 5) + 3)
    found.push(after);
  return found;
}

const retryAtOnce = { headers: { "retry-after": "0" } };

for (const status of [429, 500, 502, 503, 504]) {
  test(`a storm of ${status} is sat out by a whole copy`, async (context) => {
    const { proxy, repository, collection } = await openStage(context, { retries: 10 });
    const source = collection.repository("source");
    const { digest } = await pushPlatforms(source);
    // Twice at the beginning, and then a fifth of all requests.
    proxy.add({ fault: answers(status, retryAtOnce), times: 2 });
    for (const after of aFifth(1)) proxy.add({ after, fault: answers(status, retryAtOnce) });
    await copy(source, "latest", repository);
    assert.equal((await collection.repository("a/b").resolve("latest")).digest, digest);
    assert(proxy.broken > 10);
    proxy.clear();
    for (const after of aFifth(0)) proxy.add({ after, fault: answers(status, retryAtOnce) });
    const target = collection.repository("target");
    await copy(repository, "latest", target);
    assert.equal((await target.resolve("latest")).digest, digest);
    assert(proxy.broken > 5);
  });
}

test("a large blob is pushed through a storm, each request of it refused several times", async (context) => {
  const { proxy, repository, stored } = await openStage(context);
  for (const status of [429, 503]) {
    const { descriptor, bytes } = blobOf(1_000_000);
    proxy.clear();
    for (const method of ["HEAD", "GET", "POST", "PUT", "PATCH"])
      proxy.add({ method, fault: answers(status, retryAtOnce), times: 4 });
    await repository.pushBlob(descriptor, bytesSource(bytes));
    assert((await stored(descriptor)).equals(bytes));
  }
});

test("a pipe goes through a storm, as long as it was not read yet", async (context) => {
  const { proxy, repository, stored } = await openStage(context);
  const { descriptor, bytes } = blobOf(300_000);
  proxy.add({ method: "POST", fault: answers(429, retryAtOnce), times: 4 });
  const pushed = await repository.pushStream(streamSource(Readable.from([bytes])));
  assert.equal(pushed.digest, descriptor.digest);
  assert((await stored(pushed)).equals(bytes));
});

test("a registry that refuses for ever gets its error code, and the words it used", async (context) => {
  const { proxy, repository, collection } = await openStage(context, { retries: 2 });
  const image = await pushPlatforms(collection.repository("a/b"));
  const { descriptor, bytes } = blobOf(200_000);
  const body = { errors: [{ code: "TOOMANYREQUESTS", message: "come back tomorrow" }] };
  const cases = [
    [answers(429, { body }), failsWith("RATE_LIMITED"), /TOOMANYREQUESTS: come back tomorrow/],
    [answers(503, { body: "upstream is gone" }), failsWith("SERVER_ERROR"), /upstream is gone/],
    [answers(500), failsWith("SERVER_ERROR"), /500/],
    [
      answers(413, { body: "<html><title>Request Too Large</title></html>" }),
      failsWith("REGISTRY_ERROR"),
      /HTML page "Request Too Large" \(413\)/,
    ],
  ] as const;
  for (const [fault, fails, words] of cases) {
    const isRight = (error: unknown) => fails(error) && words.test((error as Error).message);
    proxy.clear();
    proxy.add({ fault, times: Infinity });
    await assert.rejects(repository.fetchManifest("latest"), isRight);
    await assert.rejects(repository.fetchBlob(descriptor), isRight);
    await assert.rejects(repository.pushBlob(descriptor, bytesSource(bytes)), isRight);
    await assert.rejects(collect(repository.listTags()), isRight);
    await assert.rejects(repository.deleteManifest(image.digest), isRight);
    // Of a HEAD there are no words to quote.
    await assert.rejects(repository.resolve("latest"), fails);
  }
});

test("a limit on the size of requests is told with a remedy", async (context) => {
  const { proxy, repository, stored } = await openStage(context);
  const { descriptor, bytes } = blobOf(400_000);
  proxy.add({ method: "PUT", fault: answers(413), times: 1 });
  await assert.rejects(repository.pushBlob(descriptor, bytesSource(bytes)), (error) => {
    return failsWith("REGISTRY_ERROR")(error) && /chunkSize/.test(error.hint);
  });
  assert.equal(proxy.log().at(-1), "DELETE 204", "the upload is cancelled");
  await assert.rejects(stored(descriptor));
});

test("a wait longer than a minute is not ours to sit out", async (context) => {
  const { proxy, repository } = await openStage(context);
  const { descriptor, bytes } = blobOf(300_000);
  for (const status of [429, 503]) {
    const fault = answers(status, { headers: { "retry-after": "7200" } });
    const code = status === 429 ? "RATE_LIMITED" : "SERVER_ERROR";
    for (const method of ["POST", "PUT"]) {
      proxy.clear();
      proxy.add({ method, fault, times: Infinity });
      await assert.rejects(repository.pushBlob(descriptor, bytesSource(bytes)), (error) => {
        return failsWith(code)(error) && error.details.retryAfter === 7_200_000;
      });
    }
    proxy.add({ method: "GET", fault, times: Infinity });
    await assert.rejects(repository.fetchManifest("latest"), failsWith(code));
  }
});
