import assert from "node:assert/strict";
import { test } from "node:test";

import { closeAll, optionsOf } from "./part.ts";

test("every part that listens is told", () => {
  const told: string[] = [];
  const { onFailure, port } = optionsOf([
    { options: { onFailure: () => told.push("first"), port: 1 } },
    {},
    { options: { onFailure: () => told.push("second") } },
  ]);
  onFailure?.(new Error("x"), {} as never);
  assert.deepEqual([told, port], [["first", "second"], 1]);
});

test("all parts are closed, the newest first, even where one fails", async () => {
  const closed: string[] = [];
  const part = (name: string, fails = false) => ({
    async close() {
      closed.push(name);
      if (fails) throw new Error(name);
    },
  });
  await assert.rejects(closeAll([part("a"), part("b", true), {}, part("c")]), /^Error: b$/);
  assert.deepEqual(closed, ["c", "b", "a"]);
});
