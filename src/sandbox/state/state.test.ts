import assert from "node:assert/strict";
import { test } from "node:test";

import { State } from "./state.ts";

test("a disk that fills in a transaction is told of as that, and the next one finds nothing of it", (context) => {
  const state = new State(":memory:");
  context.after(() => state.close());
  state.all("PRAGMA max_page_count = 200");
  assert.throws(
    () =>
      state.transaction(() => {
        for (let count = 0; count < 1000; count += 1) state.set(`n${count}`, "x".repeat(4000));
      }),
    /full/,
  );
  state.transaction(() => state.set("next", "one"));
  assert.equal(state.setting("n0"), undefined);
  assert.equal(state.setting("next"), "one");
});
