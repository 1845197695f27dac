import assert from "node:assert/strict";
import { test } from "node:test";

import { WharfError } from "../errors.ts";
import { createMemoryCollection } from "../store/memory.ts";
import type { Access, RegistryEvent } from "./exchange.ts";
import { Refusal } from "./refusal.ts";
import { startTestRegistry } from "./testing/registry.ts";

test("a registry says that it is one", async (t) => {
  const registry = await startTestRegistry(t);
  for (const path of ["/v2/", "/v2"]) {
    const answer = await registry.request("GET", path);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers["docker-distribution-api-version"], "registry/2.0");
    assert.deepEqual(answer.json, {});
  }
});

test("what is no end-point is not found, what an end-point does not know is not allowed", async (t) => {
  const registry = await startTestRegistry(t);
  const unknown = await registry.request("GET", "/v2/a/b");
  assert.deepEqual([unknown.status, unknown.code], [404, "UNSUPPORTED"]);
  const method = await registry.request("PATCH", "/v2/a/manifests/latest");
  assert.deepEqual([method.status, method.code], [405, "UNSUPPORTED"]);
  assert.equal(method.headers.allow, "GET, HEAD, PUT, DELETE");
});

test("names outside the grammar are refused before anything is looked up", async (t) => {
  const registry = await startTestRegistry(t);
  const digest = `sha256:${"0".repeat(64)}`;
  for (const name of ["..", "a/../b", "UPPER", "a//b", "-a", "a".repeat(300), "%2e%2e", "a%00b"])
    for (const path of [`tags/list`, `blobs/${digest}`, "manifests/x"]) {
      const answer = await registry.request("GET", `/v2/${name}/${path}`);
      assert.deepEqual([answer.status, answer.code], [400, "NAME_INVALID"], `${name}/${path}`);
    }
});

test("a read-only registry serves, and changes nothing", async (t) => {
  const collection = createMemoryCollection();
  const open = await startTestRegistry(t, { collection });
  const digest = await open.pushImage("a", "latest");
  const registry = await startTestRegistry(t, { collection, readOnly: true });
  assert.equal((await registry.request("GET", "/v2/a/manifests/latest")).status, 200);
  for (const [method, path] of [
    ["PUT", "a/manifests/x"],
    ["DELETE", `a/manifests/${digest}`],
    ["DELETE", `a/blobs/${digest}`],
    ["POST", "a/blobs/uploads/"],
  ] as const) {
    const answer = await registry.request(method, `/v2/${path}`);
    assert.deepEqual([answer.status, answer.code], [405, "UNSUPPORTED"], `${method} ${path}`);
  }
});

test("who authorizes learns what is wanted, and has the last word", async (t) => {
  const asked: (Access | undefined)[] = [];
  const registry = await startTestRegistry(t, {
    async authorize(_request, access) {
      asked.push(access);
      throw new Refusal("UNAUTHORIZED", "who are you?", {
        headers: { "www-authenticate": 'Bearer realm="https://auth.example/token"' },
      });
    },
  });
  const repository = (...actions: Access["actions"]) => ({
    type: "repository",
    name: "a/b",
    actions,
  });
  const digest = `sha256:${"0".repeat(64)}`;
  const cases: [string, string, unknown][] = [
    ["GET", "", undefined],
    ["GET", "_catalog", { type: "registry", name: "catalog", actions: ["*"] }],
    ["GET", "a/b/manifests/latest", repository("pull")],
    ["HEAD", `a/b/blobs/${digest}`, repository("pull")],
    ["GET", `a/b/referrers/${digest}`, repository("pull")],
    ["PUT", "a/b/manifests/latest", repository("pull", "push")],
    ["POST", "a/b/blobs/uploads/", repository("pull", "push")],
    ["DELETE", "a/b/manifests/latest", repository("delete")],
  ];
  for (const [method, path, access] of cases) {
    const answer = await registry.request(method, `/v2/${path}`);
    assert.equal(answer.status, 401, path);
    assert.match(answer.headers["www-authenticate"]!, /^Bearer /);
    assert.deepEqual(asked.pop(), access);
  }
});

test("what happened to content is told", async (t) => {
  const events: RegistryEvent[] = [];
  const registry = await startTestRegistry(t, { onEvent: (event) => events.push(event) });
  const told = () =>
    events.splice(0).map(({ action, kind, repository, tag }) => [action, kind, repository, tag]);

  const digest = await registry.pushImage("a", "latest");
  assert.deepEqual(told(), [
    ["push", "blob", "a", undefined],
    ["push", "manifest", "a", "latest"],
  ]);
  await registry.request("GET", "/v2/a/manifests/latest");
  await registry.request("HEAD", "/v2/a/manifests/latest");
  await registry.request("GET", "/v2/a/manifests/none");
  assert.deepEqual(told(), [["pull", "manifest", "a", "latest"]]);
  const { digest: blob } = await registry.pushBlob("b", "x");
  await registry.request("POST", `/v2/a/blobs/uploads/?mount=${blob}&from=b`);
  await registry.request("DELETE", "/v2/a/manifests/latest");
  await registry.request("DELETE", `/v2/a/manifests/${digest}`);
  assert.deepEqual(told(), [
    ["push", "blob", "b", undefined],
    ["mount", "blob", "a", undefined],
    ["delete", "tag", "a", "latest"],
    ["delete", "manifest", "a", undefined],
  ]);
});

test("a failure of the store is told to the log, not to the client", async (t) => {
  const collection = createMemoryCollection();
  const failures: unknown[] = [];
  const failing = (error: Error) => ({
    ...collection,
    repository: () => {
      throw error;
    },
  });
  const cases: [Error, number, string][] = [
    [new Error("/secret/path is broken"), 500, "UNKNOWN"],
    [new WharfError("FILE_FAILED", "/secret/path is broken"), 500, "UNKNOWN"],
    [new WharfError("LOCKED", "/secret/path is held"), 503, "UNAVAILABLE"],
    [new WharfError("DISK_FULL", "/secret/path is full"), 507, "UNAVAILABLE"],
  ];
  for (const [error, status, code] of cases) {
    const registry = await startTestRegistry(t, {
      collection: failing(error),
      onFailure: (failure) => failures.push(failure),
    });
    const answer = await registry.request("GET", "/v2/a/manifests/latest");
    assert.deepEqual([answer.status, answer.code], [status, code]);
    assert.doesNotMatch(answer.body.toString(), /secret/);
    assert.equal(failures.pop(), error);
  }
});

test("a refusal that cannot be written ends the connection, not the process", async (t) => {
  const failures: unknown[] = [];
  const registry = await startTestRegistry(t, {
    onFailure: (failure) => failures.push(failure),
    authorize() {
      throw new Refusal("DENIED", "no", { headers: { "x-reason": "two\nlines" } });
    },
  });
  await assert.rejects(registry.request("GET", "/v2/"));
  assert.equal(failures.length, 1);
});
