/** Archives, between us and the programs that people use. */
import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";

import { parseManifest } from "../src/reference/manifest.ts";
import { createArchive, openArchive } from "../src/store/archive/archive.ts";
import { gather, imageOf, layerOf, pushImage } from "../src/store/archive/testing/images.ts";
import type { Source } from "../src/store/store.ts";
import { readTar } from "../src/store/tar/reader.ts";
import { createTarWriter } from "../src/store/tar/writer.ts";
import { verified } from "../src/store/verified.ts";
import { copy } from "../src/transfer/copy.ts";
import { skipWithout, tool } from "./tools.ts";

const tar = tool("tar", "apt-get install tar");
const skopeo = tool("skopeo", "apt-get install skopeo");
const podman = tool("podman", "apt-get install podman");

const folder = await mkdtemp(join(tmpdir(), "wharf-archives-"));
after(() => rm(folder, { recursive: true, force: true }));
let count = 0;
const newPath = (): string => join(folder, `${count++}.tar`);

const layers = [
  await layerOf({ hello: "hello", "bin/large": Buffer.alloc(300_000, "large") }, "gzip"),
  await layerOf({ zstd: "2" }, "zstd"),
  await layerOf({ plain: "3" }, "none"),
];
const image = imageOf(layers, "oci");
const configDigest = image.config.descriptor.digest;
const diffIds = image.layers.map(({ diffId }) => diffId);
const name = "docker.io/library/busybox:1.36";

async function write(kind: "oci-archive" | "docker-archive", content = image): Promise<string> {
  const path = newPath();
  const target = await createArchive(path, kind, { names: [name] });
  await pushImage(target, content, "1.36");
  await target.finish();
  return path;
}

/** Reads all of an image; what it has of the one that was written is the same, or an error. */
async function check(source: Source, reference: string, { config } = image): Promise<void> {
  const { bytes, descriptor } = await source.fetchManifest(reference);
  const manifest = parseManifest(bytes, descriptor.mediaType);
  assert.ok(manifest.kind === "image");
  assert.equal(manifest.config.digest, config.descriptor.digest);
  for (const blob of [manifest.config, ...manifest.layers]) {
    for await (const _ of verified(blob, await source.fetchBlob(blob)));
  }
}

suite("GNU tar", { skip: tar.skip }, () => {
  const odd = [
    "plain",
    " spaces and\ttabs ",
    "new\nline",
    "-dash",
    "quo'te\"s",
    "back\\slash",
    "ünïcödé-日本-🚢",
    `${"long/".repeat(30)}file`,
    `${"x".repeat(200)}`,
    "glob*?[a]",
  ];

  for (const format of ["gnu", "oldgnu", "pax", "ustar", "v7"]) {
    test(`what it writes as ${format} is read`, async () => {
      const names =
        format === "ustar" || format === "v7" ? odd.filter((it) => it.length < 90) : odd;
      const place = await mkdtemp(join(folder, format));
      for (const file of names) {
        await mkdir(join(place, file, ".."), { recursive: true });
        await writeFile(join(place, file), `content of ${file}`);
      }
      const path = newPath();
      await tar.run(["-c", "-f", path, `--format=${format}`, "-C", place, "."]);
      const found = new Map<string, string>();
      for await (const entry of readTar(createReadStream(path))) {
        if (entry.type === "file") found.set(entry.name, String(await gather(entry.body)));
      }
      const expected = names.map((file) => [`./${file}`, `content of ${file}`] as const);
      assert.deepEqual([...found].toSorted(), expected.toSorted());
    });
  }

  test("what we write is listed and unpacked by it", async () => {
    const path = newPath();
    const chunks: Buffer[] = [];
    const writer = createTarWriter(async (chunk) => chunks.push(Buffer.from(chunk)));
    for (const file of odd) {
      const content = Buffer.from(`content of ${file}`);
      await writer.entry({ name: file, size: content.length, mtime: 1.5 }, content);
    }
    await writer.entry({ name: "link", type: "symlink", linkName: "y".repeat(150), size: 0 });
    await writer.entry({ name: "same", type: "hardlink", linkName: "plain", size: 0 });
    await writer.finish();
    await writeFile(path, Buffer.concat(chunks));
    const place = await mkdtemp(join(folder, "unpacked"));
    await tar.run(["-x", "-f", path, "-C", place]);
    for (const file of [...odd, "same"]) {
      const content = await readFile(join(place, file), "utf8");
      assert.equal(content, `content of ${file === "same" ? "plain" : file}`);
    }
    const listed = await tar.run(["-tv", "-f", path], {
      environment: { TZ: "UTC", LC_ALL: "C.UTF-8" },
    });
    assert.match(listed, /^-rw-r--r-- 0\/0 +16 1970-01-01 00:00 plain$/m);
  });

  test("it finds nothing to complain about in our archives", async () => {
    for (const kind of ["oci-archive", "docker-archive"] as const) {
      const listed = await tar.run(["-t", "-f", await write(kind)]);
      assert.match(listed, kind === "oci-archive" ? /^oci-layout\n/ : /\nmanifest\.json\n$/);
    }
  });
});

suite("skopeo", { skip: skopeo.skip }, () => {
  const skopeoCopy = (from: string, to: string) =>
    skopeo.run(["copy", "--insecure-policy", from, to]);

  test("it reads what we write", async () => {
    const locations = [
      `oci-archive:${await write("oci-archive")}`,
      `oci-archive:${await write("oci-archive")}:1.36`,
      `docker-archive:${await write("docker-archive")}`,
      `docker-archive:${await write("docker-archive")}:busybox:1.36`,
    ];
    for (const location of locations) {
      const config = await skopeo.run(["inspect", "--config", "--raw", location]);
      assert.equal(config.trim(), Buffer.from(image.config.bytes).toString());
      const raw = JSON.parse(await skopeo.run(["inspect", "--raw", location])) as {
        layers: unknown[];
      };
      assert.equal(raw.layers.length, 3);
    }
    const inspected = JSON.parse(await skopeo.run(["inspect", locations[0]!])) as {
      Digest: string;
    };
    assert.equal(inspected.Digest, image.manifest.descriptor.digest);
  });

  test("we read what it writes, in both directions", async () => {
    const [docker, oci] = [newPath(), newPath()];
    // It cannot put layers that are compressed with zstd into a docker archive.
    const simple = imageOf([layers[0]!, layers[2]!], "oci");
    await skopeoCopy(
      `oci-archive:${await write("oci-archive", simple)}`,
      `docker-archive:${docker}:busybox:1.36`,
    );
    await skopeoCopy(`docker-archive:${await write("docker-archive")}`, `oci-archive:${oci}:1.36`);
    const [fromDocker, fromOci] = [
      await openArchive(docker, "docker-archive"),
      await openArchive(oci, "oci-archive"),
    ];
    await check(fromDocker, "busybox:1.36", simple);
    const { digest } = await fromDocker.resolve(simple.config.descriptor.digest);
    assert.equal(await fromDocker.only(), digest);
    await fromDocker.close();
    // Skopeo makes an OCI configuration of docker's, which has the same layers.
    const { bytes } = await fromOci.fetchManifest("1.36");
    const manifest = parseManifest(bytes);
    assert.ok(manifest.kind === "image");
    const config = JSON.parse(String(await gather(await fromOci.fetchBlob(manifest.config)))) as {
      rootfs: { diff_ids: string[] };
    };
    assert.deepEqual(config.rootfs.diff_ids, diffIds);
    await fromOci.close();
  });

  test("what it copies out of our docker archive has our digests", async () => {
    const path = await write("docker-archive");
    const archive = await openArchive(path, "docker-archive");
    const ours = await archive.only();
    await archive.close();
    const copied = newPath().replace(".tar", "");
    await skopeoCopy(`docker-archive:${path}`, `dir:${copied}`);
    const theirs = parseManifest(await readFile(join(copied, "manifest.json")));
    assert.ok(theirs.kind === "image");
    assert.deepEqual(
      theirs.layers.map(({ digest }) => digest),
      diffIds,
    );
    assert.ok(ours.startsWith("sha256:"));
  });
});

suite("podman", { skip: skipWithout(podman) }, () => {
  const [root, runRoot, tmp] = ["root", "run", "tmp"].map((part) => join(folder, "podman", part));
  const options = `--root ${root} --runroot ${runRoot} --tmpdir ${tmp} --storage-driver vfs`;
  const run = (words: readonly string[], stdin?: Uint8Array) =>
    podman.run([...options.split(" "), ...words], stdin === undefined ? {} : { stdin });

  async function loaded(): Promise<{ id: string; layers: string[]; names: string[] }> {
    const [found] = JSON.parse(await run(["image", "inspect", name])) as [
      { Id: string; RootFS: { Layers: string[] }; RepoTags: string[] },
    ];
    await run(["rmi", "--all", "--force"]);
    return { id: `sha256:${found.Id}`, layers: found.RootFS.Layers, names: found.RepoTags };
  }
  const expected = { id: configDigest, layers: diffIds, names: [name] };

  test("it loads our docker archive, from a file and from a pipe", async () => {
    const path = await write("docker-archive");
    await run(["load", "--quiet", "--input", path]);
    assert.deepEqual(await loaded(), expected);
    await run(["load", "--quiet"], await readFile(path));
    assert.deepEqual(await loaded(), expected);
  });

  test("it loads our OCI archive", async () => {
    await run(["load", "--quiet", "--input", await write("oci-archive")]);
    const [{ Id, Names }] = JSON.parse(await run(["images", "--format", "json"])) as [
      { Id: string; Names: string[] },
    ];
    assert.equal(`sha256:${Id}`, configDigest);
    await run(["tag", Names[0]!, name]);
    assert.deepEqual((await loaded()).layers, diffIds);
  });

  test("we read what it saves, in both forms", async () => {
    await run(["load", "--quiet", "--input", await write("docker-archive")]);
    const [docker, oci] = [newPath(), newPath()];
    await run(["save", "--quiet", "--format", "docker-archive", "--output", docker, name]);
    await run(["save", "--quiet", "--format", "oci-archive", "--output", oci, name]);
    const fromDocker = await openArchive(docker, "docker-archive");
    await check(fromDocker, "busybox:1.36");
    await fromDocker.close();
    const fromOci = await openArchive(oci, "oci-archive");
    for (const reference of ["1.36", await fromOci.only()]) {
      const { bytes } = await fromOci.fetchManifest(reference);
      const manifest = parseManifest(bytes);
      assert.ok(manifest.kind === "image");
      assert.equal(manifest.layers.length, 3);
    }
    await fromOci.close();
    await run(["rmi", "--all", "--force"]);
  });

  test("an image copied out of a docker archive, layers uncompressed, can be loaded again", async () => {
    const source = await openArchive(await write("docker-archive"), "docker-archive");
    const oci = newPath();
    const target = await createArchive(oci, "oci-archive");
    await copy(source, await source.only(), target, { tag: "1.36" });
    await target.finish();
    await source.close();
    await run(["load", "--quiet", "--input", oci]);
    const [{ Id }] = JSON.parse(await run(["images", "--format", "json"])) as [{ Id: string }];
    assert.equal(`sha256:${Id}`, configDigest);
    await run(["rmi", "--all", "--force"]);
  });
});
