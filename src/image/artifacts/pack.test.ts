import assert from "node:assert/strict";
import { chmod, mkdir, symlink, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";

import { readAll } from "../../http/body.ts";
import { digestOf } from "../../reference/digest.ts";
import { temporaryFolder } from "../../store/disk/testing.ts";
import { readTar } from "../../store/tar/reader.ts";
import { packFolder, type PackOptions } from "./pack.ts";

async function packed(path: string, title: string, options?: PackOptions) {
  const pack = packFolder(path, title, options);
  const bytes = await readAll(pack.bytes, 1 << 30);
  const tar = gunzipSync(bytes);
  assert.equal(pack.contentDigest(), digestOf(tar));
  return { bytes, tar };
}

async function* once(bytes: Uint8Array) {
  yield bytes;
}

test("the same files give the same bytes, whenever they were made and in whatever order", async () => {
  const { folder, remove } = await temporaryFolder();
  try {
    const names = ["b", "a", "ä", "Z"];
    const large = Buffer.alloc(200_000, "large");
    for (const [copy, order] of [names, names.toReversed()].entries()) {
      const root = join(folder, String(copy));
      await mkdir(join(root, "sub", "empty"), { recursive: true });
      for (const name of order) await writeFile(join(root, name), `content of ${name}`);
      await writeFile(join(root, "sub", "large"), large);
      await chmod(join(root, "a"), 0o755);
      await symlink("../a", join(root, "sub", "link"));
      await utimes(join(root, "b"), 1000 * copy, 1000 * copy);
    }
    const [first, second] = await Promise.all([
      packed(join(folder, "0"), "dir"),
      packed(join(folder, "1"), "dir"),
    ]);
    assert.ok(Buffer.from(first.bytes).equals(second.bytes));
    assert.deepEqual(first.bytes.subarray(0, 10), Buffer.from("1f8b08000000000000ff", "hex"));

    const entries: string[] = [];
    for await (const { name, type, mode, mtime, uid, userName, body } of readTar(once(first.tar))) {
      const size = (await readAll(body, 1 << 20)).byteLength;
      entries.push(`${name} ${type} ${mode.toString(8)} ${size}`);
      assert.deepEqual([mtime, uid, userName], [0, 0, ""]);
    }
    assert.deepEqual(entries, [
      "dir/ directory 755 0",
      "dir/Z file 644 12",
      "dir/a file 755 12",
      "dir/b file 644 12",
      "dir/sub/ directory 755 0",
      "dir/sub/empty/ directory 755 0",
      "dir/sub/large file 644 200000",
      "dir/sub/link symlink 777 0",
      "dir/ä file 644 13",
    ]);
    const dated = await packed(join(folder, "0"), "dir", { epoch: 1_577_836_800 });
    for await (const { mtime } of readTar(once(dated.tar))) assert.equal(mtime, 1_577_836_800);
  } finally {
    await remove();
  }
});

test("what cannot be unpacked elsewhere is not packed", async () => {
  const { folder, remove } = await temporaryFolder();
  try {
    const links = { up: "../../x", absolute: "/etc/passwd", over: "sub/../../x" };
    for (const [name, target] of Object.entries(links)) {
      const root = join(folder, name);
      await mkdir(root);
      await symlink(target, join(root, "link"));
      await assert.rejects(packed(root, "dir"), { code: "PATH_UNSAFE" }, target);
    }
    const root = join(folder, "socket");
    await mkdir(root);
    const server = createServer().listen(join(root, "s"));
    await new Promise((listening) => server.once("listening", listening));
    try {
      await assert.rejects(packed(root, "dir"), { code: "UNSUPPORTED" });
    } finally {
      server.close();
    }
    await assert.rejects(packed(join(folder, "nothing"), "dir"), { code: "FILE_NOT_FOUND" });
  } finally {
    await remove();
  }
});

test("packing ends when it is aborted", async () => {
  const { folder, remove } = await temporaryFolder();
  try {
    await writeFile(join(folder, "file"), "x");
    await assert.rejects(packed(folder, "dir", { signal: AbortSignal.abort() }), {
      code: "INTERRUPTED",
    });
  } finally {
    await remove();
  }
});
