import assert from "node:assert/strict";
import { test } from "node:test";

import { parseSize } from "./size.ts";

test("sizes are read in binary units, with or without their letters", () => {
  const sizes = ["4096", "1K", "1kb", "500M", "1.5GiB", "2 GiB", "1t"];
  assert.deepEqual(
    sizes.map((text) => parseSize("limit", text)),
    [4096, 1024, 1024, 500 * 2 ** 20, 1.5 * 2 ** 30, 2 ** 31, 2 ** 40],
  );
});

test("what is no size, or nothing, is refused", () => {
  for (const text of ["", "0", "-1", "big", "1.G", "1X", "9999999T"])
    assert.throws(() => parseSize("limit", text), { code: "USAGE" }, text);
});
