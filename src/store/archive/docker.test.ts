import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { after, before, suite, test } from "node:test";
import { gzipSync } from "node:zlib";

import type { Bytes } from "../../http/bytes.ts";
import { mediaTypes } from "../../reference/descriptor.ts";
import { parseManifest, type ImageManifest } from "../../reference/manifest.ts";
import { describeStore } from "../behaviours.ts";
import { collect, indexOf, noise } from "../behaviours/content.ts";
import { bytesSource } from "../sources.ts";
import { createTarWriter } from "../tar/writer.ts";
import { readTar } from "../tar/reader.ts";
import { verified } from "../verified.ts";
import { createArchive, openArchive, type ArchiveSource } from "./archive.ts";
import {
  behaviourImage,
  blobOf,
  dockerContent,
  gather,
  imageOf,
  layerOf,
  pushImage,
  tarOf,
  type Image,
} from "./testing/images.ts";

let folder = "";
let count = 0;
const newPath = (): string => join(folder, `${count++}.tar`);
before(async () => void (folder ||= await mkdtemp(join(tmpdir(), "wharf-docker-archive-"))));
after(() => rm(folder, { recursive: true }));

async function write(
  image: Image,
  options: Parameters<typeof createArchive>[2] = { names: ["busybox:1.36"] },
): Promise<string> {
  const path = newPath();
  const target = await createArchive(path, "docker-archive", options);
  try {
    await pushImage(target, image);
    await target.finish();
    return path;
  } finally {
    await target.abort();
  }
}

async function filesOf(path: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  async function* bytes(): Bytes {
    yield await readFile(path);
  }
  for await (const { name, body } of readTar(bytes())) files.set(name, await gather(body));
  return files;
}

async function readArchive(t: { after(close: () => unknown): void }, input: string | Bytes) {
  const archive = await openArchive(input, "docker-archive");
  t.after(() => archive.close());
  return archive;
}

async function imageIn(archive: ArchiveSource, reference: string): Promise<ImageManifest> {
  const { bytes, descriptor } = await archive.fetchManifest(reference);
  return parseManifest(bytes, descriptor.mediaType) as ImageManifest;
}

suite("behaviours", async () => {
  folder ||= await mkdtemp(join(tmpdir(), "wharf-docker-archive-"));
  const { tag, image } = await dockerContent();
  const holds = [{ tag, image: behaviourImage(image) }] as const;
  const path = await write(image, { names: [tag] });
  const open = async (input: string | Bytes) => {
    const store = await openArchive(input, "docker-archive");
    return { store, close: () => store.close() };
  };
  await describeStore("a docker archive that is read", () => open(path), { holds });
  await describeStore(
    "a docker archive that comes down a pipe, compressed",
    async () => open(Readable.from([gzipSync(await readFile(path))])),
    { holds },
  );
  // Only blobs: the suite's images have no root file system that docker could load.
  await describeStore("blobs of a docker archive that is written", async () => {
    const archive = await createArchive(newPath(), "docker-archive", { names: ["busybox:1.36"] });
    const store = {
      pushBlob: archive.pushBlob.bind(archive),
      statBlob: archive.statBlob.bind(archive),
    };
    return { store, close: () => archive.abort() };
  });
});

suite("writing", () => {
  test("layers go in uncompressed under their diff ids, and are named by manifest.json", async () => {
    const layers = [
      await layerOf({ plain: "1" }, "none"),
      await layerOf({ gzip: "2" }, "gzip"),
      await layerOf({ zstd: "3" }, "zstd"),
    ];
    const image = imageOf(layers);
    const files = await filesOf(await write(image));
    const paths = layers.map(({ diffId }) => `${diffId.slice(7)}.tar`);
    const config = `${image.config.descriptor.digest.slice(7)}.json`;
    assert.deepEqual([...files.keys()], [...paths, config, "manifest.json"]);
    assert.deepEqual(files.get(paths[2]!), await tarOf({ zstd: "3" }));
    assert.deepEqual(files.get(config), Buffer.from(image.config.bytes));
    assert.deepEqual(JSON.parse(String(files.get("manifest.json"))), [
      { Config: config, RepoTags: ["docker.io/library/busybox:1.36"], Layers: paths },
    ]);
  });

  test("a file and a pipe get the same bytes, however the layers arrive", async () => {
    const image = imageOf([
      await layerOf({ a: "a".repeat(100_000) }),
      await layerOf({ b: "b" }),
      await layerOf({ c: "c".repeat(2000) }, "none"),
    ]);
    const pipe = new PassThrough();
    const piped = gather(pipe);
    const target = await createArchive(pipe, "docker-archive", { names: ["busybox:1.36"] });
    await pushImage(target, image);
    await target.finish();
    pipe.end();
    assert.ok((await piped).equals(await readFile(await write(image))));
  });

  test("a layer that comes twice, even compressed in two ways, is there once", async () => {
    const gzip = await layerOf({ a: "1" }, "gzip");
    const zstd = await layerOf({ a: "1" }, "zstd");
    const files = await filesOf(await write(imageOf([gzip, zstd, gzip])));
    assert.equal(files.size, 3);
    const [{ Layers }] = JSON.parse(String(files.get("manifest.json"))) as [{ Layers: string[] }];
    assert.deepEqual(Layers, Array(3).fill(`${gzip.diffId.slice(7)}.tar`));
  });

  test("a tag makes a name only together with a repository", async () => {
    const image = imageOf([await layerOf({ a: "1" })]);
    const names = async (options: object, tag?: string): Promise<string[]> => {
      const path = newPath();
      const target = await createArchive(path, "docker-archive", options);
      await pushImage(target, image, tag);
      if (tag) assert.equal((await target.resolve(tag)).digest, image.manifest.descriptor.digest);
      await target.finish();
      const list = JSON.parse(String((await filesOf(path)).get("manifest.json")));
      return (list as [{ RepoTags: string[] }])[0].RepoTags;
    };
    const repository = "ghcr.io/team/app";
    assert.deepEqual(await names({ repository }, "1"), ["ghcr.io/team/app:1"]);
    assert.deepEqual(await names({ repository }), []);
    assert.deepEqual(await names({}, "1"), []);
    assert.deepEqual(await names({ names: ["b", "a:1"] }, "1"), [
      "docker.io/library/a:1",
      "docker.io/library/b:latest",
    ]);
    const path = newPath();
    const wrong = createArchive(path, "docker-archive", { names: ["Upper"] });
    await assert.rejects(wrong, { code: "REFERENCE_INVALID" });
  });

  test("several images share layers; the same image under two manifests is one", async () => {
    const [base, top] = [await layerOf({ base: "1" }), await layerOf({ top: "2" })];
    const packed = await layerOf({ base: "1" }, "zstd");
    const [small, large, same] = [imageOf([base]), imageOf([base, top]), imageOf([packed])];
    const path = newPath();
    const target = await createArchive(path, "docker-archive", { repository: "app" });
    await pushImage(target, small, "small");
    await pushImage(target, large, "large");
    await pushImage(target, same, "same");
    await target.finish();
    const list = JSON.parse(String((await filesOf(path)).get("manifest.json")));
    assert.deepEqual(
      (list as { RepoTags: string[]; Layers: string[] }[]).map(({ RepoTags, Layers }) => [
        RepoTags,
        Layers.length,
      ]),
      [
        [["docker.io/library/app:same", "docker.io/library/app:small"], 1],
        [["docker.io/library/app:large"], 2],
      ],
    );
  });

  test("what is pushed is known, and its progress told", async () => {
    const layer = await layerOf({ a: "x".repeat(5000) });
    const target = await createArchive(newPath(), "docker-archive");
    assert.equal(await target.statBlob(layer.descriptor.digest), undefined);
    const progress: number[] = [];
    await target.pushBlob(layer.descriptor, bytesSource(layer.bytes), {
      onProgress: (bytes) => progress.push(bytes),
    });
    assert.equal(progress.at(-1), layer.descriptor.size);
    assert.equal((await target.statBlob(layer.descriptor.digest))?.size, layer.descriptor.size);
    await target.abort();
  });

  test("an index, an artifact and what is encrypted are refused, and what to do is said", async () => {
    const target = await createArchive(newPath(), "docker-archive");
    const refused = (hint: RegExp) => ({ code: "UNSUPPORTED", hint });
    const index = indexOf("docker");
    await assert.rejects(target.pushManifest(index.manifest), refused(/--platform/));
    for (const type of [
      "application/octet-stream",
      "application/vnd.in-toto+json",
      "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
      "application/vnd.oci.image.layer.v1.tar+gzip+encrypted",
      mediaTypes.ociEmpty,
    ]) {
      const { descriptor, bytes } = blobOf("{}", type);
      await assert.rejects(target.pushBlob(descriptor, bytesSource(bytes)), refused(/oci-archive/));
    }
    await target.abort();
  });

  test("a layer that is not the one that the configuration promises is refused", async () => {
    const [layer, other] = [await layerOf({ a: "1" }), await layerOf({ a: "2" })];
    const image = imageOf([{ ...layer, diffId: other.diffId }]);
    await assert.rejects(write(image), { code: "DIGEST_MISMATCH", message: /unpacks to sha256:/ });
    const short = imageOf([layer]);
    const manifest = {
      ...(JSON.parse(Buffer.from(short.manifest.bytes).toString()) as object),
      layers: [],
    };
    const wrong = {
      ...short,
      manifest: blobOf(JSON.stringify(manifest), mediaTypes.dockerManifest),
    };
    await assert.rejects(write(wrong), { code: "MANIFEST_INVALID", message: /0 layers/ });
  });

  test("damaged blobs leave no trace, and a second push mends them", async () => {
    const files = { a: noise(100_000) };
    const layer = await layerOf(files);
    const image = imageOf([layer]);
    const path = newPath();
    const target = await createArchive(path, "docker-archive");
    const damaged = Buffer.from(layer.bytes).fill(0, 100, 120);
    const push = target.pushBlob(layer.descriptor, bytesSource(damaged));
    await assert.rejects(push, { code: "DIGEST_MISMATCH" });
    assert.equal(await target.statBlob(layer.descriptor.digest), undefined);
    await pushImage(target, image);
    await target.finish();
    assert.deepEqual((await filesOf(path)).get(`${layer.diffId.slice(7)}.tar`), await tarOf(files));
  });

  test("a manifest whose blobs were not pushed is refused", async () => {
    const target = await createArchive(newPath(), "docker-archive");
    const image = imageOf([await layerOf({ a: "1" })]);
    await assert.rejects(target.pushManifest(image.manifest), { code: "BLOB_NOT_FOUND" });
    await target.abort();
  });
});

suite("reading", () => {
  test("what was written comes out as a schema 2 manifest with uncompressed layers", async (t) => {
    const image = imageOf([await layerOf({ a: "1" }), await layerOf({ b: "2" })]);
    const archive = await readArchive(t, await write(image));
    const manifest = await imageIn(archive, "busybox:1.36");
    assert.equal(manifest.mediaType, mediaTypes.dockerManifest);
    assert.equal(manifest.config.digest, image.config.descriptor.digest);
    assert.deepEqual(
      manifest.layers.map(({ mediaType, digest }) => [mediaType, digest]),
      image.layers.map(({ diffId }) => ["application/vnd.docker.image.rootfs.diff.tar", diffId]),
    );
    for (const blob of [manifest.config, ...manifest.layers]) {
      const bytes = await gather(verified(blob, await archive.fetchBlob(blob)));
      assert.equal(bytes.length, blob.size);
    }
  });

  test("an image answers to its name, its tag alone, its digest and its id", async (t) => {
    const image = imageOf([await layerOf({ a: "1" })]);
    const archive = await readArchive(t, await write(image));
    const digest = await archive.only();
    for (const reference of [
      "busybox:1.36",
      "docker.io/library/busybox:1.36",
      "index.docker.io/library/busybox:1.36",
      "1.36",
      image.config.descriptor.digest,
      digest,
    ]) {
      assert.equal((await archive.resolve(reference)).digest, digest);
    }
    assert.deepEqual(await collect(archive.listTags()), ["docker.io/library/busybox:1.36"]);
    for (const reference of ["busybox", "latest", "sha256:" + "0".repeat(64), "../x"]) {
      await assert.rejects(archive.resolve(reference), { code: "MANIFEST_NOT_FOUND" });
    }
    const lost = { mediaType: "x", digest: "sha256:" + "0".repeat(64), size: 1 };
    await assert.rejects(archive.fetchBlob(lost), { code: "BLOB_NOT_FOUND" });
  });

  test("docker's old form: a folder a layer, links between equal ones", async (t) => {
    const layer = await layerOf({ a: "1" }, "none");
    const image = imageOf([layer, layer]);
    const config = `${image.config.descriptor.digest.slice(7)}.json`;
    const list = [
      { Config: config, RepoTags: ["busybox:latest"], Layers: ["1/layer.tar", "2/layer.tar"] },
    ];
    const chunks: Buffer[] = [];
    const tar = createTarWriter(async (chunk) => chunks.push(Buffer.from(chunk)));
    const add = (name: string, content: Uint8Array | string) =>
      tar.entry({ name, size: Buffer.from(content).length }, Buffer.from(content));
    await tar.entry({ name: "1/", type: "directory", size: 0 });
    await add("1/VERSION", "1.0");
    await add("1/json", "{}");
    await add("1/layer.tar", layer.bytes);
    await tar.entry({ name: "2/layer.tar", type: "symlink", linkName: "../1/layer.tar", size: 0 });
    await add(config, image.config.bytes);
    await add("manifest.json", JSON.stringify(list));
    await add("repositories", '{"busybox":{"latest":"2"}}');
    await tar.finish();
    const path = newPath();
    await writeFile(path, Buffer.concat(chunks));
    const archive = await readArchive(t, path);
    const manifest = await imageIn(archive, "busybox");
    assert.deepEqual(
      manifest.layers.map(({ digest }) => digest),
      [layer.diffId, layer.diffId],
    );
    assert.deepEqual(
      await gather(await archive.fetchBlob(manifest.layers[1]!)),
      Buffer.from(layer.bytes),
    );
  });

  async function saved(image: Image, layerName: (at: number) => string): Promise<string> {
    const hex = image.config.descriptor.digest.slice(7);
    const files: Record<string, Uint8Array | string> = {
      [`blobs/sha256/${hex}`]: image.config.bytes,
    };
    for (const [at, { bytes }] of image.layers.entries()) files[layerName(at)] = bytes;
    const Layers = image.layers.map((_, at) => layerName(at));
    files["manifest.json"] = JSON.stringify([
      { Config: `blobs/sha256/${hex}`, RepoTags: null, Layers },
    ]);
    const path = newPath();
    await writeFile(path, await tarOf(files));
    return path;
  }

  test("compressed layers are handed on as they are", async (t) => {
    const image = imageOf([await layerOf({ a: "1" }), await layerOf({ b: "2" }, "none")]);
    const byDigest = (at: number) => `blobs/sha256/${image.layers[at]!.descriptor.digest.slice(7)}`;
    for (const path of [await saved(image, byDigest), await saved(image, (at) => `${at}.tar`)]) {
      const archive = await readArchive(t, path);
      const { layers } = await imageIn(archive, await archive.only());
      assert.deepEqual(
        layers,
        image.layers.map(({ descriptor }) => descriptor),
      );
    }
  });

  test("layers compressed with zstd make an OCI manifest, since schema 2 has no name for them", async (t) => {
    const image = imageOf([await layerOf({ a: "1" }, "zstd")]);
    const archive = await readArchive(t, await saved(image, (at) => `${at}.tar`));
    const manifest = await imageIn(archive, await archive.only());
    assert.equal(manifest.mediaType, mediaTypes.ociManifest);
    assert.equal(manifest.config.mediaType, mediaTypes.ociConfig);
    assert.equal(manifest.layers[0]?.mediaType, mediaTypes.ociLayerZstd);
  });

  test("of several images one must be named", async (t) => {
    const path = newPath();
    const target = await createArchive(path, "docker-archive", { repository: "app" });
    await pushImage(target, imageOf([await layerOf({ a: "1" })]), "1");
    await pushImage(target, imageOf([await layerOf({ a: "2" })]), "2");
    await target.finish();
    const archive = await readArchive(t, path);
    await assert.rejects(archive.only(), {
      code: "MANIFEST_NOT_FOUND",
      hint: "Name one of them: docker.io/library/app:1, docker.io/library/app:2.",
    });
    const [one, two] = [await archive.resolve("app:1"), await archive.resolve("2")];
    assert.notEqual(one.digest, two.digest);
  });

  test("an archive from a pipe, compressed", async (t) => {
    const image = imageOf([await layerOf({ a: "1" })]);
    const bytes = gzipSync(await readFile(await write(image)));
    async function* pipe(): Bytes {
      for (let at = 0; at < bytes.length; at += 99) yield bytes.subarray(at, at + 99);
    }
    const archive = await readArchive(t, pipe());
    assert.equal(
      (await imageIn(archive, "busybox:1.36")).config.digest,
      image.config.descriptor.digest,
    );
  });

  test("bytes that are not the diff id's are noticed by who reads them", async (t) => {
    const [layer, other] = [await layerOf({ a: "1" }, "none"), await layerOf({ a: "2" }, "none")];
    const image = imageOf([{ ...layer, diffId: other.diffId }]);
    const archive = await readArchive(t, await saved(image, (at) => `${at}.tar`));
    const { layers } = await imageIn(archive, await archive.only());
    const read = gather(verified(layers[0]!, await archive.fetchBlob(layers[0]!)));
    await assert.rejects(read, { code: "DIGEST_MISMATCH" });
  });

  const hex = "0".repeat(64);
  const list = (image: object): string =>
    JSON.stringify([{ Config: "config.json", Layers: [], ...image }]);
  const config = JSON.stringify({ rootfs: { type: "layers", diff_ids: [] } });
  const damaged: [what: string, files: Record<string, string>, code: string, message: RegExp][] = [
    ["an empty archive", {}, "ARCHIVE_INVALID", /has no manifest\.json/],
    ["an OCI archive", { "index.json": "{}" }, "ARCHIVE_INVALID", /no docker archive/],
    ["a list that is none", { "manifest.json": "{}" }, "ARCHIVE_INVALID", /is no list of images/],
    ["a list of texts", { "manifest.json": '["x"]' }, "ARCHIVE_INVALID", /is no list of images/],
    [
      "layers that are no list",
      { "manifest.json": list({ Layers: 1 }) },
      "ARCHIVE_INVALID",
      /Layers/,
    ],
    ["no configuration", { "manifest.json": list({ Config: "" }) }, "ARCHIVE_INVALID", /no Config/],
    [
      "a lost configuration",
      { "manifest.json": list({}) },
      "ARCHIVE_INVALID",
      /has no config\.json/,
    ],
    [
      "a configuration elsewhere",
      { "manifest.json": list({ Config: "/etc/passwd" }) },
      "PATH_UNSAFE",
      /leaves/,
    ],
    ["a layer elsewhere", { "manifest.json": list({ Layers: ["../x"] }) }, "PATH_UNSAFE", /leaves/],
    [
      "a configuration without layers",
      { "manifest.json": list({}), "config.json": "{}" },
      "ARCHIVE_INVALID",
      /names no layers/,
    ],
    [
      "more layers than the configuration names",
      { "manifest.json": list({ Layers: ["a"] }), "config.json": config },
      "ARCHIVE_INVALID",
      /has 1 layers, but its configuration names 0/,
    ],
    [
      "a configuration that is not of its name",
      { "manifest.json": list({ Config: `${hex}.json` }), [`${hex}.json`]: config },
      "DIGEST_MISMATCH",
      /are those of sha256:/,
    ],
    [
      "a lost layer",
      {
        "manifest.json": list({ Layers: ["a"] }),
        "config.json": JSON.stringify({ rootfs: { diff_ids: [`sha256:${hex}`] } }),
      },
      "ARCHIVE_INVALID",
      /layer a is not there/,
    ],
  ];
  for (const [what, files, code, message] of damaged) {
    test(`${what} is refused`, async () => {
      const path = newPath();
      await writeFile(path, await tarOf(files));
      const open = async () => {
        const archive = await openArchive(path, "docker-archive");
        await archive.only().finally(() => archive.close());
      };
      await assert.rejects(open(), { code, message });
    });
  }
});
