import assert from "node:assert/strict";
import { suite, test } from "node:test";

import fc from "fast-check";

import { digestOf } from "../../reference/digest.ts";
import { createMemoryRepository } from "../../store/memory.ts";
import { observed } from "../../transfer/testing/observed.ts";
import { openFilesystem } from "../filesystem/image.ts";
import { builtLayers, sound } from "../filesystem/testing/builtLayers.ts";
import {
  directory,
  file,
  hardlink,
  imageWith,
  opaque,
  pushLayers,
  symlink,
  whiteout,
  type Item,
} from "../filesystem/testing/layers.ts";
import { Unpacked } from "../filesystem/testing/unpacked.ts";
import { compareFiles, type FileChange } from "./files.ts";

type Layers = readonly (readonly Item[])[];

/** `+ PATH`, `- PATH`, `~ PATH: ASPECT…` */
const lines = (changes: readonly FileChange[]): string[] =>
  changes.map(({ change, path, changed }) => {
    if (change === "changed") return `~ ${path}: ${changed.join(", ")}`;
    return `${change === "added" ? "+" : "-"} ${path}`;
  });

/** What changes from one image to another on the same base. */
async function changes(base: Layers, from: Layers, to: Layers): Promise<string[]> {
  const [before, after] = [await imageWith([...base, ...from]), await imageWith([...base, ...to])];
  return lines(await compareFiles(before, after, base.length));
}

suite("what is not the same", () => {
  const base = [
    [directory("etc"), file("etc/a", "1"), file("etc/b", "1"), directory("d"), file("d/x")],
  ];

  test("is what a layer adds, removes or replaces", async () => {
    const above = [[file("etc/a", "2"), whiteout("etc/b"), file("etc/c"), file("e/f/g")]];
    assert.deepEqual(await changes(base, [], above), [
      "+ e/f/g",
      "~ etc/a: content",
      "- etc/b",
      "+ etc/c",
    ]);
    assert.deepEqual(await changes(base, above, []), [
      "- e/f/g",
      "~ etc/a: content",
      "+ etc/b",
      "- etc/c",
    ]);
    assert.deepEqual(await changes(base, above, above), []);
  });

  test("is not what is only written again, in other layers or with another time", async () => {
    const again = [[{ ...file("etc/a", "1"), mtime: 5 }, directory("etc")]];
    assert.deepEqual(await changes(base, [], again), []);
    const [first, second] = [[[file("x"), file("y")]], [[file("y")], [file("x")]]];
    assert.deepEqual(await changes(base, first, second), []);
    assert.deepEqual(await changes([], base, [...base, ...again]), []);
  });

  test("is what a folder loses, as whole or one by one", async () => {
    assert.deepEqual(await changes(base, [], [[whiteout("d")]]), ["- d", "- d/x"]);
    assert.deepEqual(await changes(base, [], [[opaque("d")]]), ["- d/x"]);
    assert.deepEqual(await changes(base, [], [[file("d")]]), ["~ d: type", "- d/x"]);
  });

  test("is not a folder that one side names and the other only has", async () => {
    assert.deepEqual(await changes([[file("p/x")]], [], [[directory("p")]]), []);
    assert.deepEqual(await changes([], [[file("p/x")]], [[directory("p"), file("p/x")]]), []);
    assert.deepEqual(await changes([], [[directory("p")]], [[]]), ["- p"]);
  });

  test("says in what", async () => {
    const records = new Map([["SCHILY.xattr.security.capability", "\u0001\u0000x"]]);
    const from = [
      file("mode"),
      file("owner"),
      file("both"),
      symlink("link", "a"),
      file("kind"),
      file("capable"),
      { name: "device", type: "character" as const, major: 1, minor: 3 },
    ];
    const to = [
      file("mode", "mode", 0o4755),
      { ...file("owner"), uid: 5 },
      file("both", "other", 0o600),
      symlink("link", "b"),
      symlink("kind", "kind"),
      { ...file("capable"), records },
      { name: "device", type: "character" as const, major: 1, minor: 5 },
    ];
    assert.deepEqual(await changes([], [from], [to]), [
      "~ both: content, mode",
      "~ capable: attributes",
      "~ device: device",
      "~ kind: type",
      "~ link: target",
      "~ mode: mode",
      "~ owner: owner",
    ]);
    const [, capable] = await compareFiles(await imageWith([from]), await imageWith([to]), 0);
    assert.deepEqual(capable?.to?.attributes, { "security.capability": "\\x01\\x00x" });
    assert.equal(capable?.to?.digest, digestOf(Buffer.from("capable")));
  });

  test("counts hard links as the file that they lead to", async () => {
    const linked = [[file("a", "1"), hardlink("b", "a")]];
    assert.deepEqual(await changes([], linked, [[file("a", "1"), file("b", "1")]]), []);
    // The contents of b are those of a file that no longer shows.
    assert.deepEqual(await changes(linked, [], [[file("a", "2"), file("b", "1")]]), [
      "~ a: content",
    ]);
    assert.deepEqual(await changes(linked, [[hardlink("c", "a"), whiteout("a")]], []), [
      "+ a",
      "- c",
    ]);
    assert.deepEqual(await changes(linked, [[hardlink("c", "b")]], [[file("c", "1")]]), []);
  });
});

test("what two images have at random is what is told", async () => {
  await fc.assert(
    fc.asyncProperty(builtLayers, fc.nat(3), fc.nat(3), async (made, shared, more) => {
      const base = made.slice(0, shared);
      const from = [...base, ...made.slice(shared, shared + more)];
      const to = sound([...base, ...made.slice(shared + more)]);
      const [before, after] = [from, to].map((layers) => {
        const unpacked = new Unpacked();
        for (const items of layers) unpacked.apply(items);
        return unpacked;
      });
      const told = await compareFiles(await imageWith(from), await imageWith(to), base.length);
      const facts = (unpacked: Unpacked) => new Map(unpacked.facts);
      const [left, right] = [facts(before!), facts(after!)];
      for (const { path, change } of told) {
        const [a, b] = [left.get(path), right.get(path)];
        if (change === "added") assert.ok(a === undefined && b !== undefined, path);
        else if (change === "removed") assert.ok(a !== undefined && b === undefined, path);
        else assert.ok(a !== undefined && b !== undefined && a !== b, path);
      }
      const changed = new Set(told.map(({ path }) => path));
      for (const path of new Set([...left.keys(), ...right.keys()])) {
        const isSame = left.get(path) === right.get(path);
        const isFolder = before!.isFolder(path) && after!.isFolder(path);
        if (!isSame && !(isFolder && (!left.has(path) || !right.has(path))))
          assert.ok(changed.has(path), path);
      }
    }),
    { numRuns: 120 },
  );
});

test("layers that both share are read once, and none where all are shared", async () => {
  const store = observed(createMemoryRepository());
  const base = [[file("a")], [file("b")]];
  await pushLayers(store, [...base, [file("c")]], { tag: "1" });
  await pushLayers(store, [...base, [file("c", "2")]], { tag: "2" });
  const [one, two] = [await openFilesystem(store, "1"), await openFilesystem(store, "2")];
  const before = store.count("fetchBlob");
  assert.deepEqual(lines(await compareFiles(one, two, 2)), ["~ c: content"]);
  assert.equal(store.count("fetchBlob") - before, 4);
  assert.deepEqual(await compareFiles(one, one, 3), []);
  assert.equal(store.count("fetchBlob") - before, 4);
});
