import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isError, type WharfError } from "../errors.ts";
import type { StreamBody } from "../http/http.ts";
import { type AuthorizedClient, createAuthorizedClient, type Scope } from "./client.ts";
import type { Credentials } from "./credentials.ts";
import {
  always,
  basic,
  type Handler,
  httpFor,
  latch,
  type LittleServer,
  type Received,
  type Reply,
  serve,
  unauthorized,
} from "./testing/servers.ts";

const me: Credentials = { kind: "basic", username: "me", password: "s3cret" };
const pull: Scope = { type: "repository", name: "a/b", actions: ["pull"] };
const push: Scope = { type: "repository", name: "a/b", actions: ["pull", "push"] };

interface Setting {
  readonly registry: LittleServer;
  readonly client: AuthorizedClient;
  /** Sends a GET for tags. */
  get(scopes?: readonly Scope[], signal?: AbortSignal): Promise<string>;
  /** `METHOD path` of what came in, tokens and ping included. */
  seen(): string[];
}

/** A registry at `/v2/` that lets in whoever `admits` likes, and a token service at `/token`. */
async function setting(
  t: TestContext,
  options: {
    credentials?: Credentials;
    challenge?: string | string[];
    admits?: (request: Received) => boolean;
    token?: Handler;
    now?: () => number;
  },
): Promise<Setting> {
  const {
    challenge = 'Bearer realm="/token",service="little"',
    admits = ({ authorization }) => authorization === "Bearer T",
    token = () => ({ body: { token: "T" } }),
  } = options;
  const registry = await serve(t, (request) => {
    if (request.url.pathname === "/token") return token(request);
    return admits(request) ? { body: "in" } : unauthorized(...[challenge].flat());
  });
  const client = createAuthorizedClient({
    http: httpFor(t),
    ...(options.credentials && { credentials: always(options.credentials) }),
    ...(options.now && { now: options.now }),
  });
  return {
    registry,
    client,
    async get(scopes = [pull], signal) {
      const response = await client.request({
        method: "GET",
        registry: registry.host,
        url: new URL("/v2/a/b/tags/list", registry.url),
        scopes,
        ...(signal && { signal }),
      });
      assert.equal(response.status, 200);
      return response.text(1000);
    },
    seen: () => registry.received.map(({ method, url }) => `${method} ${url.pathname}`),
  };
}

async function failure(work: Promise<unknown>): Promise<WharfError> {
  try {
    await work;
  } catch (error) {
    if (isError(error)) return error;
    throw error;
  }
  return assert.fail("no error");
}

const tags = "GET /v2/a/b/tags/list";

test("an open registry is asked once and gets no credentials", async (t) => {
  const { get, seen, registry } = await setting(t, { credentials: me, admits: () => true });
  await get();
  assert.deepEqual(seen(), [tags]);
  assert.equal(registry.received[0]?.authorization, undefined);
});

test("nobody gets an anonymous token, which serves further requests", async (t) => {
  const { get, seen, registry } = await setting(t, {});
  assert.equal(await get(), "in");
  assert.equal(await get(), "in");
  assert.deepEqual(seen(), [tags, "GET /token", tags, tags]);
  assert.equal(registry.received[1]?.authorization, undefined);
  assert.deepEqual(
    [...(registry.received[1]?.url.searchParams ?? [])],
    [
      ["service", "little"],
      ["scope", "repository:a/b:pull"],
    ],
  );
});

test("user and password go to the token service, the token to the registry", async (t) => {
  const { get, registry } = await setting(t, { credentials: me });
  await get();
  assert.equal(registry.received[1]?.authorization, basic("me:s3cret"));
  assert.equal(registry.received[2]?.authorization, "Bearer T");
});

test("an identity token goes to the token service by POST", async (t) => {
  const { get, registry, seen } = await setting(t, {
    credentials: { kind: "identity", token: "refresh" },
    token: () => ({ body: { access_token: "T" } }),
  });
  await get();
  assert.deepEqual(seen(), [tags, "POST /token", tags]);
  assert.deepEqual(Object.fromEntries(new URLSearchParams(registry.received[1]?.body)), {
    client_id: "wharfinger",
    grant_type: "refresh_token",
    refresh_token: "refresh",
    service: "little",
    scope: "repository:a/b:pull",
  });
});

test("an identity token that the service replaces is replaced", async (t) => {
  let round = 0;
  const { get, registry } = await setting(t, {
    credentials: { kind: "identity", token: "refresh-0" },
    token: () => ({ body: { access_token: "T", refresh_token: `refresh-${(round += 1)}` } }),
  });
  await get([pull]);
  await get([push]);
  const used = registry.received.map(({ body }) => new URLSearchParams(body).get("refresh_token"));
  assert.deepEqual(used.filter(Boolean), ["refresh-0", "refresh-1"]);
});

test("a ready bearer token goes to the registry, and no token service is asked", async (t) => {
  const { get, seen } = await setting(t, { credentials: { kind: "bearer", token: "T" } });
  await get();
  assert.deepEqual(seen(), [tags, tags]);
});

test("basic credentials go along from the second request on", async (t) => {
  const { get, seen } = await setting(t, {
    credentials: me,
    challenge: 'Basic realm="little"',
    admits: ({ authorization }) => authorization === basic("me:s3cret"),
  });
  await get();
  await get();
  await get();
  assert.deepEqual(seen(), [tags, tags, tags, tags]);
});

test("Negotiate before Basic, in one header or two, ends in Basic", async (t) => {
  for (const challenge of ['Negotiate, Basic realm="x"', ["Negotiate", 'Basic realm="x"']]) {
    const { get } = await setting(t, {
      credentials: me,
      challenge,
      admits: ({ authorization }) => authorization === basic("me:s3cret"),
    });
    assert.equal(await get(), "in");
  }
});

test("Bearer and Basic in one header, as Codeberg sends, end in a token", async (t) => {
  const { get, seen, registry } = await setting(t, {
    credentials: me,
    challenge: 'Bearer realm="/token",service="container_registry",scope="*",Basic realm="x"',
  });
  await get();
  await get();
  assert.deepEqual(seen(), [tags, "GET /token", tags, tags]);
  assert.deepEqual(registry.received[1]?.url.searchParams.getAll("scope"), [
    "*",
    "repository:a/b:pull",
  ]);
});

test("a bearer challenge without realm leaves Basic", async (t) => {
  const { get } = await setting(t, {
    credentials: me,
    challenge: 'Bearer service="x", Basic realm="x"',
    admits: ({ authorization }) => authorization === basic("me:s3cret"),
  });
  assert.equal(await get(), "in");
});

test("a missing service is not sent, and a query of the realm is kept", async (t) => {
  const { get, registry } = await setting(t, { challenge: 'Bearer realm="/token?tenant=7"' });
  await get();
  assert.equal(registry.received[1]?.url.search, "?tenant=7&scope=repository%3Aa%2Fb%3Apull");
});

test("what the challenge demands is asked for first", async (t) => {
  const demand = "repository:c/d:pull repository:a/b:push,pull";
  const { get, registry } = await setting(t, {
    challenge: `Bearer realm="/token",scope="${demand}"`,
    // Some registries look at the first scope only.
    token: ({ url }) => ({
      body: { token: url.searchParams.get("scope") === "repository:c/d:pull" ? "T" : "other" },
    }),
  });
  assert.equal(await get([push]), "in");
  assert.deepEqual(registry.received[1]?.url.searchParams.getAll("scope"), [
    "repository:c/d:pull",
    "repository:a/b:push,pull",
  ]);
});

test("a token that permits more serves for less", async (t) => {
  const { get, seen } = await setting(t, {});
  await get([push]);
  await get([pull]);
  assert.deepEqual(seen(), [tags, "GET /token", tags, tags]);
});

test("a token for another repository is asked for before its first request", async (t) => {
  const { get, seen } = await setting(t, {});
  await get();
  await get([{ ...pull, name: "c/d" }]);
  assert.deepEqual(seen(), [tags, "GET /token", tags, "GET /token", tags]);
});

test("a bare 401 falls back on what the base address asks for", async (t) => {
  const registry = await serve(t, ({ url, authorization }): Reply => {
    if (url.pathname === "/token") return { body: { token: "T" } };
    if (url.pathname === "/prefix/v2/") return unauthorized('Bearer realm="/token"');
    return authorization === "Bearer T" ? { body: "in" } : { status: 401 };
  });
  const client = createAuthorizedClient({ http: httpFor(t) });
  const url = new URL("/prefix/v2/a/b/tags/list", registry.url);
  const response = await client.request({
    method: "GET",
    registry: registry.host,
    url,
    scopes: [pull],
  });
  assert.equal(response.status, 200);
});

test("a bare 401 everywhere is UNAUTHORIZED", async (t) => {
  const { get, seen } = await setting(t, { challenge: [], credentials: me });
  assert.equal((await failure(get())).code, "UNAUTHORIZED");
  assert.deepEqual(seen(), [tags, "GET /v2/"]);
});

test("a token is renewed before it ends", async (t) => {
  let now = 1_000_000;
  const { get, seen } = await setting(t, {
    now: () => now,
    token: () => ({ body: { token: "T", expires_in: 300 } }),
  });
  await get();
  now += 280_000;
  await get();
  assert.equal(seen().length, 4);
  now += 11_000;
  await get();
  assert.deepEqual(seen().slice(4), ["GET /token", tags]);
});

test("a token that the registry refuses before its time is replaced once", async (t) => {
  let valid = 0;
  const { get, seen } = await setting(t, {
    admits: ({ authorization }) => authorization === `Bearer T${valid}`,
    token: () => ({ body: { token: `T${valid}`, expires_in: 3600 } }),
  });
  await get();
  valid = 1;
  await get();
  assert.deepEqual(seen(), [tags, "GET /token", tags, tags, "GET /token", tags]);
});

test("requests at the same time share one token", async (t) => {
  const { get, seen } = await setting(t, {});
  await Promise.all(Array.from({ length: 8 }, () => get()));
  assert.equal(seen().filter((line) => line.endsWith("/token")).length, 1);
});

test("one caller's abort leaves the others their token", async (t) => {
  const asked = latch();
  const go = latch();
  const { get, seen } = await setting(t, {
    token: async () => {
      asked.open();
      await go.opened;
      return { body: { token: "T" } };
    },
  });
  const controller = new AbortController();
  const first = get([pull], controller.signal);
  await asked.opened;
  const second = get();
  controller.abort();
  assert.equal((await failure(first)).code, "INTERRUPTED");
  go.open();
  assert.equal(await second, "in");
  assert.ok(seen().filter((line) => line.endsWith("/token")).length <= 2);
});

test("a second 401 is UNAUTHORIZED and says how to sign in", async (t) => {
  const { get, registry, seen } = await setting(t, { admits: () => false });
  const error = await failure(get());
  assert.equal(error.code, "UNAUTHORIZED");
  assert.match(error.message, /tags\/list: UNAUTHORIZED: authentication required \(401\)$/);
  assert.ok(error.hint.includes(`wharf login ${registry.host}`));
  assert.deepEqual(seen(), [tags, "GET /token", tags]);
});

test("a token service that refuses the stored credentials is named, and whence they came", async (t) => {
  const { get, registry } = await setting(t, {
    credentials: { ...me, origin: "/home/me/.docker/config.json" },
    token: () => ({ status: 401, body: { details: "incorrect username or password" } }),
  });
  const error = await failure(get());
  assert.equal(error.code, "UNAUTHORIZED");
  assert.match(error.message, /\/token.*incorrect username or password/);
  assert.match(
    error.message,
    /credentials of me for .* \(from \/home\/me\/\.docker\/config\.json\) are refused/,
  );
  assert.ok(error.hint.includes(`wharf login ${registry.host}`));
});

test("OAuth2's invalid_grant is a refusal too", async (t) => {
  const { get } = await setting(t, {
    credentials: { kind: "identity", token: "old" },
    token: () => ({ status: 400, body: { error: "invalid_grant" } }),
  });
  const error = await failure(get());
  assert.equal(error.code, "UNAUTHORIZED");
  assert.match(error.message, /invalid_grant/);
});

test("good credentials without the right to do it are FORBIDDEN", async (t) => {
  const challenge = 'Bearer realm="/token",scope="repository:a/b:push",error="insufficient_scope"';
  const { get } = await setting(t, { credentials: me, challenge, admits: () => false });
  assert.equal((await failure(get())).code, "FORBIDDEN");
});

test("Basic asked of nobody is UNAUTHORIZED at once", async (t) => {
  const { get, seen } = await setting(t, { challenge: 'Basic realm="x"' });
  assert.equal((await failure(get())).code, "UNAUTHORIZED");
  assert.deepEqual(seen(), [tags]);
});

test("Basic refused is not tried again with the same password", async (t) => {
  const { get, seen } = await setting(t, {
    credentials: me,
    challenge: 'Basic realm="x"',
    admits: () => false,
  });
  await failure(get());
  assert.deepEqual(seen(), [tags, tags]);
  await failure(get());
  assert.deepEqual(seen().length, 3);
});

test("a request with an authorization of its own goes out as it is", async (t) => {
  const { client, registry } = await setting(t, { credentials: me });
  const response = await client.request({
    method: "GET",
    registry: registry.host,
    url: new URL("/v2/", registry.url),
    headers: { authorization: "Bearer mine" },
  });
  assert.equal(response.status, 401);
  await response.discard();
  assert.equal(registry.received.length, 1);
});

function streamed(text: string, opens: { count: number }): StreamBody {
  return {
    replayable: false,
    async open() {
      opens.count += 1;
      return (async function* () {
        yield Buffer.from(text);
      })();
    },
  };
}

test("a body that cannot be replayed is not sent before the token is there", async (t) => {
  const { client, registry, seen } = await setting(t, {});
  const opens = { count: 0 };
  const response = await client.request({
    method: "PATCH",
    registry: registry.host,
    url: new URL("/v2/a/b/blobs/uploads/1", registry.url),
    scopes: [push],
    body: streamed("bytes", opens),
  });
  assert.equal(response.status, 200);
  await response.discard();
  assert.equal(opens.count, 1);
  assert.deepEqual(seen(), ["GET /v2/", "GET /token", "PATCH /v2/a/b/blobs/uploads/1"]);
  assert.equal(registry.received.at(-1)?.body, "bytes");
});

test("authorize gets the token, and costs nothing when it is there", async (t) => {
  const { client, registry, get, seen } = await setting(t, {});
  const url = new URL("/v2/", registry.url);
  await client.authorize({ registry: registry.host, url, scopes: [push] });
  await client.authorize({ registry: registry.host, url, scopes: [push] });
  assert.deepEqual(seen(), ["GET /v2/", "GET /token"]);
  await get([pull]);
  assert.deepEqual(seen().slice(2), [tags]);
});

test("authorize is content with a registry that asks for nothing", async (t) => {
  const { client, registry, seen } = await setting(t, { admits: () => true, credentials: me });
  const url = new URL("/v2/", registry.url);
  await client.authorize({ registry: registry.host, url, scopes: [push] });
  await client.authorize({ registry: registry.host, url, scopes: [push] });
  assert.deepEqual(seen(), ["GET /v2/"]);
});

test("a token that ends in the middle of an upload is renewed, and the caller is told to resume", async (t) => {
  let valid = 0;
  const { client, registry } = await setting(t, {
    admits: ({ authorization }) => authorization === `Bearer T${valid}`,
    token: () => ({ body: { token: `T${valid}`, expires_in: 3600 } }),
  });
  const opens = { count: 0 };
  const upload = () =>
    client.request({
      method: "PATCH",
      registry: registry.host,
      url: new URL("/v2/a/b/blobs/uploads/1", registry.url),
      scopes: [push],
      body: streamed("bytes", opens),
    });
  await (await upload()).discard();
  valid = 1;
  const error = await failure(upload());
  assert.equal(error.code, "UNAUTHORIZED");
  assert.equal(error.details.renewed, true);
  assert.equal(opens.count, 2);
  const before = registry.received.length;
  await (await upload()).discard();
  assert.equal(registry.received.length, before + 1);
});

test("a replayable body is sent again with the new token", async (t) => {
  const { client, registry } = await setting(t, {});
  const response = await client.request({
    method: "PUT",
    registry: registry.host,
    url: new URL("/v2/a/b/manifests/1", registry.url),
    scopes: [push],
    body: Buffer.from("{}"),
  });
  assert.equal(response.status, 200);
  await response.discard();
  assert.equal(registry.received.at(-1)?.body, "{}");
});

test("credentials are looked up for the repository of the first scope", async (t) => {
  const asked: unknown[] = [];
  const { registry } = await setting(t, {});
  const client = createAuthorizedClient({
    http: httpFor(t),
    credentials: {
      async find(...about) {
        asked.push(about);
        return me;
      },
    },
  });
  const url = new URL("/v2/", registry.url);
  await client.authorize({
    registry: registry.host,
    url,
    scopes: [push, { ...pull, name: "c/d" }],
  });
  assert.deepEqual(asked, [[registry.host, "a/b"]]);
});

test("who gives up does not wait for credentials that somebody is asked for", async (t) => {
  const registry = await serve(t, () => unauthorized('Basic realm="x"'));
  const controller = new AbortController();
  const client = createAuthorizedClient({
    http: httpFor(t),
    credentials: {
      find() {
        setImmediate(() => controller.abort());
        return new Promise(() => {});
      },
    },
  });
  const url = new URL("/v2/", registry.url);
  const work = client.request({
    method: "GET",
    registry: registry.host,
    url,
    signal: controller.signal,
  });
  assert.equal((await failure(work)).code, "INTERRUPTED");
});
