import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { Ranges } from "./ranges.ts";

const span = fc
  .tuple(fc.nat(60), fc.nat(20))
  .map(([start, length]) => ({ start, end: start + length }));

test("ranges hold what a set of bytes holds, in whichever order they come", () => {
  fc.assert(
    fc.property(fc.array(span, { maxLength: 20 }), (spans) => {
      const bytes = new Set<number>();
      for (const { start, end } of spans) for (let at = start; at < end; at += 1) bytes.add(at);
      const ranges = new Ranges(spans);
      let prefix = 0;
      while (bytes.has(prefix)) prefix += 1;
      assert.equal(ranges.prefix, prefix);
      assert.equal(ranges.total, bytes.size);
      const missing = ranges.gaps(100).flatMap(({ start, end }) => {
        return Array.from({ length: end - start }, (_, index) => start + index);
      });
      assert.deepEqual(
        missing,
        Array.from({ length: 100 }, (_, at) => at).filter((at) => !bytes.has(at)),
      );
    }),
  );
});

test("ranges that touch are one", () => {
  const ranges = new Ranges([
    { start: 0, end: 10 },
    { start: 20, end: 30 },
    { start: 10, end: 20 },
  ]);
  assert.deepEqual(ranges.spans, [{ start: 0, end: 30 }]);
});
