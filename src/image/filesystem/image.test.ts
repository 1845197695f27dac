import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { mediaTypes, type Descriptor } from "../../reference/descriptor.ts";
import { localPlatform, parsePlatform } from "../../reference/platform.ts";
import { gather } from "../../store/archive/testing/images.ts";
import { createMemoryRepository } from "../../store/memory.ts";
import type { Repository } from "../../store/store.ts";
import {
  pushAttestation,
  pushDocument,
  pushImage,
  pushIndex,
  pushReferrer,
  pushText,
} from "../../transfer/testing/images.ts";
import { observed } from "../../transfer/testing/observed.ts";
import { openFilesystem, type FilesystemOptions } from "./image.ts";
import { exportTar } from "./tar.ts";
import { file, layerOf, listing, pushLayers, type Item } from "./testing/layers.ts";

const exported = async (
  store: Repository,
  options: FilesystemOptions = {},
  reference = "latest",
): Promise<string[]> => listing(exportTar(await openFilesystem(store, reference, options)));

/** An image with one layer, of these bytes and this type. */
async function pushLayer(
  store: Repository,
  bytes: Uint8Array,
  { mediaType = mediaTypes.ociLayer as string, fields = {} } = {},
): Promise<Descriptor> {
  const layer = { ...(await pushText(store, bytes, mediaType)), ...fields };
  const config = await pushText(store, "{}", mediaTypes.ociConfig);
  return pushDocument(store, mediaTypes.ociManifest, { config, layers: [layer] }, "latest");
}

suite("which image", () => {
  async function platforms() {
    const store = createMemoryRepository();
    const images: Descriptor[] = [];
    const local = localPlatform();
    for (const name of ["linux/s390x", "windows/amd64", `${local.os}/${local.architecture}`]) {
      const { os, architecture } = parsePlatform(name);
      const image = await pushLayers(store, [[file(name)]], { config: { os, architecture } });
      images.push({ ...image, platform: { os, architecture } });
    }
    await pushIndex(store, [...images, await pushAttestation(store, images[2]!)], {
      tag: "latest",
    });
    return { store, images };
  }

  test("of an index the one for this machine, or for the platform asked for", async () => {
    const { store } = await platforms();
    const { os, architecture } = localPlatform();
    assert.deepEqual(await exported(store), [`${os}/${architecture} 644 ${os}/${architecture}`]);
    const platform = parsePlatform("linux/s390x");
    assert.deepEqual(await exported(store, { platform }), ["linux/s390x 644 linux/s390x"]);
    await assert.rejects(exported(store, { platform: parsePlatform("linux/riscv64") }), {
      code: "PLATFORM_NOT_FOUND",
    });
  });

  test("of one platform only that", async () => {
    const { store, images } = await platforms();
    const { digest } = images[0]!;
    assert.equal((await exported(store, {}, digest)).length, 1);
    const platform = parsePlatform("linux/s390x");
    assert.equal((await exported(store, { platform }, digest)).length, 1);
    await assert.rejects(exported(store, { platform: parsePlatform("linux/amd64") }, digest), {
      code: "PLATFORM_NOT_FOUND",
    });
  });

  test("of an index that names nothing none", async () => {
    const store = createMemoryRepository();
    await pushIndex(store, [], { tag: "latest" });
    await assert.rejects(exported(store), {
      code: "PLATFORM_NOT_FOUND",
      message: /names no image/,
    });
  });

  test("one without layers has no files", async () => {
    const store = createMemoryRepository();
    await pushLayers(store, []);
    assert.deepEqual(await exported(store), []);
  });

  test("what has no files is told from what has", async () => {
    const store = createMemoryRepository();
    const image = await pushImage(store, { tag: "latest" });
    const { digest } = await pushReferrer(store, image, "application/spdx+json");
    await assert.rejects(exported(store, {}, digest), {
      code: "UNSUPPORTED",
      message: `${digest} is no image with files, but of type application/spdx+json`,
    });
    await pushLayer(store, Buffer.from("?"), { mediaType: `${mediaTypes.ociLayerGzip}+encrypted` });
    await assert.rejects(exported(store), { code: "UNSUPPORTED", message: /is encrypted$/ });
  });

  test("one of schema 1 has its layers, whose sizes the store knows", async () => {
    const store = createMemoryRepository();
    const layers = await Promise.all(
      [[file("a", "1")], [file("a", "2"), file("b", "2")]].map(async (items: Item[]) =>
        pushText(store, gzipSync(await layerOf(items))),
      ),
    );
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 1,
        fsLayers: layers.toReversed().map(({ digest }) => ({ blobSum: digest })),
        history: [{ v1Compatibility: "{}" }, { v1Compatibility: "{}" }],
      }),
    );
    const manifest = { mediaType: mediaTypes.dockerSchema1, digest: "", size: bytes.length };
    const fetchManifest = async () => ({ descriptor: manifest, bytes });
    const old = observed(store, { replace: { fetchManifest } });
    assert.deepEqual(await exported(old), ["a 644 2", "b 644 2"]);
    const mute = observed(store, { replace: { fetchManifest, statBlob: undefined } });
    await assert.rejects(exported(mute), { code: "UNSUPPORTED" });
  });
});

suite("a layer", () => {
  test("that becomes incredibly large is refused, unless that is allowed", async () => {
    const zeros = await layerOf([file("zeros", Buffer.alloc(1 << 20))]);
    for (const bytes of [gzipSync(zeros), zstdCompressSync(zeros)]) {
      const store = createMemoryRepository();
      await pushLayer(store, bytes);
      await assert.rejects(exported(store, { maxUnpacked: 1 << 18 }), {
        code: "ARCHIVE_TOO_LARGE",
        message: /^layer sha256:\w+: its \d+ compressed bytes become more than \d+/,
      });
      assert.equal((await exported(store)).length, 1);
    }
  });

  test("whose bytes are others than promised, or too few, is no image's", async () => {
    const store = createMemoryRepository();
    const tar = await layerOf([file("a")]);
    await pushLayer(store, tar);
    const give = (bytes: Uint8Array) =>
      observed(store, {
        replace: {
          fetchBlob: async function* () {
            yield bytes;
          },
        },
      });
    const wrong = Buffer.from(tar).fill("b", 512, 513);
    await assert.rejects(exported(give(wrong)), { code: "DIGEST_MISMATCH" });
    await assert.rejects(exported(give(tar.subarray(0, -512))), { code: "SIZE_MISMATCH" });
  });

  test("that is damaged, or names what is outside, is refused by its name", async () => {
    const cases: [bytes: Uint8Array, code: string][] = [
      [gzipSync(await layerOf([file("a", "x".repeat(9999))])).subarray(0, -9), "ARCHIVE_INVALID"],
      [Buffer.alloc(512, "?"), "ARCHIVE_INVALID"],
      [await layerOf([file(".")]), "ARCHIVE_INVALID"],
      [await layerOf([file("../a")]), "PATH_UNSAFE"],
      [await layerOf([file("a/../../b")]), "PATH_UNSAFE"],
      [await layerOf([file("a/.wh...")]), "PATH_UNSAFE"],
      [await layerOf([file(".wh.")]), "PATH_UNSAFE"],
      [
        await layerOf([file("a"), { name: "b", type: "hardlink", linkName: "../a" }]),
        "PATH_UNSAFE",
      ],
    ];
    for (const [bytes, code] of cases) {
      const store = createMemoryRepository();
      await pushLayer(store, bytes);
      const image = await openFilesystem(store, "latest");
      await assert.rejects(gather(exportTar(image)), { code, message: /^layer sha256:\w+: / });
    }
  });

  test("that is distributed elsewhere says where, if it is not here", async () => {
    const store = createMemoryRepository();
    const tar = await layerOf([file("a")]);
    const fields = { urls: ["https://example.com/layer"] };
    await pushLayer(store, tar, { fields });
    assert.equal((await exported(store)).length, 1);
    const { layers } = await openFilesystem(store, "latest");
    await store.deleteBlob(layers[0]!.digest);
    await assert.rejects(exported(store), {
      code: "BLOB_NOT_FOUND",
      hint: "It is distributed elsewhere: https://example.com/layer",
    });
  });

  test("tells how much of it has come", async () => {
    const store = createMemoryRepository();
    await pushLayers(store, [[file("a")]], { packing: "gzip" });
    const told = new Map<string, number>();
    const onProgress = (layer: Descriptor, bytes: number) => told.set(layer.digest, bytes);
    await exported(store, { onProgress });
    const { layers } = await openFilesystem(store, "latest");
    assert.deepEqual(
      [...told],
      layers.map(({ digest, size }) => [digest, size]),
    );
  });
});
