import assert from "node:assert/strict";
import { test } from "node:test";

import { createMemoryRepository } from "../../store/memory.ts";
import { observed } from "../../transfer/testing/observed.ts";
import { flattened } from "./flatten.ts";
import { openFilesystem } from "./image.ts";
import { readFile } from "./read.ts";
import {
  file,
  hardlink,
  imageWith,
  listing,
  pushLayers,
  whiteout,
  type Item,
} from "./testing/layers.ts";
import { exportTar } from "./tar.ts";

const many = (count: number, item: (i: number) => Item) =>
  Array.from({ length: count }, (_, i) => item(i));

async function readings(layers: Item[][]): Promise<{ fetched: number; lines: string[] }> {
  const store = observed(createMemoryRepository());
  await pushLayers(store, layers);
  const image = await openFilesystem(store, "latest");
  const before = store.count("fetchBlob");
  const lines = await listing(exportTar(image));
  return { fetched: store.count("fetchBlob") - before, lines };
}

test("hard links into layers below cost a reading of these, not one for each link", async () => {
  const base = many(300, (i) => file(`f${i}`));
  const links = many(300, (i) => hardlink(`l${i}`, `f${i}`));
  const { fetched, lines } = await readings([base, [file("middle")], links]);
  // Three layers, and for all links once more the two below them.
  assert.equal(fetched, 5);
  assert.equal(lines.length, 601);
  assert(lines.includes("l7 == f7") || lines.includes("f7 == l7"));
});

test("links over several layers lead to what was there at their time", async () => {
  const { lines } = await readings([
    [file("a", "oldest")],
    [hardlink("b", "a"), whiteout("x")],
    [file("a", "newer"), hardlink("c", "b")],
    [hardlink("d", "c"), hardlink("e", "a")],
  ]);
  const contents = lines.filter((line) => line.includes(" 644 "));
  assert.deepEqual(contents.map((line) => line.split(" ").at(-1)).toSorted(), ["newer", "oldest"]);
  assert.equal(lines.length, 5);
});

test("a file that was hidden in between is not what a link leads to", async () => {
  const image = await imageWith([[file("a")], [whiteout("a")], [hardlink("b", "a")]]);
  await assert.rejects(listing(exportTar(image)), /leads to "a", which is not there/);
});

test("an image that would have its layers read without end is refused", async () => {
  const layers = [
    [file("l0")],
    ...many(60, (i) => i as never).map((_, i) => [hardlink(`l${i + 1}`, "l0")]),
  ];
  await assert.rejects(readings(layers), {
    code: "ARCHIVE_INVALID",
    message: /to follow its hard links.*more than 1000 times/,
  });
  const image = await imageWith(layers.slice(0, 40));
  const found = await readFile(image, "l39");
  assert.equal(found.path, "l39");
  await found.close();
});

/** Steps over elements of arrays that a pass takes, whatever its own work. */
async function steps(layers: Item[][]): Promise<number> {
  const image = await imageWith(layers);
  let count = 0;
  const restore = (["indexOf", Symbol.iterator] as const).map((name) => {
    const own = Object.getOwnPropertyDescriptor(Array.prototype, name)!;
    const value = function (this: unknown[], ...args: unknown[]): unknown {
      count += this.length;
      return own.value.apply(this, args);
    };
    Object.defineProperty(Array.prototype, name, { ...own, value });
    return () => Object.defineProperty(Array.prototype, name, own);
  });
  try {
    for await (const found of flattened(image)) void found;
  } finally {
    for (let i = 0; i < restore.length; i += 1) restore[i]!();
  }
  return count;
}

test("work for a link or a name that comes again does not grow with their number", async () => {
  const sameTarget = (count: number) => [[file("f")], many(count, (i) => hardlink(`l${i}`, "f"))];
  const twice = (count: number) => [
    [...many(count, (i) => file(`f${i}`, "")), ...many(count, (i) => file(`f${i}`, ""))],
  ];
  for (const layersOf of [sameTarget, twice]) {
    const [few, more] = [await steps(layersOf(200)), await steps(layersOf(800))];
    assert(more < 5 * few, `${few} steps became ${more}`);
  }
});
