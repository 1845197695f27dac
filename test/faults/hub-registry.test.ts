/** Docker Hub's registry and token service out of order: copies get through or leave nothing wrong behind. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { startSandbox } from "../../src/entrance/sandbox.ts";
import { blobOf, bytesOf } from "../../src/registry/testing/remote.ts";
import { createMemoryRepository } from "../../src/store/memory.ts";
import { bytesSource } from "../../src/store/sources.ts";
import { copy } from "../../src/transfer/copy.ts";
import { pushImage, pushPlatforms } from "../../src/transfer/testing/images.ts";
import { atEnd, client, failsWith } from "./stage.ts";

/** A sandbox, and repositories in it as alice sees them. */
async function open(context: TestContext) {
  const failures: unknown[] = [];
  const sandbox = await startSandbox({ onFailure: (failure) => failures.push(failure) });
  atEnd(context, async () => {
    await sandbox.close();
    assert.deepEqual(failures, []);
  });
  const registry = client(context, sandbox.host, {
    retries: 10,
    credentials: {
      find: async () => ({
        kind: "basic",
        username: "alice",
        password: "alice-password",
        origin: "test",
      }),
    },
  });
  return { sandbox, repository: (path: string) => registry.repository(path) };
}

for (const storm of [
  "registry 429 retry-after=0 rate=0.2 seed=1",
  "registry 503 retry-after=0 rate=0.2 seed=2",
  "registry reset rate=0.1 seed=3",
  "GET registry cut rate=0.3 seed=4",
  "registry expired nth=6",
  "auth 503 retry-after=0 first=2",
  "registry delay ms=1 jitter=5",
])
  test(`copies in and out get through: ${storm}`, async (context) => {
    const { sandbox, repository } = await open(context);
    const [source, target] = [createMemoryRepository(), createMemoryRepository()];
    const { digest } = await pushPlatforms(source);
    const fault = await sandbox.fail(storm);
    await copy(source, "latest", repository("alice/stormy"), { tag: "v1" });
    await copy(repository("alice/stormy"), "v1", target, { tag: "v1" });
    assert.equal((await target.resolve("v1")).digest, digest);
    assert(fault.hits > 0, "nothing went wrong");
  });

test("a large layer is pushed and pulled over connections that break, and is the same", async (context) => {
  const { sandbox, repository } = await open(context);
  const source = createMemoryRepository();
  const layer = blobOf(300_000);
  await pushImage(source, { tag: "latest", layers: [layer.bytes] });
  await sandbox.fail("PUT /v2/*/blobs/uploads/* reset at=answer nth=1");
  await copy(source, "latest", repository("alice/large"));
  await sandbox.fail("GET /v2/*/blobs/* cut at=100000 first=2");
  await sandbox.fail("GET /v2/*/blobs/* reset at=50000 nth=3");
  const bytes = await bytesOf(await repository("alice/large").fetchBlob(layer.descriptor));
  assert(bytes.equals(layer.bytes));
});

test("wrong bytes are never stored, and a wrong digest never believed", async (context) => {
  const { sandbox, repository } = await open(context);
  const layer = blobOf(100_000);
  const image = await pushImage(createMemoryRepository(), { layers: [layer.bytes] });
  const source = createMemoryRepository();
  await pushImage(source, { tag: "latest", layers: [layer.bytes] });
  await copy(source, "latest", repository("alice/exact"));
  const path = `/v2/*/blobs/${layer.descriptor.digest}`;
  for (const [rule, codes] of [
    [`GET ${path} corrupt at=70000`, ["DIGEST_MISMATCH"]],
    [`GET ${path} truncate at=70000`, ["SIZE_MISMATCH"]],
    [`GET ${path} html status=200`, ["SIZE_MISMATCH"]],
    ["GET /v2/*/manifests/* corrupt", ["DIGEST_MISMATCH", "MANIFEST_INVALID"]],
    ["/v2/*/manifests/* digest", ["MANIFEST_NOT_FOUND", "DIGEST_MISMATCH"]],
    ["GET /v2/*/manifests/* truncate", ["DIGEST_MISMATCH", "MANIFEST_INVALID", "SIZE_MISMATCH"]],
  ] as const) {
    const fault = await sandbox.fail(rule);
    const target = createMemoryRepository();
    await assert.rejects(
      copy(repository("alice/exact"), "latest", target),
      (error) => failsWith(...codes)(error) || assert.fail(`${rule}: ${String(error)}`),
    );
    await assert.rejects(target.resolve("latest"), failsWith("MANIFEST_NOT_FOUND"));
    fault.remove();
  }
  assert.equal((await repository("alice/exact").resolve("latest")).digest, image.digest);
});

test("a token service that is down, or gives what is never good, ends in an error that says so", async (context) => {
  const { sandbox, repository } = await open(context);
  const down = await sandbox.fail("auth html status=503 retry-after=0");
  await assert.rejects(repository("alice/site").resolve("latest"), (error) => {
    assert(failsWith("SERVER_ERROR")(error), String(error));
    assert.match(error.message, /\/token/);
    return true;
  });
  down.remove();
  const before = sandbox.requests.length;
  await sandbox.fail("auth expired");
  await assert.rejects(repository("alice/site").resolve("latest"), failsWith("UNAUTHORIZED"));
  assert(sandbox.requests.length - before < 10);
});

test("a push goes on where the pull limit is met, and a pull says when it may go on", async (context) => {
  const { sandbox, repository } = await open(context);
  await sandbox.fail("GET /v2/*/manifests/* 429 retry-after=7200");
  const { descriptor, bytes } = blobOf(1000);
  await repository("alice/site").pushBlob(descriptor, bytesSource(bytes));
  await assert.rejects(repository("alice/site").fetchManifest("latest"), (error) => {
    assert(failsWith("RATE_LIMITED")(error));
    assert.equal(error.details.retryAfter, 7_200_000);
    assert.match(error.message, /TOOMANYREQUESTS: You have reached your pull rate limit/);
    return true;
  });
});
