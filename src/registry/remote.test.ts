import assert from "node:assert/strict";
import { test } from "node:test";

import { startScriptedServer } from "../../test/scripted-server.ts";
import { loadConfig } from "../config.ts";
import { isError } from "../errors.ts";
import { collect, connectForTest } from "./testing/remote.ts";

const quiet = { environment: {}, systemFolder: "/nowhere" };

test("credentials may stand beside the host, as they are", async (context) => {
  const server = await startScriptedServer([
    {
      request: { method: "GET", path: "/v2/", headers: { authorization: "Basic bWU6c2VjcmV0" } },
      answer: {},
    },
    {
      request: { method: "GET", path: "/v2/" },
      answer: { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } },
    },
  ]);
  context.after(() => server.close());
  const registry = connectForTest(server.host, {
    credentials: { kind: "basic", username: "me", password: "secret" },
  });
  const { state, username } = await registry.ping();
  assert.deepEqual([state, username], ["signed-in", "me"]);
  await registry.close();
});

test("credentials of no kind are refused before anything is sent", () => {
  const credentials = { username: "me", password: "secret" } as never;
  assert.throws(
    () => connectForTest("localhost:5000", { credentials }),
    (error) => isError(error, "INPUT_INVALID") && !error.message.includes("secret"),
  );
});

test("a host may be a URL with a path prefix, user and password, which are for that registry only", async (context) => {
  const server = await startScriptedServer([
    {
      request: { method: "GET", path: "/mirror/v2/", headers: { authorization: "Basic bWU6YToi" } },
      answer: {},
    },
    {
      request: { method: "GET", path: "/mirror/v2/" },
      answer: { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } },
    },
  ]);
  context.after(() => server.close());
  const registry = connectForTest(`http://me:a%3A%22@${server.host}/mirror/`);
  assert.equal(registry.registry, server.host);
  assert.equal(registry.url.href, `http://${server.host}/mirror/`);
  const { state, url, username } = await registry.ping();
  assert.deepEqual([state, url, username], ["signed-in", `http://${server.host}/mirror/v2/`, "me"]);
  await registry.close();
});

test("a registry is reached where the configuration says", async (context) => {
  const server = await startScriptedServer([
    {
      request: { method: "GET", path: "/v2/library/nginx/tags/list" },
      answer: { body: { tags: ["1"] } },
    },
  ]);
  context.after(() => server.close());
  const config = loadConfig({ ...quiet, environment: { HOME: "/nowhere" } });
  const registry = connectForTest("docker.io", {
    config: { ...config, hosts: () => ({ url: server.url.href, plainHttp: true }) },
  });
  assert.deepEqual(await collect(registry.repository("library/nginx").listTags()), ["1"]);
  await registry.close();
});

test("without configuration Docker Hub is reached at its registry, over https", () => {
  assert.equal(connectForTest("index.docker.io").url.href, "https://registry-1.docker.io/");
  assert.equal(connectForTest("localhost:5000").url.href, "http://localhost:5000/");
  assert.equal(
    connectForTest("registry.example.com:5000").url.href,
    "https://registry.example.com:5000/",
  );
});

test("Docker Hub, which gives nobody its catalogue, is said to, with what to use instead", async (context) => {
  const server = await startScriptedServer([
    { request: { method: "GET", path: "/v2/_catalog" }, answer: { status: 401 } },
    { request: { method: "GET", path: "/v2/" }, answer: { status: 401 } },
  ]);
  context.after(() => server.close());
  const config = loadConfig(quiet);
  const registry = connectForTest("docker.io", {
    config: { ...config, hosts: () => ({ url: server.url.href, plainHttp: true }) },
  });
  await assert.rejects(collect(registry.listRepositories()), (error) => {
    assert(isError(error, "UNSUPPORTED"));
    assert.match(error.hint, /wharf hub repositories list/);
    return true;
  });
  await registry.close();
});

test("a repository is there once it has tags", async (context) => {
  const server = await startScriptedServer([
    { request: { method: "GET", path: "/v2/a/tags/list" }, answer: { body: { tags: ["1"] } } },
    {
      request: { method: "GET", path: "/v2/b/tags/list" },
      answer: { status: 404, body: { errors: [{ code: "NAME_UNKNOWN" }] } },
    },
  ]);
  context.after(() => server.close());
  const registry = connectForTest(server.host);
  assert.equal(await registry.hasRepository("a"), true);
  assert.equal(await registry.hasRepository("b"), false);
  assert.equal(registry.repository("a"), registry.repository("a"));
  await registry.close();
});

test("repositories are remembered, but not all that were ever asked for", async () => {
  const registry = connectForTest("localhost:1");
  const first = registry.repository("first");
  assert.equal(registry.repository("first"), first);
  for (let i = 0; i < 1000; i += 1) registry.repository(`other/${i}`);
  assert.notEqual(registry.repository("first"), first);
  await registry.close();
});
