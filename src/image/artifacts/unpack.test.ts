import assert from "node:assert/strict";
import { lstat, mkdir, readdir, readFile, readlink, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import fc from "fast-check";

import { isError, type ErrorCode } from "../../errors.ts";
import { digestOf } from "../../reference/digest.ts";
import { temporaryFolder } from "../../store/disk/testing.ts";
import type { NewTarEntry } from "../../store/tar/entry.ts";
import { createTarWriter } from "../../store/tar/writer.ts";
import { Allowance, unpack, type UnpackOptions } from "./unpack.ts";

type Entry = Partial<NewTarEntry> & { readonly name: string; readonly text?: string };

async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const tar = createTarWriter(async (chunk) => chunks.push(chunk.slice()));
  for (const { text = "", ...entry } of entries) {
    const body = Buffer.from(text);
    await tar.entry({ size: body.byteLength, ...entry }, body);
  }
  await tar.finish();
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

/** Unpacks into a folder with a neighbour that must stay as it is. */
async function unpacking(
  tar: Uint8Array,
  look: (folder: string) => Promise<void> = async () => {},
  options: Partial<UnpackOptions> = {},
): Promise<void> {
  const { folder, remove } = await temporaryFolder();
  try {
    const root = join(folder, "root");
    await mkdir(root);
    try {
      await unpack(once(gzipSync(tar)), root, {
        title: "dir",
        allowance: new Allowance(1 << 30),
        ...options,
      });
      await look(root);
    } finally {
      assert.deepEqual(await readdir(folder), ["root"]);
    }
  } finally {
    await remove();
  }
}

test("files, folders and links come out as they went in, without owners and lent rights", async () => {
  const large = "large ".repeat(30_000);
  const tar = await tarOf([
    { name: "dir", type: "directory", mode: 0o555, mtime: 1_577_836_800 },
    { name: "dir/run.sh", text: "#!/bin/sh\n", mode: 0o6755, mtime: 1_577_836_800, uid: 1234 },
    { name: "dir/sub/large", text: large },
    { name: "dir/sub/up", type: "symlink", linkName: "../run.sh" },
    { name: "dir/sub/hard", type: "hardlink", linkName: "dir/run.sh" },
    { name: "./dir//sub/./empty", type: "directory" },
  ]);
  const contentDigest = digestOf(tar);
  const look = async (root: string) => {
    const run = await stat(join(root, "run.sh"));
    assert.equal(run.mode & 0o7111, 0o111);
    assert.equal(run.mtimeMs, 1_577_836_800_000);
    assert.equal(run.ino, (await stat(join(root, "sub", "hard"))).ino);
    assert.equal(await readlink(join(root, "sub", "up")), "../run.sh");
    assert.equal(await readFile(join(root, "sub", "large"), "utf8"), large);
    assert.ok((await lstat(join(root, "sub", "empty"))).isDirectory());
    const own = await stat(root);
    assert.equal(own.mtimeMs, 1_577_836_800_000);
  };
  await unpacking(tar, look, { contentDigest });
});

const folder: Entry = { name: "dir", type: "directory" };
const hostile: Readonly<Record<string, readonly [ErrorCode, ...Entry[]]>> = {
  "an absolute path": ["PATH_UNSAFE", { name: "/dir/x", text: "x" }],
  "a path that climbs": ["PATH_UNSAFE", folder, { name: "dir/../../x", text: "x" }],
  "a path that climbs within": ["PATH_UNSAFE", folder, { name: "dir/a/../x", text: "x" }],
  "a neighbour's path": ["PATH_UNSAFE", { name: "other/x", text: "x" }],
  "a path that only begins alike": ["PATH_UNSAFE", { name: "directory/x", text: "x" }],
  "a file in place of the folder": ["PATH_UNSAFE", { name: "dir", text: "x" }],
  "an absolute link": [
    "PATH_UNSAFE",
    folder,
    { name: "dir/l", type: "symlink", linkName: "/etc/passwd" },
  ],
  "a link that climbs out": [
    "PATH_UNSAFE",
    folder,
    { name: "dir/l", type: "symlink", linkName: "../x" },
  ],
  "a link that climbs out by another": [
    "PATH_UNSAFE",
    folder,
    { name: "dir/a/b/up", type: "symlink", linkName: "../.." },
    { name: "dir/out", type: "symlink", linkName: "a/b/up/../../x" },
  ],
  "a file through a link": [
    "PATH_UNSAFE",
    folder,
    { name: "dir/l", type: "symlink", linkName: "sub" },
    { name: "dir/l/x", text: "x" },
  ],
  "a link through a link, which is elsewhere then": [
    "PATH_UNSAFE",
    folder,
    { name: "dir/a/b/up", type: "symlink", linkName: "../.." },
    { name: "dir/a/b/up/out", type: "symlink", linkName: "../../../x" },
  ],
  "a hard link to a neighbour": [
    "PATH_UNSAFE",
    { name: "dir/l", type: "hardlink", linkName: "other/x" },
  ],
  "a hard link that climbs": [
    "PATH_UNSAFE",
    { name: "dir/l", type: "hardlink", linkName: "dir/../../x" },
  ],
  "a hard link to a link": [
    "PATH_UNSAFE",
    { name: "dir/l", type: "symlink", linkName: "x" },
    { name: "dir/h", type: "hardlink", linkName: "dir/l" },
  ],
  "a file twice": ["ARCHIVE_INVALID", { name: "dir/x", text: "1" }, { name: "dir/x", text: "2" }],
  "a file over a link": [
    "ARCHIVE_INVALID",
    { name: "dir/x", type: "symlink", linkName: "y" },
    { name: "dir/x", text: "2" },
  ],
  "a folder over a file": [
    "ARCHIVE_INVALID",
    { name: "dir/x", text: "1" },
    { name: "dir/x/y", text: "2" },
  ],
  "a device": ["UNSUPPORTED", { name: "dir/null", type: "character", major: 1, minor: 3 }],
  "a pipe": ["UNSUPPORTED", { name: "dir/pipe", type: "fifo" }],
};

for (const [what, [code, ...entries]] of Object.entries(hostile))
  test(`${what} is refused`, async () => {
    await assert.rejects(unpacking(await tarOf(entries)), { code });
  });

test("whatever entries say, nothing is written outside", async () => {
  const segment = fc.constantFrom("dir", "a", "b", "..", ".", "");
  const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => parts.join("/"));
  const inside = path.map((text) => `dir/${text}`);
  const entry = fc.record({
    name: inside,
    type: fc.constantFrom("file", "directory", "symlink", "hardlink"),
    linkName: fc.oneof(path, inside),
  }) as fc.Arbitrary<Entry>;
  await fc.assert(
    fc.asyncProperty(fc.array(entry, { maxLength: 8 }), async (entries) => {
      try {
        await unpacking(await tarOf(entries), async (root) => {
          for (const name of await readdir(root, { recursive: true })) {
            const real = await realpath(join(root, name)).catch(() => undefined);
            if (real !== undefined) assert.ok(`${real}/`.startsWith(`${await realpath(root)}/`));
          }
        });
      } catch (error) {
        assert.ok(
          isError(error, "PATH_UNSAFE", "ARCHIVE_INVALID", "FILE_NOT_FOUND", "FILE_FAILED"),
        );
      }
    }),
    { numRuns: 60 },
  );
});

test("what unpacks to more than is allowed is stopped, and so is what is not what was promised", async () => {
  const tar = await tarOf([{ name: "dir/zeros", text: "\0".repeat(1 << 20) }]);
  await assert.rejects(unpacking(tar, undefined, { allowance: new Allowance(500_000) }), {
    code: "ARCHIVE_TOO_LARGE",
  });
  const contentDigest = digestOf(Buffer.from("other"));
  await assert.rejects(unpacking(tar, undefined, { contentDigest }), { code: "DIGEST_MISMATCH" });
});

test("a tar that was not compressed is read too, one that is cut is not", async () => {
  const tar = await tarOf([{ name: "dir/x", text: "x" }]);
  const { folder: place, remove } = await temporaryFolder();
  try {
    await unpack(once(tar), place, { title: "dir", allowance: new Allowance(1 << 20) });
    assert.deepEqual(await readdir(place), ["x"]);
    const cut = gzipSync(tar).subarray(0, 60);
    await assert.rejects(
      unpack(once(cut), place, { title: "dir", allowance: new Allowance(1 << 20) }),
      {
        code: "ARCHIVE_INVALID",
      },
    );
  } finally {
    await remove();
  }
});
