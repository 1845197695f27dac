import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Gate, pause } from "./gate.ts";

test("each kind of exchange has its own places, given in order", async () => {
  const gate = new Gate(1, 10_000);
  const leave = await gate.enter("brief");
  await gate.enter("sending");
  const order: string[] = [];
  const second = gate.enter("brief").then((left) => (order.push("second"), left));
  const third = gate.enter("brief").then((left) => (order.push("third"), left));
  leave();
  leave();
  (await second)();
  (await third)();
  assert.deepEqual(order, ["second", "third"]);
});

test("who waits can be called off, and takes nobody's place", async () => {
  const gate = new Gate(1, 10_000);
  const leave = await gate.enter("brief");
  const abort = new AbortController();
  const waiting = gate.enter("brief", abort.signal);
  abort.abort();
  await assert.rejects(waiting, { code: "INTERRUPTED" });
  await assert.rejects(gate.enter("brief", AbortSignal.abort()), { code: "INTERRUPTED" });
  leave();
  (await gate.enter("brief"))();
});

test("nobody waits for ever on places that are never given back", async () => {
  const gate = new Gate(1, 10);
  await gate.enter("receiving");
  await gate.enter("receiving");
  await gate.enter("receiving");
});

/** Whether a promise is still pending after some rounds of the event loop. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  void promise.then(() => (pending = false));
  for (let round = 0; round < 5; round += 1) await setImmediate();
  return pending;
}

test("a host that asks for peace gets it", async () => {
  const gate = new Gate(4, 10_000);
  assert(!(await isPending(gate.enter("brief"))));
  gate.hold(30);
  const held = gate.enter("brief");
  assert(await isPending(held));
  await held;
  gate.hold(60_000);
  const abort = new AbortController();
  const waiting = gate.enter("brief", abort.signal);
  abort.abort();
  await assert.rejects(waiting, { code: "INTERRUPTED" });
});

test("where so many a second are allowed, one follows the other", async () => {
  const gate = new Gate(4, 10_000, 25);
  assert(!(await isPending(gate.enter("brief"))));
  const second = gate.enter("brief");
  const third = gate.enter("brief");
  assert(await isPending(second));
  await second;
  assert(await isPending(third));
  await third;
});

test("a pause ends with its signal", async () => {
  const abort = new AbortController();
  const paused = pause(60_000, abort.signal);
  abort.abort();
  await assert.rejects(paused, { code: "INTERRUPTED" });
});

test("a gate is busy while exchanges run, and while it holds them back", async () => {
  const gate = new Gate(1, 1000);
  assert.equal(gate.busy, false);
  const leave = await gate.enter("brief");
  assert.equal(gate.busy, true);
  leave();
  assert.equal(gate.busy, false);
  gate.hold(60_000);
  assert.equal(gate.busy, true);
});
