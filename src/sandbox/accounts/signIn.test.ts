import assert from "node:assert/strict";
import { test } from "node:test";

import { State } from "../state/state.ts";
import { createAccount } from "./accounts.ts";
import { forgetWrong, lockedFor, signIn } from "./signIn.ts";

const now = Date.parse("2026-05-01T12:00:00Z");

test("after ten wrong secrets a name is locked for ten minutes, however it is written", () => {
  const state = new State(":memory:");
  createAccount(state, { name: "alice", password: "alice-password" }, now);
  for (let number = 0; number < 10; number += 1)
    assert.deepEqual(signIn(state, number % 2 ? "ALICE" : "alice", "wrong", now), { wait: 0 });
  assert.deepEqual(signIn(state, "Alice", "alice-password", now), { wait: 600_000 });
  assert("account" in signIn(state, "alice", "alice-password", now + 600_000));
  forgetWrong(state, "alice");
  assert.equal(lockedFor(state, "alice", now), 0);
});

test("of names that nobody can have nothing is kept", () => {
  const state = new State(":memory:");
  signIn(state, "x".repeat(1_000_000), "wrong", now);
  assert.equal(state.count("SELECT count(*) AS count FROM wrong_logins"), 0);
});
