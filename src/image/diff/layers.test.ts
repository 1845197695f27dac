import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { compareLayers, sharedBase, type DescribedLayer } from "./layers.ts";

const layer = (name: string, diffId?: string): DescribedLayer => ({
  descriptor: { mediaType: "", digest: name, size: 1 },
  ...(diffId !== undefined && { diffId }),
});

const compared = (from: string, to: string): string =>
  compareLayers(
    [...from].map((name) => layer(name)),
    [...to].map((name) => layer(name)),
  )
    .map(
      ({ change, digest }) =>
        `${{ shared: "=", removed: "-", added: "+", repacked: "~" }[change]}${digest}`,
    )
    .join(" ");

test("layers stay in their order, what is removed before what is added", () => {
  assert.equal(compared("abc", "abc"), "=a =b =c");
  assert.equal(compared("abc", "abd"), "=a =b -c +d");
  assert.equal(compared("abc", "xc"), "-a -b +x =c");
  assert.equal(compared("", "ab"), "+a +b");
  assert.equal(compared("ab", ""), "-a -b");
  assert.equal(compared("axbyc", "abzc"), "=a -x =b -y +z =c");
});

test("a layer that was only compressed anew is the same content", () => {
  const [change] = compareLayers([layer("gzip", "id")], [layer("zstd", "id")]);
  assert.partialDeepStrictEqual(change, {
    change: "repacked",
    digest: "zstd",
    from: { digest: "gzip" },
  });
  assert.equal(sharedBase([layer("gzip", "id")], [layer("zstd", "id"), layer("x")]), 1);
});

test("both sides can be put together again from what was told", () => {
  const layers = fc.array(fc.constantFrom(..."abcd"), { maxLength: 8 });
  fc.assert(
    fc.property(layers, layers, (from, to) => {
      const changes = compareLayers(
        from.map((name) => layer(name)),
        to.map((name) => layer(name)),
      );
      const side = (other: string) =>
        changes.filter(({ change }) => change !== other).map(({ digest }) => digest);
      assert.deepEqual(side("added"), from);
      assert.deepEqual(side("removed"), to);
    }),
  );
});

test("two images of thousands of layers are compared in no time", () => {
  const many = (seed: string) => Array.from({ length: 8000 }, (_, at) => layer(`${seed}${at}`));
  assert.equal(
    compareLayers([layer("base"), ...many("a")], [layer("base"), ...many("b")]).length,
    16_001,
  );
});
