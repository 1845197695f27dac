import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { hashSync } from "bcryptjs";

import { isError } from "../../errors.ts";
import { digestOf } from "../../reference/digest.ts";
import type { RegistryEvent } from "../exchange.ts";
import { startTestRegistry, type TestRegistry } from "../testing/registry.ts";
import { openAccess } from "./access.ts";
import { basic, temporaryFile } from "./testing.ts";
import { ecPair, makeToken, moment, pemOf } from "./tokens/testing.ts";

const users = ["alice", "bob"].map((user) => `${user}:${hashSync(user, 4)}`).join("\n");
const alice = { authorization: basic("alice", "alice") };
const bob = { authorization: basic("bob", "bob") };

const rules = `
access:
  - repositories: "{user}/**"
    who: authenticated
    may: all
  - repositories: public/**
    who: anonymous
    may: pull
  - repositories: public/**
    who: authenticated
    may: push
immutable:
  - tags: v*
`;

interface Setting {
  readonly passwords?: string;
  readonly rules?: string;
}

async function start(t: TestContext, setting: Setting, onEvent?: (event: RegistryEvent) => void) {
  const file = (text: string | undefined) =>
    text === undefined ? undefined : temporaryFile(t, text);
  const [passwords, rulesFile] = await Promise.all([file(setting.passwords), file(setting.rules)]);
  const access = await openAccess({
    ...(passwords !== undefined && { passwords }),
    ...(rulesFile !== undefined && { rules: rulesFile }),
  });
  const registry = await startTestRegistry(t, { ...access, ...(onEvent && { onEvent }) });
  t.after(() => access.close());
  return { ...registry, access };
}

type Headers = Record<string, string>;

const statuses = async (
  { request }: Pick<TestRegistry, "request">,
  headers: Headers,
  ...wanted: readonly (readonly [method: string, path: string])[]
) => {
  const found: (number | string)[] = [];
  for (const [method, path] of wanted)
    found.push((await request(method, path, { headers })).status);
  return found;
};

test("with passwords alone, who has one may do everything, and others nothing", async (t) => {
  const registry = await start(t, { passwords: users });
  assert(registry.access.authenticates);
  const all = [
    ["GET", "/v2/"],
    ["GET", "/v2/_catalog"],
    ["POST", "/v2/a/blobs/uploads/"],
    ["GET", "/v2/a/tags/list"],
    ["DELETE", "/v2/a/manifests/v1"],
  ] as const;
  assert.deepEqual(await statuses(registry, {}, ...all), [401, 401, 401, 401, 401]);
  assert.deepEqual(await statuses(registry, alice, ...all), [200, 200, 202, 404, 404]);
  const wrong = { authorization: basic("alice", "bob") };
  assert.deepEqual(await statuses(registry, wrong, ...all), [401, 401, 401, 401, 401]);
});

test("with rules, each may do what they say: 401 for who has not signed in, 403 for who has", async (t) => {
  const registry = await start(t, { passwords: users, rules });
  const post = (name: string) => ["POST", `/v2/${name}/blobs/uploads/`] as const;
  const list = (name: string) => ["GET", `/v2/${name}/tags/list`] as const;
  const where = [post("alice/a"), list("alice/a"), post("public/a"), list("public/a"), post("x")];
  assert.deepEqual(await statuses(registry, alice, ...where), [202, 404, 202, 404, 403]);
  assert.deepEqual(await statuses(registry, bob, ...where), [403, 403, 202, 404, 403]);
  assert.deepEqual(await statuses(registry, {}, ...where), [401, 401, 401, 404, 401]);
  assert.deepEqual(await statuses(registry, {}, ["GET", "/v2/"]), [401], "to learn how to sign in");
  const refused = await registry.request("POST", post("alice/a")[1], { headers: bob });
  assert.equal(refused.code, "DENIED");
  assert.equal(refused.json.errors[0]!.message, "bob may not push to alice/a");
  const deleting = ["DELETE", "/v2/public/a/manifests/v1"] as const;
  assert.deepEqual(await statuses(registry, bob, deleting), [403]);
});

test("rules that speak of tags alone open nothing to those who have not signed in", async (t) => {
  const registry = await start(t, { passwords: users, rules: "immutable:\n  - tags: v*\n" });
  const all = [
    ["GET", "/v2/"],
    ["GET", "/v2/_catalog"],
    ["POST", "/v2/a/blobs/uploads/"],
    ["GET", "/v2/a/tags/list"],
    ["DELETE", "/v2/a/manifests/latest"],
  ] as const;
  assert.deepEqual(await statuses(registry, {}, ...all), [401, 401, 401, 401, 401]);
  assert.deepEqual(await statuses(registry, alice, ...all), [200, 200, 202, 404, 404]);
});

test("without a way to sign in, rules say what everybody may do", async (t) => {
  const registry = await start(t, { rules });
  assert(!registry.access.authenticates);
  const all = [
    ["GET", "/v2/"],
    ["GET", "/v2/public/a/tags/list"],
    ["POST", "/v2/public/a/blobs/uploads/"],
    ["GET", "/v2/_catalog"],
  ] as const;
  assert.deepEqual(await statuses(registry, {}, ...all), [200, 404, 403, 200]);
});

test("the catalogue shows what one may pull, in pages that are full", async (t) => {
  const registry = await start(t, { passwords: users, rules });
  for (const name of ["alice/1", "bob/1", "alice/2", "public/1", "bob/2", "alice/3"])
    await registry.collection
      .repository(name)
      .pushBlob(
        { mediaType: "text/plain", digest: empty, size: 0 },
        { open: async () => (async function* () {})(), replayable: true },
      );
  const catalog = async (headers: Headers, query = "") =>
    (await registry.request("GET", `/v2/_catalog${query}`, { headers })).json.repositories;
  assert.deepEqual(await catalog(alice), ["alice/1", "alice/2", "alice/3", "public/1"]);
  assert.deepEqual(await catalog(bob), ["bob/1", "bob/2", "public/1"]);
  assert.deepEqual(await catalog({}), ["public/1"]);
  const page = await registry.request("GET", "/v2/_catalog?n=2", { headers: bob });
  assert.deepEqual(page.json.repositories, ["bob/1", "bob/2"]);
  assert.match(String(page.headers.link), /n=2&last=bob%2F2/);
  assert.deepEqual(await catalog(bob, "?n=2&last=bob/2"), ["public/1"]);
});

const empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

test("a blob is mounted only from where its pusher may pull, and is seen nowhere else", async (t) => {
  const registry = await start(t, { passwords: users, rules });
  const push = async (name: string, content: string, headers: Headers) => {
    const digest = digestOf(Buffer.from(content));
    const path = `/v2/${name}/blobs/uploads/?digest=${digest}`;
    assert.equal((await registry.request("POST", path, { headers, body: content })).status, 201);
    return digest;
  };
  const secret = await push("alice/secret", "of alice", alice);
  const shared = await push("public/shared", "of all", alice);
  const mount = (name: string, query: string, headers: Headers) =>
    statuses(registry, headers, ["POST", `/v2/${name}/blobs/uploads/?mount=${query}`]);

  assert.deepEqual(await mount("bob/a", `${secret}&from=alice/secret`, bob), [202]);
  assert.deepEqual(await mount("bob/a", secret, bob), [202], "nor is it found without a name");
  const look = ["HEAD", `/v2/bob/a/blobs/${secret}`] as const;
  assert.deepEqual(await statuses(registry, bob, look), [404]);
  assert.deepEqual(
    await statuses(registry, bob, ["HEAD", `/v2/alice/secret/blobs/${secret}`]),
    [403],
  );

  assert.deepEqual(await mount("bob/a", `${shared}&from=public/shared`, bob), [201]);
  assert.deepEqual(await mount("bob/b", shared, bob), [201]);
  assert.deepEqual(await mount("alice/b", secret, alice), [201]);
  assert.deepEqual(await mount("alice/b", shared, bob), [403], "the target is alice's");
});

test("who did it is told with the event", async (t) => {
  const events: RegistryEvent[] = [];
  const registry = await start(t, { passwords: users, rules }, (event) => events.push(event));
  const path = `/v2/alice/a/blobs/uploads/?digest=${empty}`;
  assert.equal((await registry.request("POST", path, { headers: alice })).status, 201);
  await registry.request("GET", "/v2/public/a/tags/list");
  assert.deepEqual(
    events.map(({ action, user }) => [action, user]),
    [["push", "alice"]],
  );
});

test("rules narrow what a token grants, and a token of nobody is asked to be somebody's", async (t) => {
  const certFile = await temporaryFile(t, pemOf(ecPair.publicKey));
  const access = await openAccess({
    tokens: { realm: "http://auth/token", service: "service", issuer: "issuer", certFile },
    rules: await temporaryFile(t, rules),
  });
  const registry = await startTestRegistry(t, access);
  const bearer = async (sub: string, ...names: string[]) => ({
    authorization: `Bearer ${await makeToken({
      key: ecPair.privateKey,
      claims: { sub, nbf: 0, exp: moment * 2 },
      access: [
        ...names.map((name) => ({ type: "repository", name, actions: ["*"] })),
        { type: "registry", name: "catalog", actions: ["*"] },
      ],
    })}`,
  });
  const post = (name: string) => ["POST", `/v2/${name}/blobs/uploads/`] as const;
  const token = await bearer("alice", "alice/a", "bob/a");
  assert.deepEqual(await statuses(registry, token, post("alice/a"), post("bob/a")), [202, 403]);
  assert.deepEqual(await statuses(registry, token, post("alice/b")), [401], "not in the token");
  const nobody = await bearer("", "public/a");
  const pull = ["GET", "/v2/public/a/tags/list"] as const;
  assert.deepEqual(await statuses(registry, nobody, pull, post("public/a")), [404, 401]);
  assert.deepEqual(await statuses(registry, {}, pull), [401], "a token is always wanted");
});

test("passwords and tokens exclude each other", async () => {
  const tokens = { realm: "http://a", service: "s", issuer: "i", certFile: "f" };
  await assert.rejects(openAccess({ passwords: "f", tokens }), (error) => isError(error, "USAGE"));
});
