import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";

import { Heap } from "./heap.ts";

test("the greatest comes first, whatever the order they went in", () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.integer(), { nil: undefined })), (steps) => {
      const heap = new Heap<number>((a, b) => a - b);
      let model: number[] = [];
      for (const step of steps) {
        if (step === undefined) {
          assert.equal(heap.pop(), model.at(-1));
          model = model.slice(0, -1);
        } else {
          heap.push(step);
          model = [...model, step].sort((a, b) => a - b);
        }
        assert.equal(heap.size, model.length);
      }
    }),
  );
});
