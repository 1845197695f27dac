import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { mediaTypes, type Descriptor } from "../../reference/descriptor.ts";
import { parseManifest, referrersTag } from "../../reference/manifest.ts";
import { describeStore } from "../behaviours.ts";
import { collect, imageOf as anyImage, indexOf } from "../behaviours/content.ts";
import { pushImage } from "../behaviours/trial.ts";
import type { Bytes } from "../../http/bytes.ts";
import { readTar } from "../tar/reader.ts";
import { createArchive, openArchive } from "./archive.ts";
import { blobOf, gather, tarOf } from "./testing/images.ts";

let folder = "";
let count = 0;
const newPath = (): string => join(folder, `${count++}.tar`);
before(async () => void (folder = await mkdtemp(join(tmpdir(), "wharf-oci-archive-"))));
after(() => rm(folder, { recursive: true }));

type Tagged = readonly { tag?: string; image: ReturnType<typeof anyImage> }[];

async function archiveOf(content: Tagged): Promise<string> {
  const path = newPath();
  const target = await createArchive(path, "oci-archive");
  for (const { tag, image } of content) await pushImage(target, image, tag);
  await target.finish();
  return path;
}

async function filesOf(path: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  for await (const { name, body } of readTar(createReadStream(path))) {
    files.set(name, await gather(body));
  }
  return files;
}

suite("behaviours", async () => {
  folder ||= await mkdtemp(join(tmpdir(), "wharf-oci-archive-"));
  await describeStore("an OCI archive that is read", async (content) => {
    const store = await openArchive(await archiveOf(content), "oci-archive");
    return { store, close: () => store.close() };
  });
  await describeStore("an OCI archive that is written", async () => {
    const store = await createArchive(newPath(), "oci-archive");
    return { store, close: () => store.abort() };
  });
});

suite("reading", () => {
  const image = anyImage("reading");
  const { digest } = image.manifest.descriptor;

  test("an archive may come down a pipe, and may be compressed", async () => {
    const plain = await readFile(await archiveOf([{ tag: "one", image }]));
    for (const bytes of [plain, gzipSync(plain), zstdCompressSync(plain)]) {
      const path = newPath();
      await writeFile(path, bytes);
      async function* pipe(): Bytes {
        for (let at = 0; at < bytes.length; at += 700) yield bytes.subarray(at, at + 700);
      }
      for (const input of [path, pipe()]) {
        const archive = await openArchive(input, "oci-archive");
        try {
          assert.equal((await archive.resolve("one")).digest, digest);
          const [, layer] = image.blobs;
          const body = await archive.fetchBlob(layer!.descriptor);
          assert.deepEqual(await gather(body), Buffer.from(layer!.bytes));
        } finally {
          await archive.close();
        }
      }
    }
  });

  test("a compressed archive that is cut is refused", async () => {
    const plain = await readFile(await archiveOf([{ tag: "one", image }]));
    for (const bytes of [gzipSync(plain), zstdCompressSync(plain)]) {
      for (const length of [bytes.length - 3, bytes.length >> 1, 20]) {
        const path = newPath();
        await writeFile(path, bytes.subarray(0, length));
        await assert.rejects(openArchive(path, "oci-archive"), { code: "ARCHIVE_INVALID" });
      }
    }
  });

  test("the only image is found without a name, what is attached to it aside", async () => {
    const subject = image.manifest.descriptor;
    const signature = anyImage("signature", { artifactType: "application/x.sig", subject });
    const note = anyImage("note", { subject: signature.manifest.descriptor });
    const archive = await openArchive(
      await archiveOf([{ image }, { image: note }, { image: signature }]),
      "oci-archive",
    );
    assert.equal(await archive.only(), digest);
    assert.deepEqual(
      (await collect(archive.listReferrers!(digest))).map((referrer) => referrer.digest),
      [signature.manifest.descriptor.digest],
    );
    await archive.close();
  });

  test("of several images none is the only one", async () => {
    const other = anyImage("other");
    const path = await archiveOf([
      { tag: "b", image },
      { tag: "a", image: other },
    ]);
    const archive = await openArchive(path, "oci-archive");
    await assert.rejects(archive.only(), {
      code: "MANIFEST_NOT_FOUND",
      message: `${path}: holds 2 images; which one?`,
      hint: "Name one of them: a, b.",
    });
    await archive.close();
  });

  test("podman's names, host and repository included, are found by their tag", async () => {
    const path = newPath();
    const { encoded } = { encoded: digest.slice(7) };
    const name = "docker.io/library/busybox:1.36";
    const annotations = { "org.opencontainers.image.ref.name": name };
    const index = { schemaVersion: 2, manifests: [{ ...image.manifest.descriptor, annotations }] };
    const files = {
      "index.json": JSON.stringify(index),
      [`blobs/sha256/${encoded}`]: image.manifest.bytes,
    };
    await writeFile(path, await tarOf(files));
    const archive = await openArchive(path, "oci-archive");
    for (const reference of ["1.36", digest]) {
      assert.equal((await archive.resolve(reference)).digest, digest);
    }
    assert.deepEqual(await collect(archive.listTags()), ["1.36"]);
    await archive.close();
  });

  test("a manifest whose bytes are others, or fewer, is refused", async (t) => {
    const others = Buffer.from(image.manifest.bytes).fill(0x20, 5, 10);
    for (const [bytes, code] of [
      [others, "DIGEST_MISMATCH"],
      [others.subarray(1), "SIZE_MISMATCH"],
    ] as const) {
      const path = newPath();
      const index = { schemaVersion: 2, manifests: [image.manifest.descriptor] };
      const files = {
        "index.json": JSON.stringify(index),
        [`blobs/sha256/${digest.slice(7)}`]: bytes,
      };
      await writeFile(path, await tarOf(files));
      const archive = await openArchive(path, "oci-archive");
      t.after(() => archive.close());
      await assert.rejects(archive.fetchManifest(digest), { code });
    }
  });

  const damaged: [what: string, files: Record<string, string>, message: RegExp, hint?: RegExp][] = [
    ["an empty archive", {}, /has no index\.json, so it is no OCI archive/],
    ["a docker archive", { "manifest.json": "[]" }, /no OCI archive/, /docker-archive:FILE/],
    ["an index that is no JSON", { "index.json": "{" }, /index\.json: is no JSON/],
    ["an index without manifests", { "index.json": "[]" }, /index\.json lists no manifests/],
    [
      "a digest that is none",
      { "index.json": '{"manifests":[{"digest":"../x","size":1}]}' },
      /manifests\[0\]/,
    ],
    [
      "a thing said twice",
      { "index.json": '{"manifests":[],"manifests":[]}' },
      /has "manifests" twice/,
    ],
  ];
  for (const [what, files, message, hint] of damaged) {
    test(`${what} is refused`, async () => {
      const path = newPath();
      await writeFile(path, await tarOf(files));
      await assert.rejects(openArchive(path, "oci-archive"), {
        code: "ARCHIVE_INVALID",
        message,
        ...(hint && { hint }),
      });
    });
  }

  test("a file that is not there, a folder, and what is no tar", async () => {
    await assert.rejects(openArchive(newPath(), "oci-archive"), { code: "FILE_NOT_FOUND" });
    await assert.rejects(openArchive(folder, "oci-archive"), { code: "FILE_FAILED" });
    const path = newPath();
    await writeFile(path, "x".repeat(5000));
    await assert.rejects(openArchive(path, "oci-archive"), { code: "ARCHIVE_INVALID" });
  });
});

suite("writing", () => {
  test("referrers are found by us, and by who looks for their tag", async (t) => {
    const image = anyImage("subject");
    const { descriptor: subject } = image.manifest;
    const bill = anyImage("bill", { artifactType: "application/x.sbom", subject });
    const path = await archiveOf([{ tag: "1", image }, { image: bill }]);
    const archive = await openArchive(path, "oci-archive");
    t.after(() => archive.close());
    const [referrer] = await collect(archive.listReferrers!(subject.digest));
    assert.equal(referrer?.digest, bill.manifest.descriptor.digest);
    assert.deepEqual(await collect(archive.listTags()), ["1"]);
    assert.equal(await archive.only(), subject.digest);
    const files = await filesOf(path);
    const index = JSON.parse(String(files.get("index.json"))) as { manifests: Descriptor[] };
    const tagged = index.manifests.find(
      ({ annotations }) =>
        annotations?.["org.opencontainers.image.ref.name"] === referrersTag(subject.digest),
    );
    const listed = parseManifest(files.get(`blobs/sha256/${tagged!.digest.slice(7)}`)!);
    assert.ok(listed.kind === "index");
    assert.equal(listed.manifests[0]?.digest, bill.manifest.descriptor.digest);
  });

  test("index.json names what has a tag and what stands alone, not the parts of an index", async () => {
    const index = indexOf("written");
    const lone = anyImage("lone");
    const path = await archiveOf([
      { tag: "2", image: index },
      { tag: "1", image: index },
      { image: lone },
    ]);
    const archive = await openArchive(path, "oci-archive");
    assert.deepEqual(await collect(archive.listTags()), ["1", "2"]);
    await assert.rejects(archive.only(), { message: /holds 2 images/ });
    for (const { manifest } of index.children) {
      assert.equal(
        (await archive.resolve(manifest.descriptor.digest)).mediaType,
        mediaTypes.ociManifest,
      );
    }
    await archive.close();
  });

  test("the same content, pushed in the same order, gives the same bytes", async () => {
    const content = [{ tag: "a", image: indexOf("same") }];
    const [first, second] = [await archiveOf(content), await archiveOf(content)];
    assert.ok((await readFile(first)).equals(await readFile(second)));
  });

  test("a tag keeps to the grammar", async () => {
    const target = await createArchive(newPath(), "oci-archive");
    const { manifest } = anyImage("tag");
    await assert.rejects(target.pushManifest(manifest, { tag: "a/b" }), {
      code: "REFERENCE_INVALID",
    });
    await target.abort();
  });

  test("a device is written to, not replaced, and may be full", async () => {
    const target = await createArchive("/dev/null", "oci-archive");
    await pushImage(target, anyImage("null"));
    await target.finish();
    assert.ok((await stat("/dev/null")).isCharacterDevice());
    const full = { code: "DISK_FULL", message: "/dev/full: no space left on the disk" };
    await assert.rejects(createArchive("/dev/full", "oci-archive"), full);
  });

  test("an empty archive is one", async () => {
    const archive = await openArchive(await archiveOf([]), "oci-archive");
    await assert.rejects(archive.only(), { message: /holds no image/ });
    await archive.close();
  });

  test("large blobs, pushed side by side, come out whole", async () => {
    const path = newPath();
    const target = await createArchive(path, "oci-archive");
    const blobs = Array.from({ length: 6 }, (_, at) =>
      blobOf(Buffer.alloc(2_500_000 + at, at), mediaTypes.ociLayer),
    );
    await Promise.all(
      blobs.map(({ descriptor, bytes }) =>
        target.pushBlob(descriptor, {
          size: bytes.length,
          replayable: true,
          open: async () => slowly(bytes),
        }),
      ),
    );
    await target.finish();
    const archive = await openArchive(path, "oci-archive");
    for (const { descriptor, bytes } of blobs) {
      assert.ok((await gather(await archive.fetchBlob(descriptor))).equals(bytes));
    }
    await archive.close();
  });
});

async function* slowly(bytes: Uint8Array): Bytes {
  for (let at = 0; at < bytes.length; at += 300_000) {
    await new Promise(setImmediate);
    yield bytes.subarray(at, at + 300_000);
  }
}
