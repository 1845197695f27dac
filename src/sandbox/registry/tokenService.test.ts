import assert from "node:assert/strict";
import { test } from "node:test";

import { createAccount } from "../accounts/accounts.ts";
import { join } from "../accounts/membership.ts";
import { claimsOf } from "../caller.ts";
import { openKeys } from "../keys.ts";
import { createRepository } from "../repositories.ts";
import { State } from "../state/state.ts";
import { service } from "./signing.ts";
import { answerToken, readTokenRequest, refreshToken } from "./tokenService.ts";

const now = Date.parse("2026-05-01T12:00:00Z");

function open() {
  const state = new State(":memory:");
  const alice = createAccount(state, { name: "alice", password: "alice-password" }, now);
  const library = createAccount(state, { name: "library", type: "Organization" }, now);
  join(state, library, alice, "owner", now);
  createRepository(state, library, { name: "hello" }, now);
  createRepository(state, alice, { name: "site" }, now);
  const keys = openKeys(state);
  const granted = async (path: string) => {
    const { body } = await answerToken(state, keys, now, {
      service,
      scopes: [`repository:${path}:pull,push`],
      basic: { user: "alice", password: "alice-password" },
      offline: false,
    });
    const [access] = claimsOf(String(body["token"]))!["access"] as { actions: string[] }[];
    return access?.actions.join() ?? "";
  };
  return { state, alice, granted };
}

test("a token is for the one name by which Hub knows a repository", async () => {
  const { granted } = open();
  for (const path of ["alice/site", "alice/new", "alice/a__b", "library/hello", "library/new"])
    assert.equal(await granted(path), "pull,push", path);
  // Other spellings would be content that Hub knows nothing of, or under another name.
  const others = [
    "hello",
    "new",
    "_/hello",
    "Alice/site",
    "alice/Site",
    "alice/a/b",
    "alice/site/b",
  ];
  for (const path of [...others, "alice/", "/site", "alice/.", "alice/__proto__", "alice/a b"])
    assert.equal(await granted(path), "", path);
});

test("user and password are what stands before and after the first colon", () => {
  const basicOf = (text: string) =>
    readTokenRequest(new URLSearchParams(), `Basic ${Buffer.from(text).toString("base64")}`).basic;
  assert.deepEqual(basicOf("alice:a:b"), { user: "alice", password: "a:b" });
  assert.deepEqual(basicOf("alice"), { user: "alice", password: "" });
});

test("refresh tokens that have ended are not kept", () => {
  const { state, alice } = open();
  refreshToken(state, { account: alice }, now);
  refreshToken(state, { account: alice }, now + 31 * 24 * 3600_000);
  assert.equal(state.count("SELECT count(*) AS count FROM refresh_tokens"), 1);
});
