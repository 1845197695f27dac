import assert from "node:assert/strict";
import { suite, test } from "node:test";

import fc from "fast-check";

import { gather } from "../../store/archive/testing/images.ts";
import { createMemoryRepository } from "../../store/memory.ts";
import { observed } from "../../transfer/testing/observed.ts";
import { openFilesystem } from "./image.ts";
import { listFiles } from "./list.ts";
import { readFile } from "./read.ts";
import { builtLayers } from "./testing/builtLayers.ts";
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
} from "./testing/layers.ts";
import { Unpacked } from "./testing/unpacked.ts";

/** `PATH: CONTENT`, found in both ways, which must agree. */
async function read(layers: readonly (readonly Item[])[], path: string): Promise<string> {
  const image = await imageWith(layers);
  const said: string[] = [];
  for (const verify of [false, true]) {
    const found = await readFile(image, path, { verify });
    said.push(`${found.path}: ${(await gather(found.body)).toString()}`);
  }
  assert.equal(said[0], said[1]);
  return said[0]!;
}

const fails = (layers: readonly (readonly Item[])[], path: string, code: string, message: RegExp) =>
  assert.rejects(read(layers, path), { code, message });

suite("a file is found", () => {
  const base = [directory("etc"), file("etc/motd", "old"), file("etc/passwd")];

  test("in the newest layer that has it, however it is written", async () => {
    for (const path of ["etc/motd", "/etc/motd", "./etc//x/../motd"]) {
      assert.equal(await read([base, [file("etc/motd", "new")]], path), "etc/motd: new");
    }
    assert.equal(await read([base, [file("x")], [file("y")]], "/etc/motd"), "etc/motd: old");
  });

  test("through links to files and folders, forwards and backwards, absolute and relative", async () => {
    const layers = [
      [directory("usr"), file("usr/lib/release", "1"), file("z/late", "2")],
      [
        symlink("etc/release", "../usr/lib/release"),
        symlink("lib", "usr/lib"),
        symlink("a", "/z/late"),
      ],
      [symlink("b", "a"), symlink("up", "../../../etc/release"), symlink("zz", "lib/release")],
    ];
    for (const path of ["/etc/release", "/lib/release", "/up", "/zz"]) {
      assert.equal(await read(layers, path), "usr/lib/release: 1");
    }
    for (const path of ["/a", "/b"]) assert.equal(await read(layers, path), "z/late: 2");
    // The link comes after what it leads to, in its layer and among layers.
    const early = [
      [file("a/x", "early"), symlink("z", "a")],
      [symlink("y", "z/x"), file("b")],
    ];
    assert.equal(await read(early, "/y"), "a/x: early");
    assert.equal(await read([[symlink("z", "a")], [file("a/x", "above")]], "/z/x"), "a/x: above");
  });

  test("by its hard links, whose file may be hidden, below, or a link itself", async () => {
    const linked = [file("a", "1"), hardlink("b", "a")];
    assert.equal(await read([linked, [file("a", "2")]], "/b"), "b: 1");
    assert.equal(
      await read([[file("a", "1")], [file("a", "2")], [hardlink("c", "a")]], "/c"),
      "c: 2",
    );
    assert.equal(
      await read([[file("d", "3"), symlink("s", "d"), hardlink("h", "s")]], "/h"),
      "d: 3",
    );
  });

  test("and a layer above that has its folder, but not it, is no hindrance", async () => {
    assert.equal(await read([base, [directory("etc", 0o700)]], "/etc/motd"), "etc/motd: old");
  });
});

suite("there is no file", () => {
  const base = [file("etc/motd"), symlink("gone", "etc/none"), symlink("self", "self")];

  test("where none of the layers has it, or one has removed it", async () => {
    await fails([base], "/etc/none", "FILE_NOT_FOUND", /^The image has no file \/etc\/none$/);
    await fails([base], "/etc/motd/x", "FILE_NOT_FOUND", /no file \/etc\/motd\/x$/);
    await fails([base], "/gone", "FILE_NOT_FOUND", /\/gone, which leads to \/etc\/none$/);
    for (const above of [
      [whiteout("etc/motd")],
      [whiteout("etc")],
      [opaque("etc")],
      [file("etc")],
    ]) {
      await fails([base, above], "/etc/motd", "FILE_NOT_FOUND", /\/etc\/motd/);
    }
  });

  test("at the end of links that go round", async () => {
    await fails([base], "/self", "FILE_NOT_FOUND", /^\/self leads on and on, over more than 40/);
    const long = Array.from({ length: 42 }, (_, at) => symlink(`l${at}`, `l${at + 1}`));
    await fails([long], "/l0", "FILE_NOT_FOUND", /over more than 40/);
  });

  test("but a folder or a device", async () => {
    const layers = [
      [
        ...base,
        symlink("to", "etc"),
        directory("empty"),
        { name: "null", type: "character" as const },
      ],
    ];
    for (const path of ["/", "/etc", "/to", "/empty"]) {
      await fails(layers, path, "UNSUPPORTED", /^\/\w* is a folder, not a file$/);
    }
    await fails(layers, "/null", "UNSUPPORTED", /^\/null is a character device/);
  });
});

test("files are found and listed as they are when all layers are unpacked", async () => {
  await fc.assert(
    fc.asyncProperty(builtLayers, async (made) => {
      const unpacked = new Unpacked();
      for (const items of made) unpacked.apply(items);
      const image = await imageWith(made);
      for (const [path, content] of unpacked.files) {
        for (const verify of [false, true]) {
          const found = await readFile(image, path, { verify });
          assert.equal((await gather(found.body)).toString(), content);
        }
      }
      const listed = await listFiles(image, { recursive: true });
      assert.deepEqual(
        listed.filter(({ layer }) => layer).map(({ path }) => path),
        unpacked.lines.map((line) => line.split(" ")[0]),
      );
    }),
    { numRuns: 100 },
  );
});

test("no more is read than is needed", async () => {
  const store = observed(createMemoryRepository());
  await pushLayers(store, [
    [file("deep"), file("gone")],
    [file("middle"), whiteout("gone")],
    [file("top")],
  ]);
  const image = await openFilesystem(store, "latest");
  const read = async (path: string) => {
    const before = store.calls.length;
    const found = await readFile(image, path).catch(() => undefined);
    if (found) await gather(found.body);
    return store.calls.slice(before).filter((call) => call.startsWith("fetchBlob")).length;
  };
  assert.deepEqual(await Promise.all(["/top"].map(read)), [1]);
  assert.equal(await read("/middle"), 2);
  assert.equal(await read("/gone"), 2);
  assert.equal(await read("/deep"), 3);
});

test("of a path that a layer has twice the last counts where the whole layer is read", async () => {
  const image = await imageWith([[file("a", "first"), symlink("l", "a"), file("a", "last")]]);
  for (const path of ["/a", "/l"]) {
    const found = await readFile(image, path, { verify: true });
    assert.equal((await gather(found.body)).toString(), "last");
  }
});

suite("a list", () => {
  const layers = [
    [file("etc/motd"), file("etc/a/b"), symlink("lib", "usr/lib"), file("usr/lib/x"), file("gone")],
    [whiteout("gone"), directory("etc", 0o700), hardlink("etc/link", "etc/motd"), file("etc.d")],
    [symlink("gone/to", "nowhere"), symlink("usr/self", "../etc.d")],
  ];

  test("is what is in a folder, sorted, links on the way followed", async () => {
    const image = await imageWith(layers);
    const paths = async (path?: string, recursive = false) =>
      (await listFiles(image, { ...(path !== undefined && { path }), recursive })).map(
        ({ path, type }) => `${path}${type === "directory" ? "/" : ""}`,
      );
    assert.deepEqual(await paths(), ["etc/", "etc.d", "gone/", "lib", "usr/"]);
    assert.deepEqual(await paths("/etc"), ["etc/a/", "etc/link", "etc/motd"]);
    assert.deepEqual(await paths("lib/"), ["usr/lib/x"]);
    assert.deepEqual(await paths("/etc/motd"), ["etc/motd"]);
    assert.deepEqual(await paths("/etc", true), ["etc/a/", "etc/a/b", "etc/link", "etc/motd"]);
    assert.deepEqual(await paths("/gone/to"), ["gone/to"]);
    assert.deepEqual(await paths("/usr/self"), ["usr/self"]);
    await assert.rejects(paths("/none"), { code: "FILE_NOT_FOUND" });
  });

  test("says the attributes, and the layer that they are from", async () => {
    const image = await imageWith(layers);
    const [etc, , , lib, usr] = await listFiles(image);
    assert.partialDeepStrictEqual(etc, { type: "directory", mode: 0o700, layer: image.layers[1] });
    assert.partialDeepStrictEqual(lib, { linkName: "usr/lib", layer: image.layers[0] });
    assert.equal(usr?.layer, undefined);
  });
});
