import assert from "node:assert/strict";
import { test } from "node:test";
import { Recent } from "./recent.ts";

test("what is used stays the same, and what was not used for longest is forgotten", () => {
  const recent = new Recent<object>(2);
  const [a, b] = [recent.get("a", () => ({})), recent.get("b", () => ({}))];
  assert.equal(recent.get("a", assert.fail), a);
  recent.get("c", () => ({}));
  assert.equal(recent.get("a", assert.fail), a);
  assert.notEqual(
    recent.get("b", () => ({})),
    b,
  );
  assert.equal([...recent.values()].length, 2);
});

test("what must be kept is kept", () => {
  const recent = new Recent<string>(2, (value) => value === "busy");
  recent.get("a", () => "busy");
  for (const name of ["b", "c", "d"]) recent.get(name, () => name);
  assert.deepEqual([...recent.values()], ["busy", "d"]);
});
