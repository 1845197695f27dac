/** Addresses that a registry gives us: token services, upload locations, next pages, and where they may lead. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test, type TestContext } from "node:test";

import { blobOf, collect } from "../../src/registry/testing/remote.ts";
import { bytesSource } from "../../src/store/sources.ts";
import { pushImage, pushReferrer } from "../../src/transfer/testing/images.ts";
import { type Pair, startScriptedServer } from "../scripted-server.ts";
import { answers, redirects, rewritten } from "./faults.ts";
import { type Guarded, signedIn, startGuarded } from "./guarded.ts";
import { atEnd, client, failsWith, openProxy, openStage } from "./stage.ts";

/** Another host, which must never see a secret. */
async function startStranger(context: TestContext, guarded?: Guarded, ...pairs: Pair[]) {
  const server = await startScriptedServer(pairs);
  atEnd(context, async () => {
    await server.close();
    for (const { target, headers, body } of server.requests) {
      const all = `${target} ${JSON.stringify(headers)} ${body.toString("latin1")}`;
      for (const secret of guarded?.secrets() ?? [])
        assert(!all.includes(secret), "a secret went to another host");
    }
  });
  return { server, url: `http://localhost:${server.url.port}` };
}

async function openGuarded(context: TestContext) {
  const guarded = await startGuarded(context);
  const opened = await openProxy(context, guarded.host, { credentials: signedIn });
  return { guarded, ...opened };
}

test("a token service on another host gets no password, and the error names the setting that would send it", async (context) => {
  const { guarded, repository } = await openGuarded(context);
  const { server, url } = await startStranger(context, guarded, {
    request: { method: "GET", path: "/token" },
    answer: { status: 401, body: { details: "who are you?" } },
  });
  guarded.namedRealm = `${url}/token`;
  await assert.rejects(repository.resolve("latest"), (error) => {
    return failsWith("CREDENTIALS_NOT_SENT")(error) && /tokenRealms/.test(error.hint);
  });
  const { descriptor, bytes } = blobOf(100_000);
  await assert.rejects(
    repository.pushBlob(descriptor, bytesSource(bytes)),
    failsWith("CREDENTIALS_NOT_SENT"),
  );
  assert(server.requests.length > 0);
});

test("a token service that redirects the password elsewhere does not get it there", async (context) => {
  const { guarded, repository } = await openGuarded(context);
  const { server, url } = await startStranger(context, guarded, {
    request: { method: "GET", path: "/token" },
    answer: { body: { token: "strangers-token" } },
  });
  guarded.onToken = (request, response) => {
    redirects(`${url}/token`).instead?.(request, response);
    return true;
  };
  await assert.rejects(repository.resolve("latest"), failsWith("UNAUTHORIZED"));
  assert.equal(server.requests.length, 1);
});

test("a realm that is no address of a token service is refused", async (context) => {
  const { guarded, repository } = await openGuarded(context);
  for (const realm of [
    "file:///etc/passwd",
    "ftp://localhost/token",
    `http://me:secret@${guarded.host}/token`,
    "javascript:alert(1)",
    "http://[",
    "//",
  ]) {
    guarded.namedRealm = realm;
    await assert.rejects(repository.resolve("latest"), failsWith("RESPONSE_INVALID"), realm);
  }
});

test("a token service that answers with anything but a token ends in an error of one line", async (context) => {
  const bodies = ["", "{}", "null", "[]", '{"token":""}', '{"token":12}', '{"token":"a\\nb: c"}'];
  const faults = [
    ...bodies.map((body) =>
      answers(200, { body, headers: { "content-type": "application/json" } }),
    ),
    answers(200, { body: "<html><title>Sign in</title></html>" }),
    answers(200, { body: { token: "x".repeat(1_000_000) } }),
    answers(500, { body: "boom" }),
    answers(429, { headers: { "retry-after": "86400" } }),
    answers(204),
    redirects("/token"),
  ];
  for (const fault of faults) {
    const { guarded, repository } = await openGuarded(context);
    guarded.onToken = (request, response) => {
      fault.instead?.(request, response);
      return true;
    };
    await assert.rejects(
      repository.resolve("latest"),
      failsWith(
        "RESPONSE_INVALID",
        "SERVER_ERROR",
        "RATE_LIMITED",
        "REDIRECT_REFUSED",
        "UNAUTHORIZED",
      ),
    );
  }
});

test("a token service that fails for a while is asked again", async (context) => {
  const { guarded, repository } = await openGuarded(context);
  let count = 0;
  guarded.onToken = (request, response) => {
    count += 1;
    if (count === 1) request.socket.resetAndDestroy();
    else if (count < 4) answers(503).instead?.(request, response);
    return count < 4;
  };
  await pushImage(repository, { tag: "latest" });
  assert(guarded.tokens.length > 0);
});

test("an upload location on another host gets the bytes, but neither password nor token", async (context) => {
  const { guarded, proxy, repository } = await openGuarded(context);
  const { server, url } = await startStranger(context, guarded, {
    request: { method: "PUT", path: "/upload" },
    answer: { status: 201 },
  });
  const { descriptor, bytes } = blobOf(100_000);
  const location = `${url}/upload?_state=a%2Fb`;
  proxy.add({ method: "POST", fault: rewritten({ location }), times: Infinity });
  await repository.pushBlob(descriptor, bytesSource(bytes));
  const [request] = server.requests;
  assert(request !== undefined && request.body.equals(bytes));
  assert.equal(request.headers.authorization, undefined);
  assert.equal(request.target, `/upload?_state=a%2Fb&digest=${descriptor.digest}`);
});

test("an upload location on another host that asks for a password does not get it", async (context) => {
  const { guarded, proxy, repository } = await openGuarded(context);
  const challenge = { "www-authenticate": 'Basic realm="give it to me"' };
  const { url } = await startStranger(context, guarded, {
    request: { method: "PUT", path: "/upload" },
    answer: { status: 401, headers: challenge },
  });
  const { descriptor, bytes } = blobOf(100_000);
  proxy.add({ method: "POST", fault: rewritten({ location: `${url}/upload` }), times: Infinity });
  await assert.rejects(
    repository.pushBlob(descriptor, bytesSource(bytes)),
    failsWith("UNAUTHORIZED"),
  );
});

test("an upload location that nobody can upload to is refused", async (context) => {
  const { proxy, repository } = await openStage(context);
  const { descriptor, bytes } = blobOf(100_000);
  for (const [location, code] of [
    ["ftp://localhost/", "LOCATION_REFUSED"],
    ["file:///etc/passwd", "LOCATION_REFUSED"],
    ["http://", "LOCATION_REFUSED"],
    [`http://me:secret@${proxy.host}/v2/a/b/blobs/uploads/1`, "LOCATION_REFUSED"],
    [undefined, "RESPONSE_INVALID"],
  ] as const) {
    proxy.clear();
    proxy.add({ method: "POST", fault: rewritten({ location }), times: Infinity });
    await assert.rejects(repository.pushBlob(descriptor, bytesSource(bytes)), (error) => {
      return failsWith(code)(error) && !/secret/.test(error.message);
    });
  }
});

test("a location that changes to another host in the middle of an upload gets no token", async (context) => {
  const guarded = await startGuarded(context);
  const { proxy, repository } = await openProxy(context, guarded.host, {
    credentials: signedIn,
    chunkSize: 100_000,
  });
  const { server, url } = await startStranger(context, guarded, {
    request: { method: "PATCH", path: "/next" },
    answer: { status: 401, headers: { "www-authenticate": `Bearer realm="${guarded.realm}"` } },
  });
  const { descriptor, bytes } = blobOf(300_000);
  proxy.add({ method: "PATCH", fault: rewritten({ location: `${url}/next` }) });
  await assert.rejects(
    repository.pushBlob(descriptor, bytesSource(bytes)),
    failsWith("UNAUTHORIZED"),
  );
  assert.equal(server.requests[0]?.method, "PATCH");
});

test("a next page on another host is not read", async (context) => {
  const { guarded, proxy, repository } = await openGuarded(context);
  const subject = await pushImage(repository, { tag: "latest" });
  await pushReferrer(repository, subject, "application/x-test");
  const { server, url } = await startStranger(context, guarded);
  const fault = rewritten({ link: `<${url}/v2/a/b/tags/list?last=x>; rel="next"` });
  proxy.add({ method: "GET", fault, times: Infinity });
  const refused = failsWith("LOCATION_REFUSED");
  await assert.rejects(collect(repository.listTags()), refused);
  await assert.rejects(collect(repository.listReferrers(subject.digest)), refused);
  await assert.rejects(
    collect(client(context, proxy.host, { credentials: signedIn }).listRepositories()),
    refused,
  );
  assert.equal(server.requests.length, 0);
});

test("pages without end, and in a circle, are left", async (context) => {
  const { proxy, repository, collection } = await openStage(context);
  await pushImage(collection.repository("a/b"), { tag: "latest" });
  let count = 0;
  for (const next of [
    () => "/v2/a/b/tags/list?n=1",
    () => `/v2/a/b/tags/list?n=1&p=${(count += 1)}`,
  ]) {
    proxy.clear();
    proxy.add({
      fault: {
        head: ({ status, headers }) => ({
          status,
          headers: { ...headers, link: `<${next()}>; rel="next"` },
        }),
      },
      times: Infinity,
    });
    await assert.rejects(collect(repository.listTags()), failsWith("RESPONSE_INVALID"));
    assert(proxy.seen.length < 50);
  }
});

test("a public registry leads nobody to a private address: not by redirect, location, page or realm", async (context) => {
  const { guarded } = await openGuarded(context);
  const { server, url } = await startStranger(context, guarded);
  const inside = url.replace("localhost", "127.0.0.1");
  // Whoever is behind an HTTP proxy asks it for http://registry.example/…, and does not look the name up.
  const seen: string[] = [];
  const faults = new Map([
    ["GET /v2/a/b/manifests/latest", redirects(`${inside}/metadata`)],
    ["POST /v2/a/b/blobs/uploads/", answers(202, { headers: { location: `${inside}/upload` } })],
    [
      "GET /v2/a/b/tags/list",
      answers(200, { body: { tags: ["a"] }, headers: { link: `<${inside}/next>; rel="next"` } }),
    ],
    [
      "HEAD /v2/a/b/manifests/latest",
      answers(401, { headers: { "www-authenticate": `Bearer realm="${inside}/token"` } }),
    ],
  ]);
  const proxy = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://registry.example");
    seen.push(request.url ?? "");
    (faults.get(`${request.method} ${pathname}`) ?? answers(404)).instead?.(request, response);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  atEnd(context, () => {
    proxy.closeAllConnections();
    proxy.close();
  });
  const registry = client(context, "http://registry.example", {
    credentials: signedIn,
    environment: { http_proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
    retries: 0,
  });
  const repository = registry.repository("a/b");
  const { descriptor, bytes } = blobOf(100_000);
  await assert.rejects(repository.fetchManifest("latest"), failsWith("REDIRECT_REFUSED"));
  await assert.rejects(
    repository.pushBlob(descriptor, bytesSource(bytes)),
    failsWith("LOCATION_REFUSED"),
  );
  await assert.rejects(collect(repository.listTags()), failsWith("LOCATION_REFUSED"));
  await assert.rejects(repository.resolve("latest"), failsWith("LOCATION_REFUSED"));
  assert.equal(server.requests.length, 0);
  assert(seen.length >= 4 && seen.every((target) => !target.includes("127.0.0.1")));
});
