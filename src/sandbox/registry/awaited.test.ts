import assert from "node:assert/strict";
import { test } from "node:test";

import type { Digest } from "../../reference/descriptor.ts";
import { Awaited } from "./awaited.ts";

const digest = (letter: string) => `sha256:${letter.repeat(64)}` as Digest;
const [a, b, x, y] = ["a", "b", "c", "d"].map(digest) as [Digest, Digest, Digest, Digest];

test("an index waits in its repository until it says that nothing is missing", () => {
  const awaited = new Awaited();
  awaited.note("alice/box", a, new Set([x, y]));
  awaited.note("alice/box", b, new Set([x]));
  assert.deepEqual(awaited.indexesFor("alice/box", x), [a, b]);
  assert.deepEqual(awaited.indexesFor("alice/other", x), []);
  awaited.note("alice/box", a, new Set([y]));
  assert.deepEqual(awaited.indexesFor("alice/box", x), [b]);
  awaited.note("alice/box", a, new Set());
  assert.deepEqual(awaited.indexesFor("alice/box", y), []);
  assert.deepEqual(
    [a, b].map((one) => awaited.isWaiting("alice/box", one)),
    [false, true],
  );
});

test("only so many are remembered, and none that waits for hundreds", () => {
  const awaited = new Awaited(1);
  awaited.note("alice/box", a, new Set([x]));
  awaited.note("alice/box", b, new Set([x]));
  assert.deepEqual(awaited.indexesFor("alice/box", x), [b]);
  awaited.note("alice/box", b, new Set(Array.from({ length: 101 }, (_, n) => `sha256:${n}`)));
  assert.equal(awaited.isWaiting("alice/box", b), false);
});
