import assert from "node:assert/strict";
import { truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";

import type { Descriptor } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { parseManifest } from "../../reference/manifest.ts";
import { parsePlatform } from "../../reference/platform.ts";
import { collect, readBlob } from "../../store/behaviours/content.ts";
import { temporaryFolder } from "../../store/disk/testing.ts";
import { openLayout } from "../../store/layout/layout.ts";
import { createMemoryRepository } from "../../store/memory.ts";
import { bytesSource, streamSource } from "../../store/sources.ts";
import type { BlobSource, Repository } from "../../store/store.ts";
import { attachArtifact, pushArtifact, type FileEvent } from "./index.ts";
import { annotationKeys, empty } from "./terms.ts";
import { writeFiles } from "./testing.ts";

const { folder, remove } = await temporaryFolder();
after(remove);
await writeFiles(folder, {
  "hi.txt": "hello\n",
  "copy.txt": "hello\n",
  "config.json": "{}",
  "dir/a": "a",
  "dir/sub/b": "b",
});
const path = (name: string) => join(folder, name);

async function manifestOf(store: Repository, reference: string) {
  const { bytes, descriptor } = await store.fetchManifest(reference);
  const manifest = parseManifest(bytes, descriptor.mediaType);
  assert.ok(manifest.kind === "image");
  return manifest;
}

const annotationsOf = ({ layers }: { readonly layers: readonly Descriptor[] }) =>
  layers.map(({ annotations }) => annotations);

for (const place of ["memory", "layout"] as const)
  test(`files and folders become layers, in ${place}`, async () => {
    const layout = path(`layout-${place}`);
    const durability = "none";
    const store =
      place === "memory"
        ? createMemoryRepository()
        : await openLayout(layout, { create: true, durability });
    const events: FileEvent[] = [];
    const files = [{ path: path("dir") }, { path: path("hi.txt"), mediaType: "text/plain" }];
    const pushed = await pushArtifact(store, files, {
      tag: ["v1", "latest", "v1"],
      artifactType: "application/x.test",
      annotations: { key: "value" },
      epoch: 1_577_836_800.9,
      onEvent: (event) => events.push(event),
    });
    const manifest = await manifestOf(store, "v1");
    assert.equal((await store.resolve("latest")).digest, pushed.descriptor.digest);
    assert.deepEqual(pushed.tags, ["v1", "latest"]);
    assert.deepEqual(manifest.layers, pushed.layers);
    assert.equal(manifest.artifactType, "application/x.test");
    assert.deepEqual(manifest.config, empty.descriptor);
    assert.deepEqual(manifest.annotations, {
      key: "value",
      [annotationKeys.created]: "2020-01-01T00:00:00Z",
    });
    const [directory, text] = manifest.layers;
    assert.equal(directory?.mediaType, "application/vnd.oci.image.layer.v1.tar+gzip");
    assert.equal(directory?.annotations?.[annotationKeys.unpack], "true");
    assert.equal(directory?.annotations?.[annotationKeys.title], "dir");
    assert.equal(text?.mediaType, "text/plain");
    assert.equal(String(await readBlob(store, text!)), "hello\n");
    assert.equal(digestOf(await readBlob(store, directory!)), directory!.digest);
    assert.deepEqual(
      events.filter(({ state }) => state === "found").map(({ title, size }) => [title, size]),
      [
        ["dir", -1],
        ["hi.txt", 6],
      ],
    );
    assert.deepEqual(events.filter(({ state }) => state === "copied").length, 2);
    // The same again, which everybody gets who pushes the same.
    const other = createMemoryRepository();
    const again = await pushArtifact(other, files, {
      artifactType: "application/x.test",
      annotations: { key: "value" },
      epoch: 1_577_836_800,
    });
    assert.equal(again.descriptor.digest, pushed.descriptor.digest);
    if ("close" in store) await (store as { close(): Promise<void> }).close();
  });

test("titles are those of the paths, of streams and of annotations", async () => {
  const store = createMemoryRepository();
  const files = [
    { path: path("hi.txt") },
    { path: path("dir/a"), annotations: { [annotationKeys.title]: "renamed/a", more: "words" } },
    { source: streamSource(bytes("piped")), title: "from/pipe" },
    { source: bytesSource(Buffer.from("held")), title: "held", mediaType: "text/plain" },
  ];
  const { layers } = await pushArtifact(store, files);
  assert.deepEqual(annotationsOf({ layers }), [
    { [annotationKeys.title]: "hi.txt" },
    { [annotationKeys.title]: "renamed/a", more: "words" },
    { [annotationKeys.title]: "from/pipe" },
    { [annotationKeys.title]: "held" },
  ]);
  assert.equal(String(await readBlob(store, layers[2]!)), "piped");
});

async function* bytes(text: string) {
  yield Buffer.from(text);
}

test("the configuration stands for the type, as before 1.1, unless there is one", async () => {
  const store = createMemoryRepository();
  const config = { path: path("config.json"), mediaType: "application/x.config" };
  const old = await pushArtifact(store, [], { config, tag: "old" });
  assert.equal(old.artifactType, "application/x.config");
  const manifest = await manifestOf(store, "old");
  assert.equal(manifest.artifactType, undefined);
  assert.deepEqual(manifest.layers, []);
  const typed = { config, artifactType: "a/b", tag: "new" };
  assert.equal((await pushArtifact(store, [], typed)).artifactType, "a/b");
  assert.deepEqual((await manifestOf(store, "new")).layers, [empty.descriptor]);
});

test("an artifact can be for a platform", async () => {
  const store = createMemoryRepository();
  const platform = parsePlatform("linux/arm/v7");
  await pushArtifact(store, [{ path: path("hi.txt") }], { platform, tag: "arm" });
  const { config } = await manifestOf(store, "arm");
  assert.equal(config.mediaType, "application/vnd.oci.image.config.v1+json");
  assert.equal(
    String(await readBlob(store, config)),
    '{"architecture":"arm","os":"linux","variant":"v7"}',
  );
});

test("nothing is sent where something is wrong with what was named", async () => {
  const refuse = () => assert.fail("nothing must be sent");
  const store = { statBlob: refuse, pushBlob: refuse, pushManifest: refuse };
  const hi = { path: path("hi.txt") };
  const cases = [
    ["FILE_NOT_FOUND", [hi, { path: path("missing") }]],
    ["USAGE", [hi, hi]],
    ["USAGE", [{ path: path("dir") }, { ...hi, title: "dir/hi" }]],
    ["USAGE", [{ ...hi, mediaType: "no type" }]],
    ["PATH_UNSAFE", [{ ...hi, title: "../hi" }]],
    ["PATH_UNSAFE", [{ ...hi, annotations: { [annotationKeys.title]: "/hi" } }]],
    ["MANIFEST_TOO_LARGE", Array.from({ length: 8193 }, (_, at) => ({ ...hi, title: `${at}` }))],
  ] as const;
  for (const [code, files] of cases)
    await assert.rejects(pushArtifact(store, files), { code }, code);
  const config = { path: path("dir") };
  await assert.rejects(pushArtifact(store, [hi], { config }), { code: "FILE_FAILED" });
  await assert.rejects(pushArtifact(store, [hi], { artifactType: "bad" }), { code: "USAGE" });
  await assert.rejects(pushArtifact(store, [hi], { tag: "no tag" }), { code: "REFERENCE_INVALID" });
});

/** A store that is a journey away, as far as the push can see. */
function distant(inner: Repository, pushStream?: RemotePush) {
  const asked: string[] = [];
  return {
    asked,
    registry: "example.com",
    statBlob: async (digest: string) => {
      asked.push(digest);
      return inner.statBlob(digest);
    },
    pushBlob: inner.pushBlob.bind(inner),
    pushManifest: inner.pushManifest.bind(inner),
    ...(pushStream && { pushStream }),
  };
}

type RemotePush = (
  source: BlobSource,
  options?: {
    readonly signal?: AbortSignal;
    readonly digest?: () => Promise<string>;
    readonly onProgress?: (bytes: number) => void;
  },
) => Promise<Descriptor>;

test("what a registry has is not sent, and the same content of two files once", async () => {
  const inner = createMemoryRepository();
  const store = distant(inner);
  const files = [{ path: path("hi.txt") }, { path: path("copy.txt") }, { path: path("dir") }];
  const states = async () => {
    const ends: string[] = [];
    await pushArtifact(store, files, {
      concurrency: 1,
      onEvent: ({ state, title }) =>
        ["exists", "copied"].includes(state) && ends.push(`${title} ${state}`),
    });
    return ends.toSorted();
  };
  assert.deepEqual(await states(), ["copy.txt exists", "dir copied", "hi.txt copied"]);
  assert.deepEqual(await states(), ["copy.txt exists", "dir exists", "hi.txt exists"]);
  assert.equal(new Set(store.asked).size, 3);
});

const large = path("large");
await writeFile(large, "");
await truncate(large, 65 << 20);

test("a large file is sent while it is hashed, and no further once the registry is known to have it", async () => {
  const inner = createMemoryRepository();
  let digest: string | undefined;
  const fresh: RemotePush = async (_source, options) => {
    digest = await options!.digest!();
    options?.onProgress?.(65 << 20);
    return { mediaType: "x/y", digest, size: 65 << 20 };
  };
  const first = await pushArtifact(distant(inner, fresh), [{ path: large }]);
  assert.equal(first.layers[0]?.digest, digest);
  assert.equal(first.layers[0]?.size, 65 << 20);

  let taken = 0;
  const slow: RemotePush = async (source, options) => {
    const body = await source.open(0, {});
    for await (const chunk of body) {
      taken += chunk.byteLength;
      await options!.digest!().catch(() => {});
      await nextTurn();
      body.recycle?.(chunk);
    }
    return { mediaType: "x/y", digest: await options!.digest!(), size: taken };
  };
  const there = distant(inner, slow);
  there.statBlob = async (asked) =>
    asked === digest ? { mediaType: "x/y", digest: asked, size: 65 << 20 } : inner.statBlob(asked);
  const events: string[] = [];
  const again = await pushArtifact(there, [{ path: large }], {
    onEvent: ({ state }) => events.push(state),
  });
  assert.ok(taken < 65 << 20);
  assert.deepEqual(again.layers, first.layers);
  assert.equal(events.at(-1), "exists");
});

test("a file that changes while it is pushed is named", async () => {
  const changing = path("changing");
  const before = Buffer.from("x".repeat(100_000));
  await writeFile(changing, before);
  const inner = createMemoryRepository();
  const store = distant(inner);
  store.statBlob = async (digest) => {
    if (digest === digestOf(before)) await writeFile(changing, "y".repeat(100_000));
    return inner.statBlob(digest);
  };
  await assert.rejects(pushArtifact(store, [{ path: changing }]), (error: Error) => {
    assert.match(error.message, /changing: changed while it was pushed/);
    return true;
  });
});

test("the first failure stops the others, and no manifest is pushed", async () => {
  const inner = createMemoryRepository();
  const store = distant(inner);
  store.pushManifest = async () => assert.fail("no manifest");
  const aborted: boolean[] = [];
  store.pushBlob = async (descriptor, _source, options) => {
    if (descriptor.size === 6) throw new Error("the disk is full");
    while (!options!.signal!.aborted) await nextTurn();
    aborted.push(true);
    throw options!.signal!.reason;
  };
  const files = [{ path: path("hi.txt") }, { path: path("dir/a") }];
  await assert.rejects(pushArtifact(store, files), { message: "the disk is full" });
  assert.ok(aborted.length > 0);
});

test("an aborted push is interrupted", async () => {
  const store = createMemoryRepository();
  const signal = AbortSignal.abort();
  await assert.rejects(pushArtifact(store, [{ path: path("hi.txt") }], { signal }), {
    code: "INTERRUPTED",
  });
});

test("what is attached names its subject, and is listed with its type", async () => {
  const store = createMemoryRepository();
  const { descriptor } = await pushArtifact(store, [{ path: path("hi.txt") }], { tag: "v1" });
  const options = { artifactType: "application/x.sbom", annotations: { by: "ada" } };
  const attached = await attachArtifact(store, "v1", [{ path: path("dir/a") }], options);
  assert.deepEqual(attached.subject, descriptor);
  const referrers = await collect(store.listReferrers(descriptor.digest));
  assert.deepEqual(
    referrers.map(({ digest, artifactType }) => [digest, artifactType]),
    [[attached.descriptor.digest, "application/x.sbom"]],
  );
  await assert.rejects(attachArtifact(store, "v1", [], { artifactType: "a/b" }), { code: "USAGE" });
  await assert.rejects(attachArtifact(store, "v2", [{ path: large }], { artifactType: "a/b" }), {
    code: "MANIFEST_NOT_FOUND",
  });
});
