import assert from "node:assert/strict";
import { test } from "node:test";

import { openKeys } from "./keys.ts";
import { State } from "./state/state.ts";

test("a key that could not be kept is made again, and one that was stays the same", async () => {
  const state = new State(":memory:");
  let isFull = true;
  const set = state.set.bind(state);
  state.set = (name, value) => {
    if (isFull) throw new Error("the disk is full");
    set(name, value);
  };
  const keys = openKeys(state);
  await assert.rejects(keys.registry(), /the disk is full/);
  await assert.rejects(keys.certificate(), /the disk is full/);
  isFull = false;
  const { privateKey } = await keys.registry();
  assert((await openKeys(state).registry()).privateKey.equals(privateKey));
  assert.equal(await keys.certificate(), await openKeys(state).certificate());
});
