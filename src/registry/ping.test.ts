import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { createAuthority } from "../../test/certificate.ts";
import { type Reply, startScriptedServer } from "../../test/scripted-server.ts";
import type { Credentials } from "../auth/credentials.ts";
import { connectForTest } from "./testing/remote.ts";

const challenge = { "www-authenticate": 'Basic realm="x"' };
const me: Credentials = { kind: "basic", username: "me", password: "secret" };

async function ping(context: TestContext, answer: Reply, found?: Credentials) {
  const server = await startScriptedServer([
    {
      request: { method: "GET", path: "/v2/", headers: { authorization: "Basic bWU6c2VjcmV0" } },
      answer: {},
    },
    { request: { method: "GET", path: "/v2/" }, answer },
  ]);
  context.after(() => server.close());
  const registry = connectForTest(server.host, {
    ...(found && { credentials: { find: async () => found } }),
  });
  const result = await registry.ping();
  await registry.close();
  assert.equal(result.url, `${server.url}v2/`);
  return { state: result.state, code: result.error?.code, username: result.username };
}

const errors = (code: string) => ({ errors: [{ code, message: "" }] });

for (const [what, answer, state, code] of [
  ["a registry that is open to all", { body: {} }, "reachable", undefined],
  ["a registry that answers nothing but 200", {}, "reachable", undefined],
  [
    "a registry that wants to know who we are",
    { status: 401, headers: challenge },
    "refused",
    "UNAUTHORIZED",
  ],
  [
    "a registry that does not let us in",
    { status: 403, body: errors("DENIED") },
    "forbidden",
    "FORBIDDEN",
  ],
  ["a page", { body: "<!DOCTYPE html><p>Welcome" }, "not-a-registry", "NOT_A_REGISTRY"],
  ["some text", { body: "hello" }, "not-a-registry", "NOT_A_REGISTRY"],
  ["a server without /v2/", { status: 404, body: "not found" }, "not-a-registry", "NOT_A_REGISTRY"],
  ["a registry that fails", { status: 500, body: "oops" }, "failing", "SERVER_ERROR"],
  ["a host that closes the connection", { fault: "close" }, "unreachable", "CONNECTION_FAILED"],
] satisfies [string, Reply, string, string | undefined][]) {
  test(`${what} is ${state}`, async (context) => {
    assert.deepEqual(await ping(context, answer), { state, code, username: undefined });
  });
}

test("a registry that takes our credentials has signed us in", async (context) => {
  assert.deepEqual(await ping(context, { status: 401, headers: challenge }, me), {
    state: "signed-in",
    code: undefined,
    username: "me",
  });
});

test("a registry that refuses our credentials says so", async (context) => {
  const wrong = { ...me, password: "wrong" };
  const { state, code } = await ping(context, { status: 401, headers: challenge }, wrong);
  assert.deepEqual({ state, code }, { state: "refused", code: "UNAUTHORIZED" });
});

test("a registry that gives anybody a token has let us in as anybody", async (context) => {
  const server = await startScriptedServer([
    { request: { method: "GET", path: "/token" }, answer: { body: { token: "anybody" } } },
    {
      request: { method: "GET", path: "/v2/", headers: { authorization: "Bearer anybody" } },
      answer: {},
    },
  ]);
  server.add({
    request: { method: "GET", path: "/v2/" },
    answer: (request) =>
      request.headers.authorization
        ? {}
        : {
            status: 401,
            headers: { "www-authenticate": `Bearer realm="${server.url}token",service="x"` },
          },
  });
  context.after(() => server.close());
  const registry = connectForTest(server.host);
  assert.equal((await registry.ping()).state, "anonymous");
  await registry.close();
});

test("nobody at all is unreachable", async () => {
  const server = await startScriptedServer([]);
  await server.close();
  const { state, error } = await connectForTest(server.host).ping();
  assert.deepEqual([state, error?.code], ["unreachable", "CONNECTION_FAILED"]);
});

test("a certificate that nobody vouches for is untrusted", async (context) => {
  const { cert, key } = createAuthority().issue();
  const server = await startScriptedServer([], { tls: { cert, key } });
  context.after(() => server.close());
  const { state, error } = await connectForTest(`https://${server.host}`).ping();
  assert.deepEqual([state, error?.code], ["untrusted", "TLS_UNTRUSTED"]);
});
