import assert from "node:assert/strict";
import { test } from "node:test";

import { type Digest, mediaTypes } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { createMemoryCollection } from "../../store/memory.ts";
import { bytesSource } from "../../store/sources.ts";
import type { Repository, RepositoryCollection } from "../../store/store.ts";
import { createAccount } from "../accounts/accounts.ts";
import { findByPath } from "../repositories.ts";
import { State } from "../state/state.ts";
import { Content } from "./content.ts";

const now = Date.parse("2026-05-01T12:00:00Z");

function open(collection: RepositoryCollection = createMemoryCollection()) {
  const state = new State(":memory:");
  createAccount(state, { name: "alice" }, now);
  return { state, collection, content: new Content(collection, state, () => now) };
}

type Opened = ReturnType<typeof open>;

/** As the registry does: keeps it, and then tells of it. */
async function push({ collection, content }: Opened, path: string, document: object, tag?: string) {
  const { mediaType } = document as { mediaType: string };
  const bytes = Buffer.from(JSON.stringify(document));
  const digest = digestOf(bytes);
  const descriptor = { mediaType, digest, size: bytes.byteLength };
  const tagged = tag === undefined ? {} : { tag };
  await collection.repository(path).pushManifest({ descriptor, bytes }, tagged);
  content.note({
    action: "push",
    kind: "manifest",
    repository: path,
    digest,
    mediaType,
    ...tagged,
  });
  return descriptor;
}

async function pushImage(
  opened: Opened,
  path: string,
  os: string,
  type: string = mediaTypes.ociConfig,
) {
  const bytes = Buffer.from(JSON.stringify({ os, architecture: "arm64" }));
  const config = { mediaType: type, digest: digestOf(bytes), size: bytes.byteLength };
  await opened.collection.repository(path).pushBlob(config, bytesSource(bytes));
  const document = { schemaVersion: 2, mediaType: mediaTypes.ociManifest, config, layers: [] };
  return push(opened, path, document, os);
}

const indexOf = (manifests: readonly object[]) => ({
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests,
});

function gateway() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** A collection in which the blobs of a repository come when its gate opens. */
function slow(gates: Readonly<Record<string, Promise<void>>>): RepositoryCollection {
  const inner = createMemoryCollection();
  const wrapped = (repository: Repository, gate: Promise<void> | undefined): Repository =>
    new Proxy(repository, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name === "fetchBlob")
          return async (...given: Parameters<Repository["fetchBlob"]>) => {
            await gate;
            return target.fetchBlob(...given);
          };
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    });
  return new Proxy(inner, {
    get(target, name) {
      if (name === "repository")
        return (path: string) => wrapped(target.repository(path), gates[path]);
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

function described({ state }: Opened, digest: string) {
  const row = state.one<{ content_type: string; images: string }>(
    "SELECT content_type, images FROM manifests WHERE digest = ? ORDER BY repository",
    digest,
  )!;
  return { ...row, images: (JSON.parse(row.images) as { os: string }[]).map(({ os }) => os) };
}

test("an index that comes while its images are still looked at is described by them", async () => {
  const gate = gateway();
  const opened = open(slow({ "alice/box": gate.opened }));
  const image = await pushImage(opened, "alice/box", "plan9");
  const index = await push(opened, "alice/box", indexOf([image]));
  gate.open();
  await opened.content.settled();
  assert.deepEqual(described(opened, index.digest), { content_type: "image", images: ["plan9"] });
});

test("an index that comes before its images is described by each that comes later, and so is what lists it", async () => {
  const opened = open();
  const elsewhere = { ...opened, ...open() };
  const [first, second] = [
    await pushImage(elsewhere, "alice/box", "plan9"),
    await pushImage(elsewhere, "alice/box", "inferno"),
  ];
  const index = await push(opened, "alice/box", indexOf([first, second]));
  const outer = await push(opened, "alice/box", indexOf([index]));
  await opened.content.settled();
  assert.deepEqual(described(opened, outer.digest).images, []);
  await pushImage(opened, "alice/box", "inferno");
  await opened.content.settled();
  assert.deepEqual(described(opened, index.digest).images, ["inferno"]);
  await pushImage(opened, "alice/other", "plan9");
  await opened.content.settled();
  assert.deepEqual(described(opened, index.digest).images, ["inferno"]);
  await pushImage(opened, "alice/box", "plan9");
  await opened.content.settled();
  for (const { digest } of [index, outer])
    assert.deepEqual(described(opened, digest).images, ["plan9", "inferno"]);
});

test("of indexes that list one another again and again only so much is told", async () => {
  const opened = open();
  const image = await pushImage(opened, "alice/box", "plan9");
  let last = image;
  for (let depth = 0; depth < 4; depth += 1)
    last = await push(opened, "alice/box", indexOf(Array.from({ length: 1000 }, () => last)));
  await opened.content.settled();
  assert.deepEqual(new Set(described(opened, last.digest).images), new Set(["plan9"]));
  assert.equal(described(opened, last.digest).images.length, 500);
});

test("of an index with long images only so much is told", async () => {
  const opened = open();
  const { digest } = await pushImage(opened, "alice/box", "plan9");
  const { bytes } = await opened.collection.repository("alice/box").fetchManifest(digest);
  const document = JSON.parse(Buffer.from(bytes).toString()) as object;
  const layer = { mediaType: mediaTypes.ociLayerGzip, digest, size: 1 };
  const layers = Array.from({ length: 8000 }, () => layer);
  const image = await push(opened, "alice/box", { ...document, layers });
  const index = await push(opened, "alice/box", indexOf(Array.from({ length: 400 }, () => image)));
  await opened.content.settled();
  assert.equal(described(opened, image.digest).images.length, 1);
  assert.equal(described(opened, index.digest).images.length, 2);
});

test("who waits for what was pushed does not wait for what is pushed later", async () => {
  const [first, second] = [gateway(), gateway()];
  const opened = open(slow({ "alice/first": first.opened, "alice/second": second.opened }));
  const image = await pushImage(opened, "alice/first", "plan9");
  const settled = opened.content.settled();
  await pushImage(opened, "alice/second", "plan9");
  first.open();
  await settled;
  assert.deepEqual(described(opened, image.digest).images, ["plan9"]);
  second.open();
  await opened.content.settled();
});

test("a configuration whose type is a word of JavaScript is not recognized", async () => {
  const opened = open();
  const image = await pushImage(opened, "alice/box", "linux", "constructor");
  await opened.content.settled();
  assert.equal(described(opened, image.digest).content_type, "unrecognized");
});

test("what was deleted in Hub goes from the registry, even if the process ended in between", async () => {
  const opened = open();
  const { state, collection, content } = opened;
  const image = await pushImage(opened, "alice/box", "linux");
  await pushImage(opened, "alice/other", "linux");
  await content.settled();
  const { id } = findByPath(state, "alice/box")!;
  state.transaction(() => {
    content.forget("alice/box");
    state.run("DELETE FROM repositories WHERE id = ?", id);
    content.forget("alice/other", "linux");
    state.run("DELETE FROM tags WHERE name = 'linux'");
  });
  // What has not happened yet does, in a process that begins again.
  await new Content(collection, state, () => now).catchUp();
  await assert.rejects(collection.repository("alice/box").resolve(image.digest));
  await assert.rejects(collection.repository("alice/other").resolve("linux"));
  const { digest } = await collection.repository("alice/other").resolve(image.digest);
  assert.equal(digest, image.digest);
  assert.equal(state.count("SELECT count(*) AS count FROM leaving"), 0);
});

test("what is pushed again before it went from the registry stays there", async () => {
  const opened = open();
  const { state, collection, content } = opened;
  await pushImage(opened, "alice/box", "linux");
  await content.settled();
  state.transaction(() => {
    content.forget("alice/box");
    state.run("DELETE FROM repositories");
  });
  const { digest } = await pushImage(opened, "alice/box", "linux");
  await content.forgotten("alice/box");
  const repository = collection.repository("alice/box");
  const { descriptor, bytes } = await repository.fetchManifest("linux");
  assert.equal(descriptor.digest, digest);
  const { config } = JSON.parse(Buffer.from(bytes).toString()) as { config: { digest: Digest } };
  assert.notEqual(await repository.statBlob(config.digest), undefined);
});

test("a tag that is pushed while Hub deletes the one before it stays, though it was not noted yet", async () => {
  const opened = open();
  const { content, state, collection } = opened;
  const before = await pushImage(opened, "alice/box", "linux");
  const document = indexOf([before]);
  const bytes = Buffer.from(JSON.stringify(document));
  const digest = digestOf(bytes);
  const descriptor = { mediaType: document.mediaType, digest, size: bytes.byteLength };
  const repository = collection.repository("alice/box");
  await repository.pushManifest({ descriptor, bytes }, { tag: "linux" });
  state.transaction(() => {
    content.forget("alice/box", "linux");
    state.run("DELETE FROM tags WHERE name = 'linux'");
  });
  await content.forgotten("alice/box");
  await assert.rejects(repository.resolve("linux"));
  const { mediaType } = descriptor;
  const event = { repository: "alice/box", digest, tag: "linux", mediaType } as const;
  content.note({ action: "push", kind: "manifest", ...event });
  await content.settled();
  assert.equal((await repository.resolve("linux")).digest, digest);
  assert.equal(content.mediaTypeOf("alice/box", "linux"), mediaType);
});
