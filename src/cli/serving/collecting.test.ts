import assert from "node:assert/strict";
import { test } from "node:test";

import { WharfError } from "../../errors.ts";
import type { CollectOptions } from "../../store/collection/garbage/collect.ts";
import { createMemoryCollection } from "../../store/memory.ts";
import { fakeOutput } from "../testing/output.ts";
import { collectingPart, readCollecting } from "./collecting.ts";

const flags = {
  memory: false,
  "gc-interval": undefined,
  "gc-untagged": false,
  "gc-grace": undefined,
  "upload-expiry": "7d",
};
const none = { manifests: 0, blobs: 0, bytes: 0 };
const nothing = { ...none, repositories: [], leftovers: none, unreadable: [] };

test("nothing is collected unless somebody asks for it", () => {
  const { interval, uploadAge } = readCollecting(flags);
  assert.deepEqual([interval, uploadAge], [undefined, 7 * 24 * 3600_000]);
  assert.deepEqual(
    collectingPart(readCollecting(flags), createMemoryCollection(), fakeOutput().output),
    {},
  );
});

test("flags that mean nothing without an interval, or with memory, are refused", () => {
  for (const wrong of [
    { "gc-untagged": true },
    { "gc-grace": "1h" },
    { "gc-interval": "soon" },
    { "gc-interval": "0" },
    { "gc-interval": "1d", memory: true },
    { "upload-expiry": "0" },
  ])
    assert.throws(() => readCollecting({ ...flags, ...wrong }), { code: "USAGE" });
});

test("it is done once in an interval, told where there was something, and ends with the server", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const { output, said } = fakeOutput();
  const results = [nothing, { ...nothing, manifests: 1, blobs: 2, bytes: 3000 }];
  const calls: CollectOptions[] = [];
  const collection = {
    ...createMemoryCollection(),
    async collectGarbage(options: CollectOptions) {
      calls.push(options);
      const result = results.shift();
      if (result) return result;
      throw new WharfError("FILE_FAILED", "/data: permission denied");
    },
  };
  const collecting = readCollecting({ ...flags, "gc-interval": "1h", "gc-untagged": true });
  const part = collectingPart(collecting, collection, output);
  part.started?.({} as never);
  for (const count of [0, 1, 2, 3]) {
    assert.equal(calls.length, count);
    t.mock.timers.tick(3600_000);
    // What was begun is over, and the next is due.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }
  assert.equal(calls[0]?.untagged, true);
  const lines = said.stderr
    .split("\n")
    .map((line) => line.replace(/^\S+Z /, "").replace(/ in .*/, ""));
  assert.deepEqual(lines.slice(0, 2), [
    "collected: 1 manifest, 2 blobs, 2.9 KiB",
    "failed: collecting garbage: FILE_FAILED: /data: permission denied",
  ]);
  await part.close?.();
  assert.ok(calls.at(-1)?.signal?.aborted);
  const { length } = calls;
  t.mock.timers.tick(24 * 3600_000);
  assert.equal(calls.length, length);
});
