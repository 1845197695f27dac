/** Manifests made to keep somebody busy: nested without end, with too many children, too large. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";

import { inspect } from "../../src/image/inspect.ts";
import { type Descriptor, mediaTypes } from "../../src/reference/descriptor.ts";
import { digestOf } from "../../src/reference/digest.ts";
import { manifestLimit } from "../../src/reference/manifest.ts";
import { openLayout } from "../../src/store/layout/layout.ts";
import { createMemoryRepository } from "../../src/store/memory.ts";
import type { Target } from "../../src/store/store.ts";
import { copy } from "../../src/transfer/copy.ts";
import {
  pushDocument,
  pushImage,
  pushIndex,
  pushReferrer,
} from "../../src/transfer/testing/images.ts";
import { startScriptedServer } from "../scripted-server.ts";
import { answers } from "./faults.ts";
import { atEnd, client, failsWith, openStage, temporaryFolder } from "./stage.ts";

const tooLarge = failsWith("MANIFEST_TOO_LARGE");

/** A descriptor of a manifest that nobody has. */
function absent(number: number): Descriptor {
  const digest = `sha256:${number.toString(16).padStart(64, "0")}`;
  return { mediaType: mediaTypes.ociManifest, digest, size: 1000 };
}

const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, at) => absent(from + at));

async function refuses(target: Target, work: () => Promise<unknown>): Promise<void> {
  await assert.rejects(work(), tooLarge);
  await assert.rejects(target.resolve("bomb"), failsWith("MANIFEST_NOT_FOUND"));
}

test("indexes within indexes end at a depth, in a copy to any target", async (context) => {
  const { proxy, repository, collection, upstream } = await openStage(context);
  const store = collection.repository("a/b");
  let inner = await pushImage(store);
  for (let depth = 0; depth < 30; depth += 1) inner = await pushIndex(store, [inner]);
  await store.tag(inner, "bomb");
  const layout = await openLayout(join(await temporaryFolder(context), "layout"), { create: true });
  atEnd(context, () => layout.close());
  for (const target of [createMemoryRepository(), layout])
    await refuses(target, () => copy(repository, "bomb", target));
  const other = client(context, upstream).repository("target");
  await assert.rejects(copy(repository, "bomb", other), tooLarge);
  assert(proxy.log(/manifests\/sha256:/).length < 60);
  await inspect(repository, "bomb").catch(tooLarge);
  assert(proxy.log().length < 300);
});

/** A document that no honest store keeps, as a registry may send it. */
function served(document: object) {
  const mediaType = mediaTypes.ociIndex;
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...document }));
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length };
  const headers = { "content-type": mediaType, "docker-content-digest": descriptor.digest };
  return { manifest: { descriptor, bytes }, fault: answers(200, { body: bytes, headers }) };
}

for (const [name, document] of [
  ["ten thousand children and more", { manifests: many(10_001) }],
  [
    "more bytes than a registry need accept",
    { manifests: [], annotations: { filler: "x".repeat(manifestLimit) } },
  ],
] as const) {
  test(`a manifest with ${name} is refused at once, by us and by our server`, async (context) => {
    const { proxy, repository, collection } = await openStage(context);
    const { manifest, fault } = served(document);
    await assert.rejects(repository.pushManifest(manifest, { tag: "bomb" }), (error) => {
      return failsWith("MANIFEST_TOO_LARGE", "MANIFEST_INVALID")(error);
    });
    assert.equal(await collection.hasRepository("a/b"), false);
    proxy.clear();
    proxy.add({ path: /manifests\/(bomb|sha256)/, fault, times: Infinity });
    const target = createMemoryRepository();
    await refuses(target, () => copy(repository, "bomb", target));
    await assert.rejects(inspect(repository, "bomb"), tooLarge);
    assert(proxy.log().length < 10, `${proxy.log().length} requests`);
  });
}

test("children of several indexes count together", async (context) => {
  const { proxy, repository, collection } = await openStage(context);
  const store = collection.repository("a/b");
  const parts: Descriptor[] = [];
  for (let part = 0; part < 4; part += 1)
    parts.push(await pushIndex(store, many(3000, part * 3000)));
  await pushIndex(store, parts, { tag: "bomb" });
  const target = createMemoryRepository();
  await refuses(target, () => copy(repository, "bomb", target, { referrers: false }));
  assert(proxy.log().length < 50, `${proxy.log().length} requests`);
});

test("JSON that is nested too deep for a parser is an error like any other", async (context) => {
  const { repository, collection } = await openStage(context);
  const store = collection.repository("a/b");
  const text = `{"schemaVersion":2,"mediaType":"${mediaTypes.ociIndex}","manifests":[],"annotations":${'{"a":'.repeat(200_000)}1${"}".repeat(200_001)}`;
  const bytes = Buffer.from(text);
  const descriptor = {
    mediaType: mediaTypes.ociIndex,
    digest: digestOf(bytes),
    size: bytes.length,
  };
  await assert.rejects(
    repository.pushManifest({ descriptor, bytes }, { tag: "bomb" }),
    failsWith("MANIFEST_INVALID", "MANIFEST_TOO_LARGE"),
  );
  await assert.rejects(store.resolve("bomb"), failsWith("MANIFEST_NOT_FOUND"));
});

test("referrers of referrers without end are left after a few", async (context) => {
  const store = createMemoryRepository();
  const image = await pushImage(store, { tag: "bomb" });
  const pageOf = async (digest: string) => {
    const { mediaType, size } = await store.resolve(digest);
    const referrer = await pushReferrer(store, { mediaType, digest, size }, "application/x-bomb");
    return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [referrer] };
  };
  const manifest = async (path: string) => {
    const { descriptor, bytes } = await store.fetchManifest(path.split("/").at(-1)!);
    const headers = {
      "content-type": descriptor.mediaType,
      "docker-content-digest": descriptor.digest,
    };
    return { headers, body: Buffer.from(bytes) };
  };
  const missing = { status: 404, body: { errors: [{ code: "MANIFEST_UNKNOWN" }] } };
  const server = await startScriptedServer([
    {
      request: { method: "GET", path: /\/referrers\/sha256:/ },
      // A new one each time that anybody asks.
      answer: async ({ path }) => ({
        headers: { "content-type": mediaTypes.ociIndex },
        body: Buffer.from(JSON.stringify(await pageOf(path.split("/").at(-1)!))),
      }),
    },
    ...["GET", "HEAD"].map((method) => ({
      request: { method, path: /\/manifests\// },
      answer: ({ path }: { path: string }) => manifest(path).catch(() => missing),
    })),
    {
      request: { method: "GET", path: /\/blobs\// },
      answer: async ({ path }) => {
        const digest = path.split("/").at(-1)!;
        const body: Uint8Array[] = [];
        for await (const chunk of await store.fetchBlob({ ...image, digest })) body.push(chunk);
        return { body: Buffer.concat(body) };
      },
    },
  ]);
  atEnd(context, () => server.close());
  const source = client(context, server.host).repository("a/b");
  const target = createMemoryRepository();
  await refuses(target, () => copy(source, "bomb", target, { referrers: true }));
  await inspect(source, "bomb");
  assert(server.requests.length < 500, `${server.requests.length} requests`);
});

test("a configuration that claims to be enormous is not read to be looked at", async (context) => {
  const { proxy, repository, collection } = await openStage(context);
  const store = collection.repository("a/b");
  const image = await pushImage(store);
  const parsed = JSON.parse(
    Buffer.from((await store.fetchManifest(image.digest)).bytes).toString(),
  );
  parsed.config.size = 10_000_000_000;
  await pushDocument(store, mediaTypes.ociManifest, parsed, "bomb");
  const outcome = await inspect(repository, "bomb").catch((error: unknown) => error);
  if (outcome instanceof Error)
    failsWith("MANIFEST_TOO_LARGE", "MANIFEST_INVALID", "SIZE_MISMATCH")(outcome);
  assert(proxy.log().length < 20);
});
