import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { type Pair, startScriptedServer } from "../../test/scripted-server.ts";
import { type Descriptor, mediaTypes } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import { referrersTag } from "../reference/manifest.ts";
import type { Manifest } from "../store/store.ts";
import { collect, connectForTest } from "./testing/remote.ts";

const subject = digestOf(Buffer.from("subject"));
const tag = referrersTag(subject);

function referrer(label: string, artifactType = "application/x.signature"): Manifest {
  const config = { mediaType: mediaTypes.ociEmpty, digest: digestOf(Buffer.from("{}")), size: 2 };
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: mediaTypes.ociManifest,
      artifactType,
      config,
      layers: [],
      subject: { mediaType: mediaTypes.ociManifest, digest: subject, size: 7 },
      annotations: { label },
    }),
  );
  const descriptor = {
    mediaType: mediaTypes.ociManifest,
    digest: digestOf(bytes),
    size: bytes.length,
  };
  return { descriptor, bytes };
}

const entryOf = ({ descriptor }: Manifest, label: string): Descriptor => ({
  ...descriptor,
  artifactType: "application/x.signature",
  annotations: { label },
});

const index = (manifests: readonly object[]) => ({
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests,
});

async function serve(context: TestContext, ...pairs: Pair[]) {
  const server = await startScriptedServer(pairs);
  const registry = connectForTest(server.host);
  context.after(async () => {
    await registry.close();
    await server.close();
  });
  return { server, repository: registry.repository("a/b") };
}

/** A registry of manifests without a referrers API. */
function manifests() {
  const byReference = new Map<string, { body: Buffer; type: string }>();
  const path = /^\/v2\/a\/b\/manifests\/(.+)$/;
  const named = (text: string) => path.exec(text)?.[1] ?? "";
  const pairs: Pair[] = [
    {
      request: { method: "GET", path: /\/referrers\// },
      answer: { status: 404, body: "404 page not found" },
    },
    {
      request: { method: "GET", path },
      answer: (request) => {
        const found = byReference.get(named(request.path));
        return found
          ? { body: found.body, headers: { "content-type": found.type } }
          : { status: 404 };
      },
    },
    {
      request: { method: "PUT", path },
      answer: ({ path: target, body, headers }) => {
        const stored = { body, type: headers["content-type"] ?? "" };
        byReference.set(named(target), stored);
        byReference.set(digestOf(body), stored);
        return { status: 201 };
      },
    },
    {
      request: { method: "DELETE", path },
      answer: (request) => {
        const gone = byReference.get(named(request.path))?.body;
        for (const [reference, { body }] of byReference)
          if (body === gone) byReference.delete(reference);
        return { status: gone ? 202 : 404 };
      },
    },
  ];
  return { byReference, pairs };
}

test("referrers are listed page by page, each once", async (context) => {
  const path = `/v2/a/b/referrers/${subject}`;
  const [one, two] = [referrer("1"), referrer("2")];
  const { repository } = await serve(
    context,
    {
      request: { method: "GET", path, query: { page: "2" } },
      answer: { body: index([one.descriptor, two.descriptor]) },
    },
    {
      request: { method: "GET", path },
      answer: { body: index([one.descriptor]), headers: { link: `<${path}?page=2>; rel="next"` } },
    },
  );
  const listed = await collect(repository.listReferrers(subject));
  assert.deepEqual(
    listed.map(({ digest }) => digest),
    [one.descriptor.digest, two.descriptor.digest],
  );
});

test("what a registry does not filter is filtered here", async (context) => {
  const one = { ...referrer("1").descriptor, artifactType: "a/b" };
  const two = { ...referrer("2").descriptor, artifactType: "c/d" };
  for (const [applied, expected] of [
    [undefined, [one]],
    ["artifactType", [one, two]],
  ] as const) {
    const { server, repository } = await serve(context, {
      request: { method: "GET", path: /referrers/ },
      answer: {
        body: index([one, two]),
        headers: applied ? { "oci-filters-applied": applied } : {},
      },
    });
    const listed = await collect(repository.listReferrers(subject, { artifactType: "a/b" }));
    assert.deepEqual(
      listed.map(({ digest }) => digest),
      expected.map(({ digest }) => digest),
    );
    assert.equal(server.requests[0]?.query.get("artifactType"), "a/b");
  }
});

test("without the API the tag is read, and the API asked for only once", async (context) => {
  const { byReference, pairs } = manifests();
  const { server, repository } = await serve(context, ...pairs);
  const entry = entryOf(referrer("1"), "1");
  byReference.set(tag, {
    body: Buffer.from(JSON.stringify(index([entry]))),
    type: mediaTypes.ociIndex,
  });
  assert.deepEqual(await collect(repository.listReferrers(subject)), [entry]);
  assert.deepEqual(await collect(repository.listReferrers(subject)), [entry]);
  assert.equal(server.requests.length, 3);
});

test("a page of HTML in place of the API is no API", async (context) => {
  const { repository } = await serve(
    context,
    { request: { method: "GET", path: /referrers/ }, answer: { body: "<html>Welcome" } },
    { request: { method: "GET", path: /manifests/ }, answer: { status: 404 } },
  );
  assert.deepEqual(await collect(repository.listReferrers(subject)), []);
});

test("a referrer that the registry takes note of is pushed with one request", async (context) => {
  const { server, repository } = await serve(context, {
    request: { method: "PUT", path: /manifests/ },
    answer: { status: 201, headers: { "oci-subject": subject } },
  });
  await repository.pushManifest(referrer("1"));
  assert.equal(server.requests.length, 1);
});

test("a referrer that the registry takes no note of is added to the tag", async (context) => {
  const { pairs } = manifests();
  const { repository } = await serve(context, ...pairs);
  await repository.pushManifest(referrer("1"));
  await repository.pushManifest(referrer("2"));
  await repository.pushManifest(referrer("2"));
  assert.deepEqual(await collect(repository.listReferrers(subject)), [
    entryOf(referrer("1"), "1"),
    entryOf(referrer("2"), "2"),
  ]);
});

test("referrers that are pushed at once are all listed", async (context) => {
  const { pairs } = manifests();
  const { server } = await serve(context, ...pairs);
  // Two connections know nothing of each other, as two processes.
  const repositories = [1, 2].map(() => connectForTest(server.host).repository("a/b"));
  const all = Array.from({ length: 8 }, (_, number) => referrer(String(number)));
  await Promise.all(all.map((each, number) => repositories[number % 2]!.pushManifest(each)));
  const listed = await collect(repositories[0]!.listReferrers(subject));
  assert.deepEqual(
    listed.map(({ digest }) => digest).sort(),
    all.map(({ descriptor }) => descriptor.digest).sort(),
  );
});

test("a deleted referrer leaves the tag, and the tag goes with the last", async (context) => {
  const { byReference, pairs } = manifests();
  const { repository } = await serve(context, ...pairs);
  const [one, two] = [referrer("1"), referrer("2")];
  for (const each of [one, two]) await repository.pushManifest(each);
  await repository.deleteManifest(one.descriptor.digest);
  assert.deepEqual(await collect(repository.listReferrers(subject)), [entryOf(two, "2")]);
  await repository.deleteManifest(two.descriptor.digest);
  assert.deepEqual(await collect(repository.listReferrers(subject)), []);
  assert.equal(byReference.has(tag), false);
});

test("a referrer that cannot be deleted stays in the tag", async (context) => {
  const { pairs } = manifests();
  const { server, repository } = await serve(context, ...pairs);
  const one = referrer("1");
  await repository.pushManifest(one);
  server.add({ request: { method: "DELETE", path: /manifests/ }, answer: { status: 405 } });
  await assert.rejects(repository.deleteManifest(one.descriptor.digest), /405/);
  assert.deepEqual(await collect(repository.listReferrers(subject)), [entryOf(one, "1")]);
});
