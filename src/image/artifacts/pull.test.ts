import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import type { ErrorCode } from "../../errors.ts";
import { mediaTypes, type Descriptor } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { parsePlatform } from "../../reference/platform.ts";
import { temporaryFolder } from "../../store/disk/testing.ts";
import { createMemoryRepository } from "../../store/memory.ts";
import type { Repository } from "../../store/store.ts";
import { attachArtifact, pullArtifact, pushArtifact, type FileEvent } from "./index.ts";
import { annotationKeys } from "./terms.ts";
import { pushLayer, pushLayers, titled, writeFiles } from "./testing.ts";

/** Runs with a store and an empty folder. */
function pulling(
  title: string,
  run: (store: Repository, folder: string, out: string) => Promise<void>,
): void {
  test(title, async () => {
    const { folder, remove } = await temporaryFolder();
    try {
      await run(createMemoryRepository(), folder, join(folder, "out"));
    } finally {
      await remove();
    }
  });
}

const names = async (folder: string) => (await readdir(folder, { recursive: true })).toSorted();

pulling("files and folders come back as they were", async (store, folder, out) => {
  await writeFiles(folder, {
    "hi.txt": "hello",
    "deep/er/file": "deep",
    empty: "",
    "dir/a": "a",
    "dir/sub/run": "run",
    "dir/hollow/": "",
  });
  await chmod(join(folder, "dir/sub/run"), 0o755);
  await symlink("sub/run", join(folder, "dir/link"));
  const paths = ["hi.txt", "deep/er/file", "empty", "dir"];
  const files = paths.map((title) => ({ path: join(folder, title), title }));
  await pushArtifact(store, files, { tag: "v1", artifactType: "a/b", annotations: { k: "v" } });
  const events: FileEvent[] = [];
  const pulled = await pullArtifact(store, "v1", out, { onEvent: (event) => events.push(event) });
  assert.deepEqual(
    pulled.files.map(({ path, state, folder: isFolder }) => [path, state, isFolder]),
    paths.map((path) => [join(out, path), "written", path === "dir"]),
  );
  assert.equal(pulled.artifactType, "a/b");
  assert.equal(pulled.annotations["k"], "v");
  assert.deepEqual(await names(out), [
    "deep",
    "deep/er",
    "deep/er/file",
    "dir",
    "dir/a",
    "dir/hollow",
    "dir/link",
    "dir/sub",
    "dir/sub/run",
    "empty",
    "hi.txt",
  ]);
  assert.equal(await readFile(join(out, "dir/link"), "utf8"), "run");
  assert.ok(((await stat(join(out, "dir/sub/run"))).mode & 0o100) > 0);
  for (const title of paths)
    assert.deepEqual(
      [
        events.find((event) => event.title === title)!.state,
        events.findLast((event) => event.title === title)!.state,
      ],
      ["found", "copied"],
    );
});

pulling(
  "what is there is not overwritten, and nothing is downloaded then",
  async (store, _, out) => {
    await pushLayers(store, "v1", [
      await titled(store, "new", "new"),
      await titled(store, "old", "from the store"),
      await titled(store, "older", "from the store too"),
    ]);
    await writeFiles(out, { old: "mine", older: "mine" });
    const fetching = {
      fetchManifest: store.fetchManifest.bind(store),
      fetchBlob: () => assert.fail("nothing is downloaded"),
    };
    await assert.rejects(pullArtifact(fetching, "v1", out), (error: Error & { code?: string }) => {
      assert.equal(error.code, "FILE_EXISTS");
      assert.match(error.message, /out\/old \(and 1 more\) would be overwritten/);
      return true;
    });
    assert.deepEqual(await names(out), ["old", "older"]);
    await pullArtifact(store, "v1", out, { force: true });
    assert.equal(await readFile(join(out, "old"), "utf8"), "from the store");
  },
);

pulling(
  "what is there already with the same bytes is left, and is no obstacle",
  async (store, _, out) => {
    await pushLayers(store, "v1", [
      await titled(store, "a", "same"),
      await titled(store, "b", "new"),
    ]);
    await writeFiles(out, { a: "same" });
    const { files } = await pullArtifact(store, "v1", out);
    assert.deepEqual(
      files.map(({ title, state }) => [title, state]),
      [
        ["a", "exists"],
        ["b", "written"],
      ],
    );
  },
);

pulling(
  "a folder fills one that is there only by force, and then keeps what is only there",
  async (store, folder, out) => {
    await writeFiles(folder, { "dir/a": "new", "dir/sub/b": "new" });
    await pushArtifact(store, [{ path: join(folder, "dir"), title: "dir" }], { tag: "v1" });
    await writeFiles(out, { "dir/a": "old", "dir/mine": "mine", "dir/sub/": "" });
    await assert.rejects(pullArtifact(store, "v1", out), { code: "FILE_EXISTS" });
    await pullArtifact(store, "v1", out, { force: true });
    assert.deepEqual(await names(out), ["dir", "dir/a", "dir/mine", "dir/sub", "dir/sub/b"]);
    assert.equal(await readFile(join(out, "dir/a"), "utf8"), "new");

    // An empty one is nobody's loss.
    const hollow = join(folder, "hollow");
    await writeFiles(hollow, { "dir/": "" });
    await pullArtifact(store, "v1", hollow);
    assert.deepEqual(await names(hollow), ["dir", "dir/a", "dir/sub", "dir/sub/b"]);
  },
);

pulling(
  "a folder does not replace a file nor the other way round, also not by force",
  async (store, folder, out) => {
    await writeFiles(folder, { "dir/a": "a" });
    await pushArtifact(store, [{ path: join(folder, "dir"), title: "dir" }], { tag: "dir" });
    await pushLayers(store, "file", [await titled(store, "dir", "file")]);
    await writeFiles(out, { dir: "a file" });
    const force = true;
    await assert.rejects(pullArtifact(store, "dir", out, { force }), { code: "FILE_EXISTS" });
    const other = join(folder, "other");
    await writeFiles(other, { "dir/a/b": "a folder in place of the file" });
    await assert.rejects(pullArtifact(store, "file", other, { force }), { code: "FILE_EXISTS" });
    await assert.rejects(pullArtifact(store, "dir", other, { force }), { code: "FILE_EXISTS" });
    assert.deepEqual(await names(other), ["dir", "dir/a", "dir/a/b"]);
  },
);

pulling("the folder itself can be what was pushed", async (store, folder, out) => {
  await writeFiles(folder, { "dir/a": "a", "dir/sub/b": "b" });
  await pushArtifact(store, [{ path: join(folder, "dir"), title: "." }], { tag: "v1" });
  await pullArtifact(store, "v1", out);
  assert.deepEqual(await names(out), ["a", "sub", "sub/b"]);
  await assert.rejects(pullArtifact(store, "v1", out), { code: "FILE_EXISTS" });
});

pulling("files of one content are downloaded once", async (store, _, out) => {
  const titles = ["a", "b", "sub/c"];
  const layers = await Promise.all(titles.map((title) => titled(store, title, "same")));
  await pushLayers(store, "v1", layers);
  let fetched = 0;
  const counting: Pick<Repository, "fetchManifest" | "fetchBlob"> = {
    fetchManifest: store.fetchManifest.bind(store),
    fetchBlob: (...words) => {
      fetched += 1;
      return store.fetchBlob(...words);
    },
  };
  await pullArtifact(counting, "v1", out);
  assert.equal(fetched, 1);
  for (const title of titles) assert.equal(await readFile(join(out, title), "utf8"), "same");
});

for (const title of ["/etc/x", "../x", "a/../../x", "..", "a\0b"])
  pulling(`a file called ${JSON.stringify(title)} stops the pull`, async (store, folder, out) => {
    await pushLayers(store, "v1", [
      await titled(store, "good", "good"),
      await titled(store, title, "bad"),
    ]);
    await assert.rejects(pullArtifact(store, "v1", out), { code: "PATH_UNSAFE" });
    assert.deepEqual(await readdir(folder), []);
  });

pulling("no file goes through a link that leads out of the folder", async (store, folder, out) => {
  await pushLayers(store, "v1", [await titled(store, "link/x", "x")]);
  await writeFiles(folder, { "elsewhere/": "", "out/inside/": "" });
  await symlink("../elsewhere", join(out, "link"));
  for (const force of [false, true])
    await assert.rejects(pullArtifact(store, "v1", out, { force }), { code: "PATH_UNSAFE" });
  await symlink("inside", join(out, "other"));
  await pushLayers(store, "v2", [await titled(store, "other/x", "x")]);
  await pullArtifact(store, "v2", out);
  assert.deepEqual(await readdir(join(folder, "elsewhere")), []);
  assert.deepEqual(await readdir(join(out, "inside")), ["x"]);
});

pulling("a link in place of a file is replaced, not followed", async (store, folder, out) => {
  await pushLayers(store, "v1", [await titled(store, "x", "pulled")]);
  await writeFiles(folder, { precious: "mine", "out/": "" });
  await symlink("../precious", join(out, "x"));
  await assert.rejects(pullArtifact(store, "v1", out), { code: "FILE_EXISTS" });
  await pullArtifact(store, "v1", out, { force: true });
  assert.equal(await readFile(join(folder, "precious"), "utf8"), "mine");
  assert.equal(await readFile(join(out, "x"), "utf8"), "pulled");
});

pulling("titles that clash are refused; the same file twice is one", async (store, _, out) => {
  const a = await titled(store, "a", "1");
  const clashing: readonly (readonly [string, readonly Descriptor[]])[] = [
    ["twice", [a, await titled(store, "./a", "2")]],
    ["inside", [a, await titled(store, "a/b", "2")]],
  ];
  for (const [tag, layers] of clashing) {
    await pushLayers(store, tag, layers);
    await assert.rejects(pullArtifact(store, tag, out), { code: "MANIFEST_INVALID" }, tag);
  }
  await pushLayers(store, "same", [a, a]);
  assert.equal((await pullArtifact(store, "same", out)).files.length, 1);
});

pulling(
  "an image says what it is; layers without a name are left; none at all are fine",
  async (store, _, out) => {
    const layer = await pushLayer(store, "a layer");
    await pushLayers(store, "image", [layer]);
    await assert.rejects(pullArtifact(store, "image", out), (error: Error & { hint?: string }) => {
      assert.match(error.message, /holds no files to pull: its only layer has no name/);
      assert.match(error.hint ?? "", /wharf copy/);
      return true;
    });
    await pushLayers(store, "mixed", [layer, await titled(store, "x", "x")]);
    const { files, unnamed } = await pullArtifact(store, "mixed", out);
    assert.deepEqual([files.length, unnamed.length], [1, 1]);
    await pushArtifact(store, [], { tag: "notes", annotations: { note: "only this" } });
    assert.deepEqual((await pullArtifact(store, "notes", out)).files, []);
  },
);

pulling("a configuration with a title is a file", async (store, _, out) => {
  const config = await titled(store, "config.json", "{}");
  await pushLayers(store, "v1", [], { config });
  await pullArtifact(store, "v1", out);
  assert.deepEqual(await names(out), ["config.json"]);
});

async function pushIndex(store: Repository, tag: string, manifests: readonly object[]) {
  const mediaType = mediaTypes.ociIndex;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, manifests }));
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  await store.pushManifest({ descriptor, bytes }, { tag });
  return descriptor;
}

pulling("of an index come all files, or those of a platform", async (store, folder, out) => {
  const one = await pushLayers(store, "amd64", [await titled(store, "app", "amd64")]);
  const two = await pushLayers(store, "arm64", [await titled(store, "app", "arm64")]);
  const docs = await pushLayers(store, "docs", [await titled(store, "docs", "docs")]);
  const manifests = [
    { ...one, platform: { os: "linux", architecture: "amd64" } },
    { ...two, platform: { os: "linux", architecture: "arm64" } },
  ];
  await pushIndex(store, "clash", manifests);
  await assert.rejects(pullArtifact(store, "clash", out), (error: Error & { hint?: string }) => {
    assert.match(error.hint ?? "", /--platform: linux\/amd64, linux\/arm64/);
    return true;
  });
  const platform = parsePlatform("linux/arm64");
  const { descriptor } = await pullArtifact(store, "clash", out, { platform });
  assert.equal(descriptor.digest, two.digest);
  assert.equal(await readFile(join(out, "app"), "utf8"), "arm64");
  await pushIndex(store, "all", [one, docs]);
  const all = join(folder, "all");
  await pullArtifact(store, "all", all);
  assert.deepEqual(await names(all), ["app", "docs"]);
  await assert.rejects(
    pullArtifact(store, "clash", out, { platform: parsePlatform("linux/s390x") }),
    { code: "PLATFORM_NOT_FOUND" },
  );
});

pulling(
  "what is attached is pulled by its type, the newest first; subjects come along if wanted",
  async (store, folder, out) => {
    await writeFiles(folder, { image: "image", old: "old", new: "new" });
    const file = (name: string) => ({ path: join(folder, name), title: name });
    await pushArtifact(store, [file("image")], { tag: "v1" });
    const artifactType = "a/sbom";
    const attach = (name: string, epoch: number) =>
      attachArtifact(store, "v1", [file(name)], { artifactType, epoch });
    const newest = await attach("new", 2000);
    await attach("old", 1000);
    const { files } = await pullArtifact(store, "v1", out, { attached: artifactType });
    assert.deepEqual(
      files.map(({ title }) => title),
      ["new"],
    );
    await assert.rejects(
      pullArtifact(store, "v1", out, { attached: "a/other" }),
      (error: Error & { code?: ErrorCode; hint?: string }) => {
        assert.equal(error.code, "MANIFEST_NOT_FOUND");
        assert.match(error.hint ?? "", /a\/sbom/);
        return true;
      },
    );
    const whole = join(folder, "whole");
    await pullArtifact(store, newest.descriptor.digest, whole, { includeSubject: true });
    assert.deepEqual(await names(whole), ["image", "new"]);
  },
);

pulling("what is wrong is never given its name", async (store, folder, out) => {
  await writeFiles(folder, { "dir/zeros": Buffer.alloc(3 << 20) });
  const { layers } = await pushArtifact(store, [{ path: join(folder, "dir"), title: "dir" }]);
  const [layer] = layers as [Descriptor];
  const wrong = digestOf(Buffer.from("wrong"));
  const marked = { ...layer.annotations, [annotationKeys.contentDigest]: wrong };
  await pushLayers(store, "content", [{ ...layer, annotations: marked }]);
  await assert.rejects(pullArtifact(store, "content", out), { code: "DIGEST_MISMATCH" });
  await pushLayers(store, "bomb", [layer]);
  await assert.rejects(pullArtifact(store, "bomb", out, { maxUnpacked: 1 << 20 }), {
    code: "ARCHIVE_TOO_LARGE",
  });
  const corrupt: Pick<Repository, "fetchManifest" | "fetchBlob"> = {
    fetchManifest: store.fetchManifest.bind(store),
    fetchBlob: async () =>
      (async function* () {
        yield Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.alloc(layer.size - 2, 1)]);
      })(),
  };
  await assert.rejects(pullArtifact(corrupt, "bomb", out), { code: "DIGEST_MISMATCH" });
  await pushLayers(store, "file", [await titled(store, "file", "x".repeat(layer.size))]);
  await assert.rejects(pullArtifact(corrupt, "file", out), { code: "DIGEST_MISMATCH" });
  assert.deepEqual(await readdir(out), []);
});

pulling("the folders of a pull share what they may unpack to", async (store, folder, out) => {
  const paths = ["one", "two", "three"];
  await writeFiles(
    folder,
    Object.fromEntries(paths.map((path) => [`${path}/${path}`, Buffer.alloc(3 << 20)])),
  );
  await pushArtifact(
    store,
    paths.map((path) => ({ path: join(folder, path), title: path })),
    { tag: "v1" },
  );
  await assert.rejects(pullArtifact(store, "v1", out, { maxUnpacked: 8 << 20 }), {
    code: "ARCHIVE_TOO_LARGE",
    message: /folders unpack to more than 8388608 bytes/,
  });
  await pullArtifact(store, "v1", join(folder, "whole"), { maxUnpacked: 10 << 20 });
});

pulling("an interrupted pull goes on where it was", async (store, _, out) => {
  const content = Buffer.alloc(3 << 20, "content");
  await pushLayers(store, "v1", [
    await pushLayer(store, content, { [annotationKeys.title]: "file" }),
  ]);
  const controller = new AbortController();
  const offsets: number[] = [];
  const slow: Pick<Repository, "fetchManifest" | "fetchBlob"> = {
    fetchManifest: store.fetchManifest.bind(store),
    fetchBlob: async (_descriptor, { offset = 0 } = {}) => {
      offsets.push(offset);
      return (async function* () {
        for (let at = offset; at < content.length; at += 1 << 20) {
          if (offsets.length === 1 && at > offset) {
            controller.abort();
            throw controller.signal.reason;
          }
          yield content.subarray(at, Math.min(at + (1 << 20), content.length)).slice();
        }
      })();
    },
  };
  await assert.rejects(pullArtifact(slow, "v1", out, { signal: controller.signal }));
  assert.deepEqual(
    (await readdir(out)).filter((name) => name === "file"),
    [],
  );
  await pullArtifact(slow, "v1", out);
  assert.deepEqual(offsets, [0, 1 << 20]);
  assert.deepEqual(await readdir(out), ["file"]);
});

pulling("an output that is no folder is an error of its own", async (store, folder) => {
  await pushLayers(store, "v1", [await titled(store, "a", "a")]);
  const file = join(folder, "file");
  await writeFile(file, "");
  await assert.rejects(pullArtifact(store, "v1", file), { code: "FILE_EXISTS" });
  const closed = join(folder, "closed");
  await mkdir(closed);
  await pullArtifact(store, "v1", join(closed, "a", "b"));
});
