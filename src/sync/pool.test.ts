import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";

import { Door, forEach } from "./pool.ts";

test("so many run at once, and no more", async () => {
  const done: number[] = [];
  let busy = 0;
  let most = 0;
  await forEach([1, 2, 3, 4, 5, 6, 7], 3, async (item) => {
    most = Math.max(most, (busy += 1));
    await turn();
    busy -= 1;
    done.push(item);
  });
  assert.equal(most, 3);
  assert.deepEqual(done.toSorted(), [1, 2, 3, 4, 5, 6, 7]);
});

test("the first failure lets no other item begin, and what runs is waited for", async () => {
  const begun: number[] = [];
  let ended = 0;
  const work = async (item: number) => {
    begun.push(item);
    await turn();
    ended += 1;
    if (item === 2) throw new Error("two");
  };
  await assert.rejects(forEach([1, 2, 3, 4, 5, 6], 2, work), /two/);
  assert(begun.length <= 4, `${begun.length} began`);
  assert.equal(ended, begun.length);
});

test("items that fail to come are a failure", async () => {
  async function* items() {
    yield 1;
    throw new Error("no more");
  }
  await assert.rejects(
    forEach(items(), 4, async () => {}),
    /no more/,
  );
});

test("a door lets in who comes first, also after a failure", async () => {
  const door = new Door(1);
  const order: number[] = [];
  const pass = (number: number) =>
    door.through(async () => {
      await turn();
      order.push(number);
      if (number === 1) throw new Error("one");
    });
  const results = await Promise.allSettled([pass(1), pass(2), pass(3)]);
  assert.deepEqual(order, [1, 2, 3]);
  assert.equal(results[0]!.status, "rejected");
});
