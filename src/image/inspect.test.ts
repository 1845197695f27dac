import assert from "node:assert/strict";
import { test } from "node:test";

import { isError, WharfError } from "../errors.ts";
import { mediaTypes, type Descriptor } from "../reference/descriptor.ts";
import { parsePlatform } from "../reference/platform.ts";
import { createMemoryRepository } from "../store/memory.ts";
import {
  amd64,
  arm64,
  pushDocument,
  pushImage,
  pushIndex,
  pushPlatforms,
  pushReferrer,
  pushText,
} from "../transfer/testing/images.ts";
import { observed } from "../transfer/testing/observed.ts";
import { inspect } from "./inspect.ts";

const config = {
  os: "linux",
  architecture: "amd64",
  created: "2026-01-01T00:00:00Z",
  config: {
    Entrypoint: ["/bin/sh", "-c"],
    Cmd: "true",
    Env: ["PATH=/bin", 5],
    Labels: { name: "x", count: 3 },
    User: "1000",
    WorkingDir: "/srv",
    ExposedPorts: { "80/tcp": {} },
    Volumes: { "/data": {} },
  },
  history: [
    { created: "2026-01-01T00:00:00Z", created_by: "ADD base" },
    { created_by: "ENV PATH=/bin", empty_layer: true },
  ],
};

test("an image is shown with what it runs, and no layer is fetched", async () => {
  const store = observed(createMemoryRepository());
  const image = await pushImage(store, {
    tag: "1.0",
    layers: ["12345", "12345", "678"],
    config,
    fields: { annotations: { "org.example": "yes" } },
  });
  const seen = await inspect(store, "1.0");
  assert.equal(seen.kind, "image");
  assert.equal(seen.digest, image.digest);
  assert.deepEqual(seen.annotations, { "org.example": "yes" });
  assert.equal(seen.created, "2026-01-01T00:00:00Z");
  assert.deepEqual(
    seen.platforms.map(({ platform, layers }) => [platform, layers]),
    [[amd64, 3]],
  );
  const configSize = seen.image!.config!.size;
  assert.equal(seen.size, configSize + 8, "a layer that is there twice is transferred once");
  assert.deepEqual(seen.image!.run, {
    platform: amd64,
    created: "2026-01-01T00:00:00Z",
    entrypoint: ["/bin/sh", "-c"],
    cmd: ["true"],
    env: ["PATH=/bin"],
    labels: { name: "x" },
    user: "1000",
    workdir: "/srv",
    exposedPorts: ["80/tcp"],
    volumes: ["/data"],
    diffIds: [],
    history: [
      { created: "2026-01-01T00:00:00Z", createdBy: "ADD base", emptyLayer: false },
      { createdBy: "ENV PATH=/bin", emptyLayer: true },
    ],
  });
  assert.deepEqual(
    store.calls.filter((call) => call.startsWith("fetchBlob")),
    [`fetchBlob ${seen.image!.config!.digest}`],
  );
});

test("an index is shown with the size of each platform and the image of the one asked for", async () => {
  const store = createMemoryRepository();
  await pushPlatforms(store, "1.0");
  const seen = await inspect(store, "1.0", { platform: arm64 });
  assert.equal(seen.kind, "index");
  assert.equal(seen.platforms.length, 3);
  assert.equal(seen.image!.digest, seen.platforms[1]!.digest);
  assert.deepEqual(seen.image!.run?.platform, arm64);
  for (const { size } of seen.platforms) assert(size! > 0);
  const sum = seen.platforms.reduce((total, { size }) => total + size!, 0);
  assert.equal(seen.size, sum - 2 * "base".length, "the layer that all share counts once");
});

test("without sizes only the manifest of the platform shown is read", async () => {
  const store = observed(createMemoryRepository());
  await pushPlatforms(store, "1.0");
  const seen = await inspect(store, "1.0", { platform: arm64, sizes: false, attachments: false });
  assert.equal(store.count("fetchManifest"), 2);
  assert.equal(seen.size, undefined);
  assert.equal(seen.platforms[0]!.size, undefined);
});

test("a platform that is not there is an error that lists those that are", async () => {
  const store = createMemoryRepository();
  await pushPlatforms(store, "1.0");
  await pushImage(store, { tag: "single" });
  for (const reference of ["1.0", "single"]) {
    await assert.rejects(
      inspect(store, reference, { platform: parsePlatform("linux/s390x") }),
      (error) => isError(error, "PLATFORM_NOT_FOUND") && /linux\/amd64/.test(error.message),
    );
  }
});

test("an artifact has no platform and nothing that it runs", async () => {
  const store = createMemoryRepository();
  const empty = await pushText(store, "{}", mediaTypes.ociEmpty);
  const layers = [await pushText(store, "text", "text/plain")];
  const artifact = { artifactType: "application/x", config: empty, layers };
  await pushDocument(store, mediaTypes.ociManifest, artifact, "1.0");
  const seen = await inspect(store, "1.0");
  assert.equal(seen.kind, "artifact");
  assert.equal(seen.artifactType, "application/x");
  assert.deepEqual(seen.platforms, []);
  assert.equal(seen.image!.run, undefined);
  assert.equal(seen.image!.layers.length, 1);
});

test("an index that names what is not there is shown without it", async () => {
  const store = createMemoryRepository();
  const here = await pushImage(store, { platform: amd64 });
  const gone = { ...here, digest: `sha256:${"0".repeat(64)}`, platform: arm64 };
  await pushIndex(store, [here, gone], { tag: "1.0" });
  const seen = await inspect(store, "1.0", { platform: amd64 });
  assert.equal(seen.size, undefined);
  assert.deepEqual(
    seen.platforms.map(({ size }) => size !== undefined),
    [true, false],
  );
});

test("an image of schema 1 is shown as far as it tells", async () => {
  const store = createMemoryRepository();
  const steps = [
    {
      created: "2014-01-02T00:00:00Z",
      config: { Cmd: ["sh"] },
      os: "linux",
      architecture: "amd64",
    },
    { created: "2014-01-01T00:00:00Z", container_config: { Cmd: ["ADD", "x"] }, throwaway: true },
  ];
  const document = {
    schemaVersion: 1,
    name: "x",
    tag: "y",
    architecture: "amd64",
    fsLayers: steps.map((_, at) => ({ blobSum: `sha256:${String(at).repeat(64)}` })),
    history: steps.map((step) => ({ v1Compatibility: JSON.stringify(step) })),
  };
  await pushDocument(store, mediaTypes.dockerSchema1, document, "old");
  const seen = await inspect(store, "old", { attachments: false });
  assert.equal(seen.kind, "image");
  assert.deepEqual(seen.image!.run?.cmd, ["sh"]);
  assert.deepEqual(
    seen.image!.run?.history.map(({ emptyLayer }) => emptyLayer),
    [true, false],
  );
  assert.equal(seen.size, undefined);
  assert.equal(seen.image!.layers.length, 2);
});

test("a configuration that is not what its digest says is refused", async () => {
  const store = createMemoryRepository();
  await pushImage(store, { tag: "1.0" });
  const fetchBlob = async ({ size }: Descriptor) =>
    (async function* () {
      yield new Uint8Array(size);
    })();
  await assert.rejects(inspect(observed(store, { replace: { fetchBlob } }), "1.0"), (error) =>
    isError(error, "DIGEST_MISMATCH"),
  );
});

test("a configuration that is too large is not read", async () => {
  const store = createMemoryRepository();
  const config = {
    mediaType: mediaTypes.ociConfig,
    digest: `sha256:${"0".repeat(64)}`,
    size: 1 << 30,
  };
  await pushDocument(store, mediaTypes.ociManifest, { config, layers: [] }, "1.0");
  await assert.rejects(inspect(store, "1.0"), (error) => isError(error, "MANIFEST_TOO_LARGE"));
});

test("a registry that refuses to list referrers has an image to show all the same", async () => {
  const store = createMemoryRepository();
  await pushReferrer(store, await pushImage(store, { tag: "1.0" }), "application/spdx+json");
  const listReferrers = () => {
    throw new WharfError("FORBIDDEN", "no");
  };
  const seen = await inspect(observed(store, { replace: { listReferrers } }), "1.0");
  assert(seen.attachmentsIncomplete);
  assert.equal(seen.kind, "image");
});

test("an index nested deeper than anything honest is refused", async () => {
  const store = createMemoryRepository();
  let inner = await pushImage(store, { platform: amd64 });
  for (let depth = 0; depth < 12; depth++) inner = await pushIndex(store, [inner]);
  await assert.rejects(inspect(store, inner.digest), (error) =>
    isError(error, "MANIFEST_TOO_LARGE"),
  );
});
