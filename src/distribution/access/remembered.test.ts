import assert from "node:assert/strict";
import { test } from "node:test";

import { Remembered } from "./remembered.ts";
import { stoppedClock } from "./testing.ts";

test("what is remembered is found until its time is over", () => {
  const clock = stoppedClock();
  const memory = new Remembered<number>(10, clock.now);
  memory.set("a", 1, 100);
  clock.move(99);
  assert.equal(memory.get("a"), 1);
  clock.move(1);
  assert.equal(memory.get("a"), undefined);
});

test("where there is no room the oldest is forgotten", () => {
  const memory = new Remembered<number>(2, () => 0);
  memory.set("a", 1, 1);
  memory.set("b", 2, 1);
  memory.set("a", 3, 1);
  memory.set("c", 4, 1);
  assert.deepEqual(
    ["a", "b", "c"].map((name) => memory.get(name)),
    [3, undefined, 4],
  );
});

test("names differ with each text and between processes, and hold nothing of the texts", () => {
  const memory = new Remembered(1, () => 0);
  const name = memory.nameOf("user", "password");
  assert.equal(name, memory.nameOf("user", "password"));
  assert.notEqual(name, memory.nameOf("userp", "assword"));
  assert.notEqual(name, new Remembered(1, () => 0).nameOf("user", "password"));
  assert(!name.includes("password"));
});
