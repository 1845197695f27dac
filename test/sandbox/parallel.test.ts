/** Many at once: what one request does, it does whole. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { collect } from "../../src/hub/testing/stage.ts";
import { stage } from "./stage.ts";

test("two thousand mixed calls at once leave everything as if they had come one by one", async (context) => {
  const { as } = await stage(context);
  const [alice, dave] = [as("alice"), as("dave")];
  const site = { namespace: "alice", repository: "site" };
  const made: string[] = [];
  const calls = Array.from({ length: 500 }, (_, number) => [
    dave.stars.add(site),
    alice.repositories.create({ namespace: "alice", name: `box-${number % 250}` }).then(
      ({ name }) => made.push(name),
      () => 0,
    ),
    alice.accessTokens.create({ token_label: `token ${number}`, scopes: ["repo:read"] }),
    alice.repositories.get(site),
  ]);
  await Promise.all(calls.flat());
  assert.equal(made.length, 250, "of two that make the same repository one succeeds");
  assert.equal((await alice.repositories.get(site)).star_count, 1);
  assert.equal((await alice.repositories.list({ namespace: "alice", name: "box-" })).count, 250);
  const tokens = await collect(alice.accessTokens.list());
  assert.equal(new Set(tokens.map(({ token_label }) => token_label)).size, 500);
});

test("of twenty deletions of a tag one succeeds, and both halves agree", async (context) => {
  const { as } = await stage(context);
  const alice = as("alice");
  const tag = { namespace: "harbour", repository: "api", tag: "latest" };
  const results = await Promise.allSettled(
    Array.from({ length: 20 }, () => alice.tags.delete(tag)),
  );
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
  assert.equal(await alice.tags.check(tag), false);
  assert.equal(await alice.tags.check({ ...tag, tag: "v1.2.0" }), true);
});
