import assert from "node:assert/strict";
import { test } from "node:test";

import { Line } from "./line.ts";

test("turns come in the order in which places were taken", async () => {
  const line = new Line();
  const places = [line.enter(), line.enter(), line.enter()];
  assert.deepEqual(
    places.map(({ first }) => first),
    [true, false, false],
  );
  const order: number[] = [];
  const walks = places.map(async (place, at) => {
    await place.turn();
    order.push(at);
    place.leave();
  });
  await Promise.all(walks.toReversed());
  assert.deepEqual(order, [0, 1, 2]);
  assert.ok(line.enter().first);
});

test("who leaves before their turn does not let others past those in front", async () => {
  const line = new Line();
  const [first, second, third] = [line.enter(), line.enter(), line.enter()];
  second.leave();
  let passed = false;
  const waiting = third.turn().then(() => (passed = true));
  await new Promise(setImmediate);
  assert.ok(!passed);
  first.leave();
  await waiting;
});

test("waiting can be given up", async () => {
  const line = new Line();
  line.enter();
  const second = line.enter();
  const abort = new AbortController();
  const waiting = second.turn(abort.signal);
  abort.abort();
  await assert.rejects(waiting, { code: "INTERRUPTED" });
  await assert.rejects(second.turn(AbortSignal.abort()), { code: "INTERRUPTED" });
});
