import assert from "node:assert/strict";
import { suite, test } from "node:test";

import fc from "fast-check";

import { gather } from "../../store/archive/testing/images.ts";
import type { TarEntry } from "../../store/tar/entry.ts";
import { readTar } from "../../store/tar/reader.ts";
import { exportTar } from "./tar.ts";
import { builtLayers } from "./testing/builtLayers.ts";
import {
  directory,
  file,
  hardlink,
  imageWith,
  listing,
  opaque,
  symlink,
  whiteout,
  type Item,
} from "./testing/layers.ts";
import { Unpacked } from "./testing/unpacked.ts";

const exported = async (...layers: Item[][]): Promise<string[]> =>
  listing(exportTar(await imageWith(layers)));

suite("what shows of the layers below", () => {
  test("a file that a layer above has too does not", async () => {
    const lines = await exported([file("a", "old"), file("b", "kept")], [file("a", "new")]);
    assert.deepEqual(lines, ["a 644 new", "b 644 kept"]);
  });

  test("what was removed does not, nor what was in it", async () => {
    const base = [directory("d"), file("d/a"), file("d/b"), directory("e"), file("e/a")];
    assert.deepEqual(await exported(base, [whiteout("d/a"), whiteout("e")]), [
      "d/ 755",
      "d/b 644 d/b",
    ]);
  });

  test("a folder that was emptied keeps what its own layer puts in, wherever the mark stands", async () => {
    const base = [directory("d"), file("d/old"), directory("d/sub"), file("d/sub/old")];
    const marks = [
      [opaque("d"), file("d/new")],
      [file("d/new"), opaque("d")],
    ];
    for (const items of marks) {
      assert.deepEqual(await exported(base, [directory("d", 0o700), ...items]), [
        "d/ 700",
        "d/new 644 d/new",
      ]);
    }
  });

  test("a folder's attributes are those of the newest layer, its files those of all", async () => {
    const lines = await exported(
      [directory("d", 0o700), file("d/a")],
      [directory("d"), file("d/b")],
    );
    assert.deepEqual(lines, ["d/ 755", "d/b 644 d/b", "d/a 644 d/a"]);
  });

  test("what was in a folder does not where a file has taken its place, not even if a folder came again", async () => {
    const base = [directory("d"), file("d/a")];
    assert.deepEqual(await exported(base, [file("d", "file")]), ["d 644 file"]);
    assert.deepEqual(await exported(base, [file("d", "file")], [directory("d"), file("d/b")]), [
      "d/ 755",
      "d/b 644 d/b",
    ]);
  });

  test("a link does not where a layer above has files under its name, as overlayfs has it", async () => {
    const lines = await exported([directory("usr"), symlink("lib", "usr")], [file("lib/a")]);
    assert.deepEqual(lines, ["lib/a 644 lib/a", "usr/ 755"]);
  });

  test("names that are written differently are one", async () => {
    const lines = await exported(
      [file("./a", "1"), file("/b", "1"), directory("./")],
      [file("a", "2"), file("b", "2")],
    );
    assert.deepEqual(lines, ["a 644 2", "b 644 2", "./ 755"]);
  });

  test("what AUFS kept for itself never does", async () => {
    const aufs = [file(".wh..wh.aufs"), directory(".wh..wh.plnk"), file(".wh..wh.plnk/1.2")];
    assert.deepEqual(await exported([file("a"), ...aufs]), ["a 644 a"]);
  });

  test("of a path that a layer has twice the last counts when it is unpacked", async () => {
    assert.deepEqual(await exported([file("a", "0")], [file("a", "1"), file("a", "2")]), [
      "a 644 1",
      "a 644 2",
    ]);
  });
});

suite("hard links", () => {
  test("stay links to what they were made with", async () => {
    const lines = await exported([file("a"), hardlink("b", "a"), hardlink("c", "./b")]);
    assert.deepEqual(lines, ["a 644 a", "b == a", "c == a"]);
  });

  test("keep the contents of a file that a layer above replaced or removed", async () => {
    const base = [file("a", "old", 0o600), hardlink("b", "a"), hardlink("c", "a")];
    assert.deepEqual(await exported(base, [file("a", "new")]), [
      "a 644 new",
      "b 600 old",
      "c == b",
    ]);
    assert.deepEqual(await exported(base, [whiteout("a"), file("b", "mine")]), [
      "b 644 mine",
      "c 600 old",
    ]);
  });

  test("may lead into a layer below, whatever became of the file there", async () => {
    const base = [file("a", "old"), file("z")];
    const link = [hardlink("b", "a")];
    assert.deepEqual(await exported(base, link), ["a 644 old", "b == a", "z 644 z"]);
    assert.deepEqual(await exported(base, link, [file("a", "new")]), [
      "a 644 new",
      "b 644 old",
      "z 644 z",
    ]);
    // The layer that has the link saw the file that it replaces.
    assert.deepEqual(await exported(base, [...link, file("a", "newer")]), [
      "a 644 newer",
      "b 644 old",
      "z 644 z",
    ]);
  });

  test("of a link of a layer below are followed", async () => {
    const lines = await exported(
      [file("a")],
      [hardlink("b", "a")],
      [hardlink("c", "b"), whiteout("a")],
    );
    assert.deepEqual(lines, ["c 644 a", "b == c"]);
  });

  test("to a file that its own layer replaced keep its contents", async () => {
    const lines = await exported([
      file("a", "1"),
      hardlink("b", "a"),
      file("a", "2"),
      hardlink("c", "b"),
    ]);
    assert.deepEqual(lines, ["a 644 1", "b == a", "a 644 2", "c 644 1"]);
  });

  test("that lead nowhere are told, with the layer", async () => {
    for (const layers of [
      [[hardlink("b", "a")]],
      [[file("a")], [whiteout("a")], [hardlink("b", "a")]],
      [[directory("a")], [hardlink("b", "a")]],
    ]) {
      await assert.rejects(gather(exportTar(await imageWith(layers))), {
        code: "ARCHIVE_INVALID",
        message: /^layer sha256:\w+: hard link "b" leads to "a", which is not there$/,
      });
    }
  });
});

test("attributes stay as the layers have them", async () => {
  const records = new Map([["SCHILY.xattr.security.capability", "\u0001\u0000"]]);
  const header = {
    uid: 3_000_000,
    gid: 5,
    userName: "ü",
    groupName: "g",
    mtime: 1.5,
    mode: 0o4755,
    records,
  };
  const name = `${"long/".repeat(40)}é`;
  const image = await imageWith([
    [
      { ...header, name, content: "x" },
      { name: "null", type: "character", major: 1, minor: 3 },
      { name: "pipe", type: "fifo" },
    ],
  ]);
  const found: TarEntry[] = [];
  for await (const entry of readTar(exportTar(image))) found.push(entry);
  assert.partialDeepStrictEqual(found[0], { ...header, name });
  assert.partialDeepStrictEqual(found[1], { type: "character", major: 1, minor: 3 });
  assert.equal(found[2]?.type, "fifo");
});

test("layers are unpacked by what their bytes are, not by what they are called", async () => {
  for (const packing of ["none", "gzip", "zstd", "mislabelled"] as const) {
    const image = await imageWith([[file("a")], [file("b")]], { packing });
    assert.deepEqual(await listing(exportTar(image)), ["b 644 b", "a 644 a"]);
  }
});

test("small and large files arrive whole, side by side", async () => {
  const sizes = [0, 1, 511, 512, 513, 8191, 8192, 70_000, 3, 200_001];
  const items = sizes.map((size, at) => file(`f${at}`, Buffer.alloc(size, at + 1)));
  const count = { entries: 0, size: 0 };
  const image = await imageWith([items], { packing: "gzip" });
  const tar = await gather(exportTar(image, count));
  assert.equal(count.size, tar.length);
  assert.equal(count.entries, sizes.length);
  async function* whole() {
    yield tar;
  }
  let at = 0;
  for await (const { name, body } of readTar(whole())) {
    assert.equal(name, `f${at}`);
    const content = await gather(body);
    assert.ok(content.equals(Buffer.alloc(sizes[at]!, at + 1)));
    at += 1;
  }
});

test("what is exported unpacks to what the layers unpack to, one after another", async () => {
  await fc.assert(
    fc.asyncProperty(builtLayers, async (made) => {
      const wanted = new Unpacked();
      for (const items of made) wanted.apply(items);
      const unpacked = new Unpacked();
      for await (const { body, ...entry } of readTar(exportTar(await imageWith(made)))) {
        const content = (await gather(body)).toString();
        assert.ok(unpacked.add({ ...entry, content }), `${entry.name} == ${entry.linkName}`);
      }
      assert.deepEqual(unpacked.lines, wanted.lines);
    }),
    { numRuns: 300 },
  );
});
