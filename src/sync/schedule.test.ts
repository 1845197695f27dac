import assert from "node:assert/strict";
import { test } from "node:test";

import { repeat } from "./schedule.ts";

/** Runs rounds that take `took` milliseconds of a clock of their own, until there were three. */
async function rounds(took: number, random: number): Promise<number[]> {
  const stop = new AbortController();
  const waits: number[] = [];
  let time = 0;
  await repeat(
    async () => {
      time += took;
    },
    {
      every: 20,
      signal: stop.signal,
      random: () => random,
      now: () => time,
      onWait(wait) {
        waits.push(wait);
        if (waits.length === 3) stop.abort();
      },
    },
  );
  return waits;
}

test("a round begins an interval after the last one, give or take a tenth", async () => {
  assert.deepEqual(await rounds(5, 0.5), [15, 15, 15]);
  assert.deepEqual(await rounds(5, 0), [13, 13, 13]);
  assert.deepEqual(await rounds(5, 1), [17, 17, 17]);
});

test("a round that took longer than the interval is followed by the next", async () => {
  assert.deepEqual(await rounds(100, 0.5), [0, 0, 0]);
});

test("an abort in a pause is the orderly end, a failure of a round is not", async () => {
  const stop = new AbortController();
  let runs = 0;
  const work = async () => void (runs += 1);
  const onWait = () => stop.abort();
  await repeat(work, { every: 1e8, signal: stop.signal, onWait });
  assert.equal(runs, 1);
  const failing = repeat(() => Promise.reject(new Error("broken")), {
    every: 1e8,
    signal: new AbortController().signal,
  });
  await assert.rejects(failing, /broken/);
});
