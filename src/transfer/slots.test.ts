import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";

import { isError } from "../errors.ts";
import { Batch } from "./batch.ts";
import { Host, Hosts, largeSize, Slots } from "./slots.ts";

/** A job that runs until it is told to end. */
function held(started: string[], name: string) {
  let end!: () => void;
  const over = new Promise<void>((resolve) => (end = resolve));
  const work = async () => {
    started.push(name);
    await over;
  };
  return { work, end };
}

test("no host gets more than its limit, and every job ends, whatever the mix", async () => {
  const job = fc.record({
    lane: fc.constantFrom("source" as const, "target" as const, "both" as const),
    size: fc.constantFrom(0, 10, largeSize, 5 * largeSize),
    turns: fc.nat(3),
  });
  const limits = fc.integer({ min: 1, max: 4 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(job, { maxLength: 60 }),
      limits,
      limits,
      fc.boolean(),
      async (jobs, a, b, shared) => {
        const source = new Host(a);
        const target = shared ? source : new Host(b);
        const slots = new Slots();
        const lanes = {
          source: slots.lane(source),
          target: slots.lane(target),
          both: slots.lane(source, target),
        };
        const batch = new Batch();
        let done = 0;
        await batch.all(
          jobs.map(({ lane, size, turns }) =>
            slots.run(
              lanes[lane],
              batch,
              async () => {
                assert(source.busy <= source.limit && target.busy <= target.limit);
                for (let at = 0; at < turns; at++) await turn();
                done += 1;
              },
              size,
            ),
          ),
        );
        assert.equal(done, jobs.length);
        assert.equal(source.busy + target.busy, 0);
      },
    ),
    { numRuns: 50 },
  );
});

test("large jobs start with the largest, and leave room for small ones", async () => {
  const slots = new Slots();
  const lane = slots.lane(new Host(3));
  const batch = new Batch();
  const started: string[] = [];
  const block = held(started, "first");
  const jobs = [slots.run(lane, batch, block.work)];
  const wait = held(started, "second");
  jobs.push(slots.run(lane, batch, wait.work), slots.run(lane, batch, held(started, "third").work));
  started.length = 0;
  for (const [name, size] of [
    ["small", 1],
    ["10", 10 * largeSize],
    ["30", 30 * largeSize],
    ["20", 20 * largeSize],
  ] as const) {
    const { work, end } = held(started, name);
    jobs.push(slots.run(lane, batch, work, size));
    end();
  }
  block.end();
  await turn();
  assert.deepEqual(started, ["30", "20", "10", "small"]);
  batch.fail(new Error("over"));
  wait.end();
});

test("while small jobs wait, large ones leave a third of the slots to them", async () => {
  const slots = new Slots();
  const lane = slots.lane(new Host(6));
  const batch = new Batch();
  const started: string[] = [];
  const gate = Array.from({ length: 6 }, () => held([], ""));
  for (const { work } of gate) void slots.run(lane, batch, work);
  for (let at = 0; at < 10; at++) {
    void slots.run(lane, batch, held(started, "small").work, 1);
    void slots.run(lane, batch, held(started, "large").work, largeSize);
  }
  for (const { end } of gate) end();
  await turn();
  assert.deepEqual(started.toSorted(), ["large", "large", "large", "large", "small", "small"]);
});

test("a job that fails, even before its first wait, gives its slot back", async () => {
  const slots = new Slots();
  const lane = slots.lane(new Host(1));
  const batch = new Batch();
  const fail = () => {
    throw new Error("broken");
  };
  await assert.rejects(slots.run(lane, batch, fail), /broken/);
  assert.equal(await slots.run(lane, batch, async () => "next"), "next");
});

test("what waits for a slot is let go when its batch fails, and does not hold up others", async () => {
  const slots = new Slots();
  const lane = slots.lane(new Host(1));
  const [one, other] = [new Batch(), new Batch()];
  const block = held([], "");
  const running = slots.run(lane, other, block.work);
  const waiting = slots.run(lane, one, async () => assert.fail("must not start"));
  const next = slots.run(lane, other, async () => "started");
  one.fail(new Error("broken"));
  await assert.rejects(waiting, (error) => isError(error, "INTERRUPTED"));
  block.end();
  await running;
  assert.equal(await next, "started");
});

test("sessions that share hosts keep to one limit between them", async () => {
  const hosts = new Hosts(2);
  const batch = new Batch();
  let busy = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, (busy += 1));
    await turn();
    busy -= 1;
  };
  const lanes = [
    hosts.lane("reading", "a.example"),
    hosts.lane("both", "a.example", "b.example"),
    hosts.lane("both", "a.example", "c.example"),
  ];
  assert.equal(hosts.lane("reading", "a.example"), lanes[0]);
  const jobs = Array.from({ length: 30 }, (_, i) => hosts.slots.run(lanes[i % 3]!, batch, work));
  await Promise.all(jobs);
  assert.equal(most, 2);
});
