import assert from "node:assert/strict";
import { suite, test } from "node:test";

import type { Descriptor, Platform } from "../../reference/descriptor.ts";
import { parsePlatform } from "../../reference/platform.ts";
import { createMemoryRepository } from "../../store/memory.ts";
import type { Repository } from "../../store/store.ts";
import {
  amd64,
  arm64,
  armv7,
  pushAttestation,
  pushImage,
  pushIndex,
  pushReferrer,
} from "../../transfer/testing/images.ts";
import { observed } from "../../transfer/testing/observed.ts";
import { file, pushLayers } from "../filesystem/testing/layers.ts";
import { diffImages, type DiffOptions } from "./diff.ts";
import type { FieldChange } from "./fields.ts";

const diff = (store: Repository, from: string, to: string, options: DiffOptions = {}) =>
  diffImages({ store, reference: from }, { store, reference: to }, options);

/** `+ FIELD TO`, `- FIELD FROM`, `~ FIELD FROM TO` */
const lines = (changes: readonly FieldChange[]): string[] =>
  changes.map(({ field, change, from, to }) => {
    const [before, after] = [JSON.stringify(from), JSON.stringify(to)];
    if (change === "changed") return `~ ${field} ${before} ${after}`;
    return change === "added" ? `+ ${field} ${after}` : `- ${field} ${before}`;
  });

suite("two images", () => {
  test("that are the same bytes are not looked into", async () => {
    const store = observed(createMemoryRepository());
    const { digest } = await pushImage(store, { tag: "1" });
    const before = store.calls.length;
    const found = await diff(store, "1", digest);
    assert.partialDeepStrictEqual(found, { same: true, images: [], index: [] });
    assert.equal(
      store.calls.slice(before).filter((call) => call.startsWith("fetchBlob")).length,
      0,
    );
  });

  test("have their configurations compared field by field", async () => {
    const store = createMemoryRepository();
    const from = {
      created: "2026-01-01T00:00:00Z",
      author: "",
      container_config: { Cmd: ["noise"] },
      config: {
        Env: ["PATH=/bin", "GONE=1", "EMPTY=", "SAME=1"],
        Cmd: ["sh"],
        Labels: { a: "1", b: "1" },
        ExposedPorts: { "80/tcp": {} },
        User: "",
        Volumes: null,
      },
      history: [{ created_by: "ADD base" }],
    };
    const to = {
      ...from,
      created: "2026-02-01T00:00:00Z",
      container_config: { Cmd: ["other noise"] },
      config: {
        Env: ["SAME=1", "PATH=/usr/bin", "NEW=a=b"],
        Cmd: ["sh"],
        Labels: { b: "2", c: "3" },
        ExposedPorts: { "80/tcp": {}, "443/tcp": {} },
        User: "1000",
        Volumes: {},
        Healthcheck: { Test: ["CMD", "true"] },
      },
    };
    await pushImage(store, { tag: "1", config: from });
    await pushImage(store, { tag: "2", config: to, fields: { annotations: { x: "y" } } });
    const { images } = await diff(store, "1", "2");
    assert.deepEqual(lines(images[0]!.config), [
      '~ created "2026-01-01T00:00:00Z" "2026-02-01T00:00:00Z"',
      '~ Env.PATH "/bin" "/usr/bin"',
      '- Env.GONE "1"',
      '- Env.EMPTY ""',
      '+ Env.NEW "a=b"',
      '- Labels.a "1"',
      '~ Labels.b "1" "2"',
      '+ Labels.c "3"',
      '~ ExposedPorts ["80/tcp"] ["443/tcp","80/tcp"]',
      '+ User "1000"',
      '+ Healthcheck {"Test":["CMD","true"]}',
    ]);
    assert.deepEqual(lines(images[0]!.manifest), ['+ annotations.x "y"']);
    assert.deepEqual(images[0]!.platform, amd64);
  });

  test("have their layers told with the steps that made them, and their sizes", async () => {
    const store = createMemoryRepository();
    const steps = (...names: string[]) => ({
      history: [
        { created_by: "ENV", empty_layer: true },
        ...names.map((created_by) => ({ created_by })),
      ],
    });
    await pushImage(store, { tag: "1", layers: ["base", "old"], config: steps("ADD", "COPY old") });
    await pushImage(store, {
      tag: "2",
      layers: ["base", "newer"],
      config: steps("ADD", "COPY new"),
    });
    const { images } = await diff(store, "1", "2");
    assert.deepEqual(
      images[0]!.layers.map(({ change, size, createdBy }) => [change, size, createdBy]),
      [
        ["shared", 4, "ADD"],
        ["removed", 3, "COPY old"],
        ["added", 5, "COPY new"],
      ],
    );
    const { from, to } = images[0]!;
    assert.equal(to!.size! - from!.size!, 2);
    assert.equal(to!.layers, 2);
  });

  test("have their files compared where that is asked for", async () => {
    const store = createMemoryRepository();
    await pushLayers(store, [[file("a"), file("b")]], { tag: "1" });
    await pushLayers(store, [[file("a"), file("b")], [file("b", "2")]], { tag: "2" });
    const { images } = await diff(store, "1", "2", { files: true });
    assert.deepEqual(
      images[0]!.files?.map(({ path, changed }) => [path, changed]),
      [["b", ["content"]]],
    );
    assert.equal((await diff(store, "1", "2")).images[0]!.files, undefined);
    const artifact = await pushReferrer(store, await store.resolve("1"), "text/plain");
    await assert.rejects(diff(store, "1", artifact.digest, { files: true }), {
      code: "UNSUPPORTED",
    });
  });

  test("may be in two places", async () => {
    const [here, there] = [createMemoryRepository(), createMemoryRepository()];
    await pushImage(here, { tag: "1", layers: ["a"] });
    await pushImage(there, { tag: "1", layers: ["b"] });
    const found = await diffImages(
      { store: here, reference: "1" },
      { store: there, reference: "1" },
    );
    assert.deepEqual(
      found.images[0]!.layers.map(({ change }) => change),
      ["removed", "added"],
    );
  });
});

suite("two indexes", () => {
  async function image(store: Repository, platform: Platform, layer: string): Promise<Descriptor> {
    return { ...(await pushImage(store, { platform, layers: [layer] })), platform };
  }

  test("are compared platform by platform, attestations with those of the same image", async () => {
    const store = createMemoryRepository();
    const same = await image(store, armv7, "same");
    const [before, after] = [await image(store, amd64, "1"), await image(store, amd64, "2")];
    const only = await image(store, arm64, "arm64");
    await pushIndex(store, [before, only, same, await pushAttestation(store, before)], {
      tag: "1",
      fields: { annotations: { note: "1" } },
    });
    const s390x = await image(store, parsePlatform("linux/s390x"), "s390x");
    await pushIndex(store, [s390x, await pushAttestation(store, after), same, after], { tag: "2" });
    const found = await diff(store, "1", "2");
    assert.deepEqual(
      found.images.map(({ platform, change, attestation }) => [
        `${attestation ? "about " : ""}${platform?.architecture}`,
        change,
      ]),
      [
        ["amd64", "changed"],
        ["arm64", "removed"],
        ["arm", "same"],
        ["about amd64", "changed"],
        ["s390x", "added"],
      ],
    );
    assert.deepEqual(lines(found.index), ['- annotations.note "1"']);
    assert.equal(found.images[1]!.from?.layers, 1);
    assert.equal(found.images[1]!.to, undefined);
  });

  test("of Windows find their successors", async () => {
    const store = createMemoryRepository();
    const windows = (version: string, layer: string) =>
      image(store, { os: "windows", architecture: "amd64", "os.version": version }, layer);
    await pushIndex(
      store,
      [await windows("10.0.17763.1", "a"), await windows("10.0.20348.1", "b")],
      { tag: "1" },
    );
    await pushIndex(
      store,
      [await windows("10.0.20348.2", "c"), await windows("10.0.17763.2", "d")],
      { tag: "2" },
    );
    const { images } = await diff(store, "1", "2");
    assert.deepEqual(
      images.map(({ change, platform }) => [change, platform?.["os.version"]]),
      [
        ["changed", "10.0.17763.1"],
        ["changed", "10.0.20348.1"],
      ],
    );
  });

  test("are compared for one platform alone, and so are an index and an image", async () => {
    const store = createMemoryRepository();
    const [one, two] = [await image(store, arm64, "1"), await image(store, arm64, "2")];
    const shared = await image(store, amd64, "shared");
    await pushIndex(store, [shared, one], { tag: "1" });
    await pushIndex(store, [shared, two], { tag: "2" });
    const found = await diff(store, "1", "2", { platform: arm64 });
    assert.deepEqual([found.from.digest, found.to.digest], [one.digest, two.digest]);
    assert.equal((await diff(store, "1", "2", { platform: amd64 })).same, true);
    for (const [from, to] of [
      ["1", two.digest],
      [one.digest, "2"],
    ] as const) {
      const { images, index } = await diff(store, from, to);
      assert.deepEqual(
        images.map(({ platform, change }) => [platform, change]),
        [[arm64, "changed"]],
      );
      assert.equal(index[0]?.field, "mediaType");
    }
    assert.deepEqual(
      (await diff(store, "1", one.digest)).images.map(({ change }) => change),
      ["same"],
    );
    const other = await pushImage(store, { platform: armv7 });
    await assert.rejects(diff(store, "1", other.digest), { code: "PLATFORM_NOT_FOUND" });
    await assert.rejects(diff(store, "1", "2", { platform: armv7 }), {
      code: "PLATFORM_NOT_FOUND",
    });
  });

  test("that lack manifests are compared as far as they go, each manifest is read once", async () => {
    const store = observed(createMemoryRepository());
    const [one, two] = [await image(store, amd64, "1"), await image(store, amd64, "2")];
    await pushIndex(store, [one, await image(store, arm64, "a")], { tag: "1" });
    await pushIndex(store, [two, await image(store, arm64, "b")], { tag: "2" });
    const before = store.calls.length;
    await diff(store, "1", "2");
    const reads = store.calls.slice(before).filter((call) => call.startsWith("fetchManifest"));
    assert.equal(reads.length, 6);
    await store.deleteManifest(one.digest);
    const { images } = await diff(store, "1", "2");
    assert.partialDeepStrictEqual(images[0], {
      change: "changed",
      from: { digest: one.digest },
      layers: [],
    });
    assert.equal(images[0]!.from!.size, undefined);
    assert.equal(images[1]!.layers.length, 2);
  });
});

test("artifacts are compared by what their manifests say", async () => {
  const store = createMemoryRepository();
  const subject = await pushImage(store);
  const [one, two] = [
    await pushReferrer(store, subject, "application/spdx+json", "1"),
    await pushReferrer(store, subject, "text/plain", "2"),
  ];
  const { images } = await diff(store, one.digest, two.digest);
  assert.deepEqual(lines(images[0]!.manifest), [
    '~ artifactType "application/spdx+json" "text/plain"',
  ]);
  assert.equal(images[0]!.platform, undefined);
  assert.deepEqual(
    images[0]!.layers.map(({ change }) => change),
    ["removed", "added"],
  );
});
