import assert from "node:assert/strict";
import { test } from "node:test";

import { listOf, objectOf, objectsOf, textOf, textsOf } from "./lenient.ts";

test("what is not as it should be is as good as absent", () => {
  for (const other of [undefined, null, 7, "text", ["list"]]) assert.deepEqual(objectOf(other), {});
  for (const other of [undefined, null, 7, "text", { length: 1 }])
    assert.deepEqual(listOf(other), []);
  assert.deepEqual(objectsOf([{ a: 1 }, null, "b", ["c"], { d: 2 }]), [{ a: 1 }, { d: 2 }]);
  assert.deepEqual(textsOf(["a", "", 7, null]), ["a", ""]);
  assert.deepEqual(["a", "", 7, null, undefined].map(textOf), ["a", null, null, null, null]);
});
