/** What happens to tags of Docker Hub while it counts the calls. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { type Pair, type Reply, startScriptedServer } from "../../test/scripted-server.ts";
import { isError } from "../errors.ts";
import { createHub } from "../hub/client/hub.ts";
import { digestOf } from "../reference/digest.ts";
import { createMemoryRepository } from "../store/memory.ts";
import { deleteHubTags, HubTags } from "./hubTags.ts";

const [old, fresh] = ["old", "fresh"].map((word) => digestOf(Buffer.from(word)));
const path = (tag: string) => `/v2/repositories/acme/app/tags/${tag}`;
const plan = (...tags: string[]) => ({
  tags: tags.map(
    (tag) =>
      ({ tag, digest: old!, action: "prune", reason: "matched", source: "unknown" }) as const,
  ),
});

/** @param wait what Docker Hub says beside its first refusal to delete `first` */
async function open(t: TestContext, wait: string, refused: () => void = () => {}) {
  let names = old;
  const found = (): Reply => ({ body: { name: "tag", digest: names, images: [] } });
  const script: Pair[] = [
    {
      request: { method: "DELETE", path: `${path("first")}/` },
      times: 1,
      answer() {
        refused();
        return { status: 429, headers: { "retry-after": wait }, body: { detail: "Rate limit" } };
      },
    },
    { request: { method: "GET", path: /\/tags\/\w+/ }, answer: found },
    { request: { method: "DELETE", path: /./ }, answer: { status: 204 } },
    {
      request: { method: "POST", path: "/v2/auth/token" },
      answer: { body: { access_token: "of-the-session" } },
    },
  ];
  const server = await startScriptedServer(script);
  const hub = createHub({
    url: server.url.href,
    credentials: { kind: "secret", identifier: "acme", secret: "dckr_pat_unused" },
    environment: {},
  });
  t.after(async () => {
    await hub.close();
    await server.close();
  });
  const place = { namespace: "acme", repository: "app" };
  const deleted = () =>
    server.requests.filter(({ method }) => method === "DELETE").map((each) => each.path);
  return {
    tags: new HubTags(hub, place, createMemoryRepository()),
    deleted,
    move: () => (names = fresh),
  };
}

test("who has used up the calls of a minute waits, and goes on", async (t) => {
  const { tags, deleted } = await open(t, "0");
  const counts = await deleteHubTags(tags, plan("first", "second"), { concurrency: 1 });
  assert.deepEqual(counts, { deleted: 2, left: 0, failed: 0 });
  assert.deepEqual(
    deleted(),
    ["first", "first", "second"].map((tag) => `${path(tag)}/`),
  );
});

test("a tag that is moved during the wait is left alone", async (t) => {
  const hub = await open(t, "0", () => hub.move());
  const counts = await deleteHubTags(hub.tags, plan("first"));
  assert.deepEqual(counts, { deleted: 0, left: 1, failed: 0 });
  assert.equal(hub.deleted().length, 1);
});

test("who would have to wait for long is told so", async (t) => {
  const { tags, deleted } = await open(t, "3600");
  await assert.rejects(
    deleteHubTags(tags, plan("first", "second"), { concurrency: 1 }),
    (error) => isError(error, "RATE_LIMITED") && error.details.retryAfter === 3_600_000,
  );
  assert.equal(deleted().length, 1);
});

test("Ctrl-C ends the wait", async (t) => {
  const end = new AbortController();
  const { tags, deleted } = await open(t, "60", () => setImmediate(() => end.abort()));
  await assert.rejects(deleteHubTags(tags, plan("first"), { signal: end.signal }), (error) =>
    isError(error, "INTERRUPTED"),
  );
  assert.equal(deleted().length, 1);
});
