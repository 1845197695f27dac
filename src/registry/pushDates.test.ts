import assert from "node:assert/strict";
import { test } from "node:test";
import { startScriptedServer } from "../../test/scripted-server.ts";
import { collect, connectForTest } from "./testing/remote.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const list = { method: "GET", path: "/v2/a/b/tags/list" };

test("Google's lists say when tags were pushed, page by page", async (context) => {
  const server = await startScriptedServer([
    {
      request: { ...list, query: { last: "b" } },
      answer: {
        body: {
          tags: ["c"],
          manifest: { [digest("3")]: { tag: ["c"], timeUploadedMs: "1700000003000" } },
        },
      },
    },
    {
      request: list,
      answer: {
        headers: { link: '</v2/a/b/tags/list?last=b>; rel="next"' },
        body: {
          tags: ["a", "b"],
          manifest: {
            [digest("1")]: { tag: ["a", "b"], timeUploadedMs: "1700000001000", timeCreatedMs: "0" },
            [digest("2")]: { tag: [], timeUploadedMs: "1700000002000" },
            [digest("4")]: { tag: ["x"], timeUploadedMs: "soon" },
            [digest("5")]: null,
            "no digest": { tag: ["a"], timeUploadedMs: "1" },
          },
        },
      },
    },
  ]);
  context.after(() => server.close());
  const registry = connectForTest(server.host);
  context.after(() => registry.close());
  const repository = registry.repository("a/b");
  assert.deepEqual(await collect(repository.listTags()), ["a", "b", "c"]);
  assert.deepEqual(await collect(repository.pushDates(new Set(["a", "c", "x"]))), [
    { tag: "a", pushed: 1_700_000_001_000, digest: digest("1") },
    { tag: "c", pushed: 1_700_000_003_000, digest: digest("3") },
  ]);
});

test("other registries are not asked", async (context) => {
  const server = await startScriptedServer([{ request: list, answer: { body: { tags: ["a"] } } }]);
  context.after(() => server.close());
  const registry = connectForTest(server.host);
  context.after(() => registry.close());
  const repository = registry.repository("a/b");
  await collect(repository.listTags());
  await assert.rejects(collect(repository.pushDates(new Set(["a"]))), { code: "UNSUPPORTED" });
  assert.equal(server.requests.length, 1);
});
