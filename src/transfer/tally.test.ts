import assert from "node:assert/strict";
import { test } from "node:test";

import { mediaTypes } from "../reference/descriptor.ts";
import type { CopyEvent } from "./event.ts";
import { Tally } from "./tally.ts";

const blob = (size: number) => ({
  mediaType: mediaTypes.ociLayer,
  digest: `sha256:${"0".repeat(64)}`,
  size,
});

test("the progress of a blob is told in steps, and when it goes back", () => {
  const events: CopyEvent[] = [];
  const report = new Tally("1.0", (event) => events.push(event)).progressOf(blob(1 << 30))!;
  for (let bytes = 0; bytes <= 1 << 30; bytes += 1 << 16) report(bytes);
  assert(events.length > 200 && events.length <= 258, `${events.length} events`);
  report(5);
  const last = events.at(-1);
  assert(last?.type === "blob" && last.bytes === 5);
});

test("where nobody listens nothing is reported", () => {
  assert.equal(new Tally("1.0").progressOf(blob(1)), undefined);
});

test("events do not carry embedded data", () => {
  const events: CopyEvent[] = [];
  new Tally("1.0", (event) => events.push(event)).blob("found", { ...blob(1), data: "eA==" });
  assert(!JSON.stringify(events).includes("eA=="));
});
