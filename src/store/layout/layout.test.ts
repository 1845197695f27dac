import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { isError } from "../../errors.ts";
import type { Descriptor } from "../../reference/descriptor.ts";
import { referrersTag } from "../../reference/manifest.ts";
import { collect, contentOf, imageOf, indexOf, noise, readBlob } from "../behaviours/content.ts";
import { pushContent, pushImage, refuses } from "../behaviours/trial.ts";
import { digestOf } from "../../reference/digest.ts";
import { describeStore } from "../behaviours.ts";
import { failing, temporaryFolder } from "../disk/testing.ts";
import { bytesSource, streamSource } from "../sources.ts";
import { openLayout } from "./layout.ts";

for (const durability of ["each", "batch"] as const) {
  await describeStore(`a layout, ${durability}`, async () => {
    const { folder, remove } = await temporaryFolder();
    const store = await openLayout(folder, { create: true, durability });
    return {
      store,
      close: async () => {
        await store.close();
        await remove();
      },
    };
  });
}

const image = imageOf("layout");
const subject = image.manifest.descriptor;
const signature = imageOf("signature", { artifactType: "application/x.signature", subject });
const refName = "org.opencontainers.image.ref.name";

/** Runs with an empty folder, which is removed afterwards. */
function inFolder(title: string, run: (folder: string) => Promise<void>): void {
  test(title, async () => {
    const { folder, remove } = await temporaryFolder();
    try {
      await run(folder);
    } finally {
      await remove();
    }
  });
}

async function entries(folder: string): Promise<Descriptor[]> {
  const text = await readFile(join(folder, "index.json"), "utf8");
  return (JSON.parse(text) as { manifests: Descriptor[] }).manifests;
}

/** A layout with `image` under the tag 1, closed. */
async function written(folder: string): Promise<void> {
  const layout = await openLayout(folder, { create: true });
  await pushImage(layout, image, "1");
  await layout.close();
}

describe("what is in the folder", () => {
  inFolder("nothing is left but the layout", async (folder) => {
    await written(folder);
    assert.deepEqual((await readdir(folder)).toSorted(), ["blobs", "index.json", "oci-layout"]);
    assert.deepEqual(await entries(folder), [{ ...subject, annotations: { [refName]: "1" } }]);
  });

  inFolder("nothing is made before something is written", async (folder) => {
    const layout = await openLayout(folder, { create: true });
    await refuses(layout.resolve("1"), "MANIFEST_NOT_FOUND");
    await layout.close();
    assert.deepEqual(await readdir(folder), []);
  });

  inFolder("a manifest without a tag is named, unless an index names it", async (folder) => {
    const layout = await openLayout(folder, { create: true });
    const index = indexOf("named");
    await pushImage(layout, image);
    await pushImage(layout, index, "index");
    await layout.close();
    assert.deepEqual(
      (await entries(folder)).map(({ digest }) => digest),
      [subject.digest, index.manifest.descriptor.digest],
    );
  });

  inFolder("who loses a tag is still named", async (folder) => {
    const layout = await openLayout(folder, { create: true });
    const other = imageOf("other");
    await pushImage(layout, image, "1");
    await pushImage(layout, other, "1");
    await layout.deleteTag("1");
    await layout.close();
    assert.deepEqual(await entries(folder), [subject, other.manifest.descriptor]);
  });

  inFolder("a batch names manifests when one has a tag, or at the end", async (folder) => {
    const layout = await openLayout(folder, { create: true, durability: "batch" });
    await pushImage(layout, image);
    await assert.rejects(entries(folder), { code: "ENOENT" });
    await pushImage(layout, imageOf("tagged"), "1");
    assert.equal((await entries(folder)).length, 2);
    await pushImage(layout, imageOf("last"));
    await layout.close();
    assert.equal((await entries(folder)).length, 3);
  });

  inFolder("other tools find referrers under their tag", async (folder) => {
    const layout = await openLayout(folder, { create: true });
    await pushImage(layout, image, "1");
    await pushImage(layout, signature);
    const tag = referrersTag(subject.digest);
    const entry = (await entries(folder)).find((found) => found.annotations?.[refName] === tag);
    const bytes = await readBlob(layout, entry!);
    const { manifests } = JSON.parse(bytes.toString()) as { manifests: Descriptor[] };
    const { digest } = signature.manifest.descriptor;
    assert.deepEqual(
      manifests.map((found) => found.digest),
      [digest],
    );
    // For us it is no tag.
    assert.deepEqual(await collect(layout.listTags()), ["1"]);
    await refuses(layout.resolve(tag), "MANIFEST_NOT_FOUND");

    await layout.deleteManifest(digest);
    assert.deepEqual(await entries(folder), [{ ...subject, annotations: { [refName]: "1" } }]);
    assert.equal(await layout.statBlob(entry!.digest), undefined);
    await layout.close();
  });
});

describe("what others wrote", () => {
  /** Replaces `index.json` by one with these entries. */
  async function rewrite(folder: string, manifests: object[], rest: object = {}): Promise<void> {
    const index = { schemaVersion: 2, manifests, ...rest };
    await writeFile(join(folder, "index.json"), JSON.stringify(index));
  }

  inFolder("whole references are names too", async (folder) => {
    await written(folder);
    const names = [
      { "io.containerd.image.name": "docker.io/library/x:c" },
      { [refName]: "localhost:5000/x:r" },
      { [refName]: "plain" },
    ];
    await rewrite(
      folder,
      names.map((annotations) => ({ ...subject, annotations })),
    );
    const layout = await openLayout(folder);
    assert.deepEqual(await collect(layout.listTags()), ["c", "plain", "r"]);
    assert.equal((await layout.resolve("r")).digest, subject.digest);
  });

  inFolder("fields that are not known, and names given twice, are kept", async (folder) => {
    await written(folder);
    const twice = { ...subject, annotations: { [refName]: "1", "x.other": "y" }, "x-field": [1] };
    await rewrite(folder, [twice, twice], { annotations: { a: "b" }, "x-top": true });
    const layout = await openLayout(folder);
    await layout.tag(subject, "2");
    await layout.close();
    const index = JSON.parse(await readFile(join(folder, "index.json"), "utf8")) as object;
    const named = { ...twice, annotations: { [refName]: "2" } };
    assert.deepEqual(index, {
      schemaVersion: 2,
      manifests: [twice, twice, named],
      annotations: { a: "b" },
      "x-top": true,
    });
  });

  inFolder("a file that is changed under our hands is read again", async (folder) => {
    await written(folder);
    const layout = await openLayout(folder);
    for (let n = 0; n < 20; n++) {
      await rewrite(folder, [{ ...subject, annotations: { [refName]: `t${n % 10}` } }]);
      assert.deepEqual(await collect(layout.listTags()), [`t${n % 10}`]);
    }
  });

  inFolder("a referrers' index of another tool is read, and kept up", async (folder) => {
    await written(folder);
    let layout = await openLayout(folder);
    await pushImage(layout, signature);
    await layout.close();
    // As regctl does it: the referrer is only named there.
    const tag = referrersTag(subject.digest);
    const listing = (await entries(folder)).find((found) => found.annotations?.[refName] === tag);
    await rewrite(folder, [{ ...listing, annotations: { [refName]: tag } }]);

    layout = await openLayout(folder);
    const bill = imageOf("bill", { artifactType: "application/x.bill", subject });
    await pushImage(layout, bill);
    const digests = (await collect(layout.listReferrers(subject.digest))).map(
      (found) => found.digest,
    );
    const both = [signature, bill].map(({ manifest }) => manifest.descriptor.digest);
    assert.deepEqual(digests.toSorted(), both.toSorted());
    await layout.close();
  });

  inFolder("a blob that was cut short is not there, and is replaced", async (folder) => {
    await written(folder);
    const layout = await openLayout(folder);
    const { descriptor, bytes } = image.blobs[1]!;
    const path = join(folder, "blobs", "sha256", descriptor.digest.slice(7));
    await truncate(path, 100);
    await pushContent(layout, { descriptor, bytes });
    assert.deepEqual(await readFile(path), Buffer.from(bytes));
    const manifest = join(folder, "blobs", "sha256", subject.digest.slice(7));
    await truncate(manifest, 10);
    await refuses(layout.resolve("1"), "MANIFEST_NOT_FOUND");
    await layout.pushManifest(image.manifest);
    assert.equal((await layout.resolve("1")).digest, subject.digest);
    await layout.close();
  });
});

describe("what is not a layout", () => {
  inFolder("a damaged index is named, and left as it is", async (folder) => {
    await written(folder);
    const path = join(folder, "index.json");
    for (const text of [
      "root:x:0:0:secret",
      "[]",
      '{"manifests":{}}',
      '{"manifests":[{"digest":1}]}',
      JSON.stringify({
        manifests: [{ ...image.manifest.descriptor, annotations: { [refName]: { tag: "1" } } }],
      }),
      "",
    ]) {
      await writeFile(path, text);
      const layout = await openLayout(folder);
      for (const work of [layout.resolve("1"), layout.pushManifest(image.manifest, { tag: "2" })]) {
        await assert.rejects(work, (error) => {
          assert.ok(isError(error, "LAYOUT_INVALID"));
          assert.ok(error.message.includes(path));
          assert.ok(!`${error.stack} ${String(error.cause)}`.includes("secret"));
          return true;
        });
      }
      await layout.close();
      assert.equal(await readFile(path, "utf8"), text);
    }
  });

  inFolder("a folder of other things does not become one", async (folder) => {
    await writeFile(join(folder, "thesis.txt"), "");
    await refuses(openLayout(folder, { create: true }), "LAYOUT_INVALID");
    assert.deepEqual(await readdir(folder), ["thesis.txt"]);
    await refuses(openLayout(join(folder, "missing")), "FILE_NOT_FOUND");
  });

  inFolder("a later version is not understood", async (folder) => {
    await writeFile(join(folder, "oci-layout"), '{"imageLayoutVersion":"2.0.0"}');
    await refuses(openLayout(folder), "LAYOUT_INVALID");
  });

  inFolder("links and pipes in place of files are not followed", async (folder) => {
    await written(folder);
    const secret = contentOf("secret");
    const outside = join(folder, "..", `${secret.descriptor.digest.slice(7)}`);
    const layout = await openLayout(folder);
    const blobs = join(folder, "blobs", "sha256");
    const name = secret.descriptor.digest.slice(7);
    await symlink(outside, join(blobs, name));
    await refuses(readBlob(layout, secret.descriptor), "LAYOUT_INVALID");
    await refuses(layout.openBlobFile(secret.descriptor.digest), "LAYOUT_INVALID");
    const pipe = contentOf("pipe").descriptor;
    execFileSync("mkfifo", [join(blobs, pipe.digest.slice(7))]);
    await refuses(readBlob(layout, pipe), "LAYOUT_INVALID");
    await refuses(layout.openBlobFile(pipe.digest), "LAYOUT_INVALID");
  });

  inFolder("a folder of blobs that leads elsewhere is refused", async (folder) => {
    await written(join(folder, "theirs"));
    const mine = join(folder, "mine");
    await mkdir(join(mine, "blobs"), { recursive: true });
    await writeFile(join(mine, "oci-layout"), '{"imageLayoutVersion":"1.0.0"}');
    await symlink(join(folder, "theirs", "blobs", "sha256"), join(mine, "blobs", "sha256"));
    await refuses(openLayout(mine), "LAYOUT_INVALID");
  });
});

describe("what goes wrong", () => {
  for (const place of [".wharfinger", ".wharfinger/0123456789abcdef", ".wharfinger/x"]) {
    inFolder(`files behind a link at ${place} are nobody's to clean up`, async (folder) => {
      const [home, path] = [join(folder, "home"), join(folder, "layout")];
      const store = await openLayout(path, { create: true });
      await pushImage(store, image, "1");
      await store.close();
      await mkdir(join(home, "papers"), { recursive: true });
      await writeFile(join(home, "papers", "thesis.txt"), "precious");
      await writeFile(join(home, "letter.txt"), "precious");
      await mkdir(join(path, place, ".."), { recursive: true });
      await symlink(home, join(path, place));

      const again = await openLayout(path);
      await pushImage(again, imageOf("another"), "2").catch((error: unknown) => {
        assert.ok(isError(error, "LAYOUT_INVALID"));
      });
      await again.close().catch(() => {});
      assert.deepEqual((await readdir(home, { recursive: true })).toSorted(), [
        "letter.txt",
        "papers",
        join("papers", "thesis.txt"),
      ]);
    });
  }

  inFolder("a step that fails is reported, and the next try succeeds", async (folder) => {
    for (let step = 1; ; step++) {
      const path = join(folder, String(step));
      const layout = await openLayout(path, { create: true });
      const push = async () => {
        await pushImage(layout, image, "1");
        await pushImage(layout, signature);
      };
      const failed = await failing(step, "ENOSPC", push);
      if (failed !== undefined) assert.ok(isError(failed, "DISK_FULL"), String(failed));
      await push();
      assert.equal((await layout.resolve("1")).digest, subject.digest);
      await layout.close();
      const names = ["blobs", "index.json", "oci-layout"];
      assert.deepEqual((await readdir(path)).toSorted(), names, `step ${step}`);
      if (failed === undefined) break;
    }
  });

  inFolder("what a batch could not name is named later", async (folder) => {
    const layout = await openLayout(folder, { create: true, durability: "batch" });
    await pushImage(layout, image);
    const failed = await failing(1, "EIO", () => layout.flush(), "rename");
    assert.ok(isError(failed, "FILE_FAILED"));
    await layout.close();
    assert.deepEqual(await entries(folder), [subject]);
  });

  inFolder("a push that fails leaves no file", async (folder) => {
    const layout = await openLayout(folder, { create: true });
    await pushImage(layout, image);
    const blob = contentOf(noise(3_000_000));
    const failed = await failing(1, "ENOSPC", () => pushContent(layout, blob), "write");
    assert.ok(isError(failed, "DISK_FULL"));
    assert.equal(await layout.statBlob(blob.descriptor.digest), undefined);
    const [ours] = await readdir(join(folder, ".wharfinger"));
    assert.deepEqual(await readdir(join(folder, ".wharfinger", ours!)), ["lock"]);
    await layout.close();
  });
});

describe("several writers", () => {
  const writer = fileURLToPath(new URL("testing.ts", import.meta.url));

  inFolder("processes that write at once lose nothing", async (folder) => {
    const run = promisify(execFile);
    const names = ["a", "b", "c"];
    await Promise.all(names.map((name) => run(process.execPath, [writer, folder, name, "20"])));
    const layout = await openLayout(folder);
    const expected = names.flatMap((name) => Array.from({ length: 20 }, (_, n) => `${name}${n}`));
    assert.deepEqual(await collect(layout.listTags()), expected.toSorted());
    for (const tag of expected) await layout.fetchManifest(tag);
    assert.deepEqual((await readdir(folder)).toSorted(), ["blobs", "index.json", "oci-layout"]);
  });

  inFolder("one sees what the other wrote", async (folder) => {
    const [one, other] = [
      await openLayout(folder, { create: true }),
      await openLayout(folder, { create: true }),
    ];
    await pushImage(one, image, "1");
    assert.equal((await other.resolve("1")).digest, subject.digest);
    await Promise.all([one.tag(subject, "2"), other.tag(subject, "3")]);
    for (const layout of [one, other]) {
      assert.deepEqual(await collect(layout.listTags()), ["1", "2", "3"]);
    }
    await one.close();
    await other.close();
    assert.deepEqual((await readdir(folder)).toSorted(), ["blobs", "index.json", "oci-layout"]);
  });

  inFolder("an upload is finished by the next process", async (folder) => {
    const blob = contentOf(noise(10_000));
    let layout = await openLayout(folder, { create: true });
    const { id } = await layout.createUpload();
    async function* piece(start: number, end: number) {
      yield blob.bytes.slice(start, end);
    }
    await (await layout.openUpload(id)).append(piece(0, 4000));
    await layout.close();
    layout = await openLayout(folder);
    const upload = await layout.openUpload(id);
    assert.equal(upload.size, 4000);
    await upload.append(piece(4000, 10_000), { offset: 4000 });
    await upload.commit(blob.descriptor.digest);
    assert.deepEqual(await readBlob(layout, blob.descriptor), Buffer.from(blob.bytes));
    await layout.close();
  });
});

for (const durability of ["each", "none"] as const)
  inFolder(`bytes of unknown digest are stored in one pass, ${durability}`, async (folder) => {
    const layout = await openLayout(folder, { create: true, durability });
    const bytes = noise(3 << 20);
    const progress: number[] = [];
    const descriptor = await layout.pushStream(streamSource(pieces(bytes)), {
      mediaType: "application/x",
      onProgress: (count) => progress.push(count),
    });
    assert.deepEqual(descriptor, {
      mediaType: "application/x",
      digest: digestOf(bytes),
      size: bytes.byteLength,
    });
    assert.equal(progress.at(-1), bytes.byteLength);
    assert.ok((await readBlob(layout, descriptor)).equals(bytes));
    const controller = new AbortController();
    controller.abort();
    const { signal } = controller;
    await assert.rejects(layout.pushStream(bytesSource(bytes.subarray(1)), { signal }), {
      code: "INTERRUPTED",
    });
    await layout.close();
    assert.deepEqual(await readdir(join(folder, "blobs", "sha256")), [descriptor.digest.slice(7)]);
    assert.deepEqual((await readdir(folder)).toSorted(), ["blobs", "oci-layout"]);
  });

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.byteLength; at += 100_000) yield bytes.slice(at, at + 100_000);
}
