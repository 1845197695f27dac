import assert from "node:assert/strict";
import { test } from "node:test";
import { isError } from "../errors.ts";
import { Flights } from "./flights.ts";
import { latch } from "./testing/servers.ts";

test("callers at the same time share the work, later ones do it again", async () => {
  const flights = new Flights<number>();
  let runs = 0;
  const work = async (): Promise<number> => (runs += 1);
  assert.deepEqual(await Promise.all([flights.run("a", work), flights.run("a", work)]), [1, 1]);
  assert.equal(await flights.run("a", work), 2);
  assert.equal(await flights.run("b", work), 3);
});

test("a caller that aborts leaves alone", async () => {
  const flights = new Flights<string>();
  const land = latch<string>();
  let aborted: AbortSignal | undefined;
  const work = (signal: AbortSignal): Promise<string> => {
    aborted = signal;
    return land.opened;
  };
  const controller = new AbortController();
  const first = flights.run("a", work, controller.signal);
  const second = flights.run("a", work);
  controller.abort();
  await assert.rejects(first, (error) => isError(error, "INTERRUPTED"));
  assert.equal(aborted?.aborted, false);
  land.open("here");
  assert.equal(await second, "here");
});

test("when the last caller has left the work is aborted, and the next one begins anew", async () => {
  const flights = new Flights<string>();
  let runs = 0;
  const work = (signal: AbortSignal): Promise<string> => {
    runs += 1;
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });
  };
  for (const time of [1, 2]) {
    const controller = new AbortController();
    const waiting = flights.run("a", work, controller.signal);
    controller.abort();
    await assert.rejects(waiting, (error) => isError(error, "INTERRUPTED"));
    assert.equal(runs, time);
  }
});

test("a failure reaches all who wait and is forgotten", async () => {
  const flights = new Flights<string>();
  const fail = (): Promise<string> => Promise.reject(new Error("no"));
  await Promise.all([
    assert.rejects(flights.run("a", fail), /no/),
    assert.rejects(flights.run("a", fail), /no/),
  ]);
  assert.equal(await flights.run("a", async () => "yes"), "yes");
});

test("an aborted caller starts nothing", async () => {
  const flights = new Flights<string>();
  const never = (): Promise<string> => assert.fail("started");
  await assert.rejects(flights.run("a", never, AbortSignal.abort()), (error) =>
    isError(error, "INTERRUPTED"),
  );
});
