import assert from "node:assert/strict";
import { test } from "node:test";

import { startScriptedServer } from "../../test/scripted-server.ts";
import { createHeaders } from "../http/headers.ts";
import { readPullLimit } from "./pullLimit.ts";
import { connectForTest } from "./testing/remote.ts";

test("the limit is read from the head of a manifest, which counts as no pull", async (context) => {
  const server = await startScriptedServer([
    {
      request: { method: "HEAD", path: "/v2/ratelimitpreview/test/manifests/latest" },
      answer: {
        headers: {
          "ratelimit-limit": "100;w=21600",
          "ratelimit-remaining": "76;w=21600",
          "docker-ratelimit-source": "192.0.2.1",
        },
      },
    },
  ]);
  context.after(() => server.close());
  assert.deepEqual(await connectForTest(server.host).pullLimit(), {
    limit: 100,
    remaining: 76,
    window: 6 * 60 * 60 * 1000,
    source: "192.0.2.1",
  });
});

test("a registry that states no limit has none", async (context) => {
  const server = await startScriptedServer([
    { request: { method: "HEAD", path: "/v2/a/b/manifests/v1" }, answer: {} },
  ]);
  context.after(() => server.close());
  const image = { repository: "a/b", reference: "v1" };
  assert.equal(await connectForTest(server.host).pullLimit({ image }), undefined);
});

test("limits are read with and without a window", () => {
  const limit = (text: string) =>
    readPullLimit(
      createHeaders([
        ["RateLimit-Limit", text],
        ["RateLimit-Remaining", "5"],
      ]),
    )?.limit;
  assert.equal(limit("100"), 100);
  assert.equal(limit("100;w=60"), 100);
  assert.equal(limit("200, 100;w=60"), 200);
  assert.equal(limit("many"), undefined);
});
