import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { matchesDigest, parseContentRange, parseRange } from "./range.ts";

test("a range is read as RFC 9110 has it", () => {
  const cases: [string | undefined, unknown][] = [
    ["bytes=0-9", { start: 0, end: 9 }],
    ["bytes=500-", { start: 500, end: 999 }],
    ["bytes=-100", { start: 900, end: 999 }],
    ["bytes=-5000", { start: 0, end: 999 }],
    ["bytes=990-5000", { start: 990, end: 999 }],
    ["BYTES=0-0", { start: 0, end: 0 }],
    ["bytes=1000-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=500-0", "unsatisfiable"],
    ["bytes=0-1,5-6", undefined],
    ["bytes=-", undefined],
    ["lines=0-1", undefined],
    ["bytes=a-b", undefined],
    [undefined, undefined],
  ];
  for (const [field, range] of cases) assert.deepEqual(parseRange(field, 1000), range, field);
});

test("nothing of an empty blob can be asked for", () => {
  assert.equal(parseRange("bytes=0-", 0), "unsatisfiable");
  assert.equal(parseRange("bytes=-1", 0), "unsatisfiable");
});

test("a range lies in the blob, whatever was asked for", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(), fc.nat(), fc.nat(), (text, a, b, size) => {
      for (const field of [text, `bytes=${a}-${b}`, `bytes=${a}-`, `bytes=-${b}`]) {
        const range = parseRange(field, size);
        if (typeof range !== "object") continue;
        assert(0 <= range.start && range.start <= range.end && range.end < size, field);
      }
    }),
  );
});

test("a piece says where it belongs, with or without HTTP's unit", () => {
  assert.deepEqual(parseContentRange("0-9"), { start: 0, end: 9 });
  assert.deepEqual(parseContentRange("bytes 5-9/100"), { start: 5, end: 9 });
  assert.deepEqual(parseContentRange("bytes 5-9/*"), { start: 5, end: 9 });
  for (const field of ["", "9-0", "0-", "-9", "a-b", "0-9-10", `0-${"9".repeat(40)}`])
    assert.equal(parseContentRange(field), undefined, field);
});

test("a condition is met by the digest, weak or strong, alone or among others", () => {
  const digest = "sha256:abc";
  for (const field of [`"${digest}"`, `W/"${digest}"`, `"x", "${digest}"`, "*", digest])
    assert(matchesDigest(field, digest), field);
  for (const field of [undefined, "", '"sha256:abcd"', "x"]) assert(!matchesDigest(field, digest));
});
