import assert from "node:assert/strict";
import { test } from "node:test";

import { Growth } from "./growth.ts";

const mebibyte = 1024 * 1024;

/**
 * Plays a download of 1 GiB whose rate depends on the number of connections.
 * @param rate MiB in a second
 * @param options.starved share of the time that we wait for the network
 * @returns the number of connections at the end, and the most
 */
function play(rate: (connections: number) => number, { most = 4, starved = 0.9 } = {}) {
  let now = 0;
  let connections = 1;
  let highest = 1;
  let left = 1024 * mebibyte;
  const growth = new Growth({ most, now: () => now });
  while (left > 0) {
    now += 10;
    const bytes = rate(connections) * mebibyte * 0.01;
    left -= bytes;
    const waited = 10 * connections * starved;
    const advice = growth.came({ bytes, waited, left, connections });
    if (advice === "grow") connections += 1;
    if (advice === "shrink") connections -= 1;
    highest = Math.max(highest, connections);
  }
  return { connections, highest };
}

test("connections are added while each makes the whole faster", () => {
  assert.deepEqual(
    play((connections) => 30 * connections),
    { connections: 4, highest: 4 },
  );
});

test("one that brings nothing is given up, and no other tried", () => {
  assert.deepEqual(
    play(() => 50),
    { connections: 1, highest: 2 },
  );
  assert.deepEqual(
    play((connections) => 40 * Math.min(connections, 2)),
    { connections: 2, highest: 3 },
  );
});

test("where the machine is the limit none is added", () => {
  assert.equal(play((connections) => 100 * connections, { starved: 0.2 }).highest, 1);
});

test("for what is left of a short download none is added", () => {
  assert.equal(play(() => 900).highest, 1);
});

test("one connection at most is one connection", () => {
  assert.equal(play((connections) => 30 * connections, { most: 1 }).highest, 1);
});
