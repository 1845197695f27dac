import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { mediaTypes } from "../reference/descriptor.ts";
import { imageManifest, startTestRegistry } from "./testing/registry.ts";

const start = (t: TestContext) =>
  startTestRegistry(t, {
    isImmutable: (name, tag) => name === "released" && tag.startsWith("v"),
  });

test("an immutable tag takes its first manifest, and the same again, but no other", async (t) => {
  const registry = await start(t);
  const digest = await registry.pushImage("released", "v1", "one");
  assert.equal(await registry.pushImage("released", "v1", "one"), digest);
  const config = await registry.pushBlob("released", "{}");
  const refused = await registry.request("PUT", "/v2/released/manifests/v1", {
    headers: { "content-type": mediaTypes.ociManifest },
    body: imageManifest({ config, annotations: { label: "two" } }),
  });
  assert.deepEqual([refused.status, refused.code], [403, "DENIED"]);
  assert.match(refused.json.errors[0]!.message, /tag v1 of released is immutable/);
  await registry.pushImage("released", "latest", "one");
  await registry.pushImage("released", "latest", "two");
  await registry.pushImage("elsewhere", "v1", "one");
  await registry.pushImage("elsewhere", "v1", "two");
});

test("it is not deleted, neither by its name nor with its manifest", async (t) => {
  const registry = await start(t);
  const digest = await registry.pushImage("released", "v1", "one");
  await registry.pushImage("released", "latest", "one");
  for (const reference of ["v1", digest]) {
    const refused = await registry.request("DELETE", `/v2/released/manifests/${reference}`);
    assert.deepEqual([refused.status, refused.code], [403, "DENIED"], reference);
  }
  const deleted = await registry.request("DELETE", "/v2/released/manifests/latest");
  assert.equal(deleted.status, 202);
  const there = await registry.request("HEAD", "/v2/released/manifests/v1");
  assert.equal(there.headers["docker-content-digest"], digest);
});

test("of several tags in one push all are set, or none", async (t) => {
  const registry = await start(t);
  await registry.pushImage("released", "v1", "one");
  const config = await registry.pushBlob("released", "{}");
  const refused = await registry.request("PUT", "/v2/released/manifests/new?tag=newer&tag=v1", {
    headers: { "content-type": mediaTypes.ociManifest },
    body: imageManifest({ config, annotations: { label: "two" } }),
  });
  assert.equal(refused.code, "DENIED");
  const { json } = await registry.request("GET", "/v2/released/tags/list");
  assert.deepEqual(json.tags, ["v1"]);
});

test("of many that push at once, one is the first", async (t) => {
  const registry = await start(t);
  const config = await registry.pushBlob("released", "{}");
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      registry.request("PUT", "/v2/released/manifests/v1", {
        headers: { "content-type": mediaTypes.ociManifest },
        body: imageManifest({ config, annotations: { label: String(n) } }),
      }),
    ),
  );
  assert.equal(answers.filter(({ status }) => status === 201).length, 1);
  assert.equal(answers.filter(({ status }) => status === 403).length, 7);
});
