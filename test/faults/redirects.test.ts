/** Registries that send us elsewhere. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { blobOf, bytesOf } from "../../src/registry/testing/remote.ts";
import { createMemoryRepository } from "../../src/store/memory.ts";
import { bytesSource } from "../../src/store/sources.ts";
import { copy } from "../../src/transfer/copy.ts";
import { type Pair, startScriptedServer } from "../scripted-server.ts";
import { redirects } from "./faults.ts";
import { password, signedIn, startGuarded } from "./guarded.ts";
import { atEnd, failsWith, openImage, openProxy, openStage } from "./stage.ts";

/** Another server on this machine, which counts as another host by its name. */
async function startElsewhere(context: TestContext, ...pairs: Pair[]) {
  const server = await startScriptedServer(pairs);
  atEnd(context, () => server.close());
  return { server, url: `http://localhost:${server.url.port}` };
}

test("a blob comes from another host, is resumed there, and no credential goes along", async (context) => {
  const guarded = await startGuarded(context);
  const { descriptor, bytes } = blobOf(500_000);
  await guarded.collection.repository("a/b").pushBlob(descriptor, bytesSource(bytes));
  const { server, url } = await startElsewhere(
    context,
    {
      request: { method: "GET", path: "/storage", headers: { range: "bytes=200000-499999" } },
      answer: {
        status: 206,
        headers: { "content-range": "bytes 200000-499999/500000" },
        body: bytes.subarray(200_000),
      },
    },
    {
      request: { method: "GET", path: "/storage" },
      answer: { body: bytes, fault: "cut", faultAt: 200_000 },
    },
  );
  const { proxy, repository } = await openProxy(context, guarded.host, { credentials: signedIn });
  await repository.statBlob(descriptor.digest);
  proxy.add({ method: "GET", path: /blobs/, fault: redirects(`${url}/storage?sig=1`), times: 2 });
  assert((await bytesOf(await repository.fetchBlob(descriptor))).equals(bytes));
  assert.equal(server.requests.length, 2);
  for (const { headers } of server.requests) assert.equal(headers.authorization, undefined);
});

test("whoever a registry redirects to is not asked for a token, whatever it says", async (context) => {
  const guarded = await startGuarded(context);
  const { descriptor } = blobOf(1000);
  const challenge = `Bearer realm="${guarded.realm}",service="test"`;
  const { server, url } = await startElsewhere(context, {
    request: { method: "GET", path: "/storage" },
    answer: { status: 401, headers: { "www-authenticate": challenge } },
  });
  const { proxy, repository } = await openProxy(context, guarded.host, { credentials: signedIn });
  await repository.statBlob(descriptor.digest);
  const before = guarded.tokens.length;
  proxy.add({ method: "GET", fault: redirects(`${url}/storage`), times: 9 });
  await assert.rejects(repository.fetchBlob(descriptor), failsWith("UNAUTHORIZED"));
  assert.equal(guarded.tokens.length, before);
  assert.doesNotMatch(JSON.stringify(server.requests), new RegExp(`${password}|Bearer`));
});

test("redirects without end, and in a circle, are refused after a bounded number", async (context) => {
  const { proxy, repository, image, layer } = await openImage(context);
  const circle = redirects("/v2/round");
  let count = 0;
  const onward = {
    instead: (...[request, response]: Parameters<NonNullable<typeof circle.instead>>) =>
      redirects(`/v2/next/${(count += 1)}`).instead?.(request, response),
  };
  for (const fault of [circle, onward]) {
    proxy.clear();
    proxy.add({ fault, times: Infinity });
    const refused = failsWith("REDIRECT_REFUSED");
    await assert.rejects(repository.fetchManifest("latest"), refused);
    await assert.rejects(repository.resolve(image.digest), refused);
    await assert.rejects(repository.fetchBlob(layer), refused);
    await assert.rejects(repository.statBlob(layer.digest), refused);
    await assert.rejects(copy(repository, "latest", createMemoryRepository()), refused);
    assert(proxy.seen.length < 100);
  }
});

test("two hosts that send us to each other are noticed", async (context) => {
  const { proxy, repository } = await openStage(context);
  const { url } = await startElsewhere(context, {
    request: { method: "GET", path: /./ },
    answer: ({ path }) => ({ status: 302, headers: { location: `http://${proxy.host}${path}` } }),
  });
  const digest = `sha256:${"0".repeat(64)}`;
  proxy.add({ fault: redirects(`${url}/v2/a/b/manifests/${digest}`, 302), times: Infinity });
  await assert.rejects(repository.fetchManifest(digest), failsWith("REDIRECT_REFUSED"));
});

test("addresses that lead nowhere good are refused", async (context) => {
  const { proxy, repository, layer } = await openImage(context);
  for (const location of [
    "ftp://localhost/blob",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http://",
    "http://[::1",
    "//",
  ]) {
    proxy.clear();
    proxy.add({ method: "GET", fault: redirects(location), times: Infinity });
    await assert.rejects(repository.fetchBlob(layer), failsWith("REDIRECT_REFUSED"), location);
  }
});

test("what must not be repeated is not redirected: a push to another place fails, and says where to", async (context) => {
  const { proxy, repository, image } = await openImage(context);
  const { server, url } = await startElsewhere(context);
  proxy.add({ method: "POST", fault: redirects(`${url}/v2/`), times: 9 });
  proxy.add({ method: "PUT", fault: redirects(`${url}/v2/`), times: 9 });
  proxy.add({ method: "DELETE", fault: redirects(`${url}/v2/`), times: 9 });
  const refused = failsWith("RESPONSE_INVALID");
  const other = blobOf(100_000);
  await assert.rejects(repository.pushBlob(other.descriptor, bytesSource(other.bytes)), refused);
  const manifest = await repository.fetchManifest(image.digest);
  await assert.rejects(repository.pushManifest(manifest, { tag: "again" }), refused);
  await assert.rejects(repository.deleteManifest(image.digest), refused);
  assert.equal(server.requests.length, 0);
});

test("a redirect to a storage that fails for a while is followed anew", async (context) => {
  const { proxy, repository, layer, stored } = await openImage(context);
  const bytes = await stored(layer);
  const { server, url } = await startElsewhere(
    context,
    { request: { method: "GET", path: "/s" }, answer: { status: 503 }, times: 2 },
    { request: { method: "GET", path: "/s" }, answer: { fault: "reset" }, times: 2 },
    { request: { method: "GET", path: "/s" }, answer: { body: bytes } },
  );
  proxy.add({ method: "GET", path: /blobs/, fault: redirects(`${url}/s`), times: Infinity });
  assert((await bytesOf(await repository.fetchBlob(layer))).equals(bytes));
  assert.equal(server.requests.length, 5);
});

test("a signed address that has run out is asked for anew", async (context) => {
  const { proxy, repository, layer, stored } = await openImage(context);
  const bytes = await stored(layer);
  const { url } = await startElsewhere(
    context,
    {
      request: { method: "GET", path: "/s", query: { sig: "old" } },
      answer: { body: bytes, fault: "cut" },
      times: 1,
    },
    {
      request: { method: "GET", path: "/s", query: { sig: "old" } },
      answer: { status: 403, body: "expired" },
    },
    {
      request: { method: "GET", path: "/s", query: { sig: "new" } },
      answer: {
        status: 206,
        headers: { "content-range": "bytes 50000-99999/100000" },
        body: bytes.subarray(50_000),
      },
    },
  );
  proxy.add({ method: "GET", path: /blobs/, fault: redirects(`${url}/s?sig=old`) });
  proxy.add({ method: "GET", path: /blobs/, after: 1, fault: redirects(`${url}/s?sig=new`) });
  assert((await bytesOf(await repository.fetchBlob(layer))).equals(bytes));
});
