import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareVersions } from "./versions.ts";

test("tags are ordered as versions", () => {
  const order = [
    "edge",
    "latest",
    "1",
    "1.2",
    "1.9",
    "1.10-rc.2",
    "1.10-rc.10",
    "1.10",
    "v1.10.1",
    "2.0-alpine",
    "2.0",
    "20240101",
  ];
  assert.deepEqual(order.toReversed().toSorted(compareVersions), order);
});

test("the order is total", () => {
  const tag = fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,8}$/);
  fc.assert(
    fc.property(tag, tag, tag, (a, b, c) => {
      assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) + 0);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
        assert(compareVersions(a, c) <= 0);
    }),
  );
});
