import assert from "node:assert/strict";
import { test } from "node:test";

import { isError, WharfError } from "../errors.ts";
import { Batch } from "./batch.ts";
import { Flights } from "./flights.ts";

const digest = `sha256:${"0".repeat(64)}`;

function gate() {
  let open!: () => void;
  let fail!: (error: unknown) => void;
  const promise = new Promise<void>((resolve, reject) => ([open, fail] = [resolve, reject]));
  return { promise, open, fail };
}

test("work is done once, and everybody waits for it", async () => {
  const flights = new Flights();
  const batch = new Batch();
  const { promise, open } = gate();
  let count = 0;
  const work = () => ((count += 1), promise);
  const all = Promise.all([1, 2, 3].map(() => flights.once(digest, batch, work)));
  open();
  assert.deepEqual(await all, [true, false, false]);
  assert.equal(await flights.once(digest, batch, work), false);
  assert.equal(count, 1);
});

test("a failure is everybody's, and may be tried again", async () => {
  const flights = new Flights();
  const broken = async () => {
    throw new WharfError("BLOB_NOT_FOUND", "no");
  };
  const results = await Promise.allSettled([
    flights.once(digest, new Batch(), broken),
    flights.once(digest, new Batch(), async () => assert.fail("not tried")),
  ]);
  assert(results.every(({ status }) => status === "rejected"));
  assert.equal(await flights.once(digest, new Batch(), async () => {}), true);
});

test("work that was stopped for another reason falls to whoever still needs it", async () => {
  const flights = new Flights();
  const [one, other] = [new Batch(), new Batch()];
  const { promise, fail } = gate();
  const first = flights.once(digest, one, () => promise);
  const second = flights.once(digest, other, async () => {});
  one.fail(new Error("something else"));
  fail(new WharfError("INTERRUPTED", "stopped"));
  await assert.rejects(first, (error) => isError(error, "INTERRUPTED"));
  assert.equal(await second, true);
});

test("who waits for another's work is let go when its own batch fails", async () => {
  const flights = new Flights();
  const [one, other] = [new Batch(), new Batch()];
  const { promise, open } = gate();
  const first = flights.once(digest, one, () => promise);
  const second = flights.once(digest, other, async () => {});
  other.fail(new Error("enough"));
  await assert.rejects(second, (error) => isError(error, "INTERRUPTED"));
  open();
  assert.equal(await first, true);
});
