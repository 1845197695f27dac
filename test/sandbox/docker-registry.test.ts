/** Debian's docker-registry, and ours, with the sandbox as their token service: who may do what there, and who may not. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { type Sandbox, startSandbox } from "../../src/entrance/sandbox.ts";
import { dockerRegistry, startDockerRegistry } from "../docker-registry.ts";
import { skipWithout, tool } from "../tools.ts";
import { serveRegistry, wharf, wharfOk } from "../wharf.ts";
import { stage } from "./stage.ts";

const skopeo = tool("skopeo", "apt-get install skopeo");
const issuer = "sandbox.wharfinger";

async function folderOf(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "wharf-tokens-"));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A registry of Debian's that trusts this sandbox. */
async function trusting(context: TestContext, sandbox: Sandbox, service: string) {
  const folder = await folderOf(context);
  const rootcertbundle = join(folder, "sandbox.pem");
  await writeFile(rootcertbundle, await sandbox.certificate());
  const realm = `${sandbox.urls.auth}/token`;
  const registry = await startDockerRegistry({
    tokens: { realm, service, issuer, rootcertbundle },
  });
  context.after(() => registry.close());
  return { ...registry, own: folder };
}

/** `wharf` of somebody with credentials for one host. */
function person(folder: string, name: string) {
  const environment = { DOCKER_CONFIG: join(folder, name), HOME: join(folder, name) };
  return {
    ok: (...words: string[]) => wharfOk(words, { environment }),
    try: (...words: string[]) => wharf(words, { environment }),
    login: (host: string, user: string, secret: string) =>
      wharf(["login", host, "--username", user, "--password-stdin"], {
        environment,
        stdin: secret,
      }),
  };
}

test(
  "docker-registry lets in whoever the sandbox does, with password or token, as far as it says",
  { skip: dockerRegistry.skip },
  async (context) => {
    const at = await stage(context, { clock: Date.now });
    const { sandbox } = at;
    const { host, own } = await trusting(context, sandbox, "registry.harbour.test");
    const alice = person(own, "alice");
    assert.equal((await alice.login(host, "alice", "alice-password")).status, 0);
    assert.equal((await person(own, "nobody").login(host, "alice", "wrong")).status, 13);
    const hello = `${sandbox.host}/library/hello:latest`;
    await alice.ok("copy", hello, `${host}/alice/first:v1`);
    await alice.ok("copy", `${host}/alice/first:v1`, `oci:${join(own, "layout")}:v1`);
    // Members of a team push what it may write; members pull what they may read.
    const bob = person(own, "bob");
    assert.equal((await bob.login(host, "bob", "bob-password")).status, 0);
    await bob.ok("copy", hello, `${host}/harbour/api:v1`);
    assert.equal((await bob.try("copy", hello, `${host}/alice/first:v2`)).status, 13);
    // What is private is nobody's but its owner's.
    await alice.ok("copy", hello, `${host}/alice/notes:v1`);
    assert.equal((await bob.try("inspect", `${host}/alice/notes:v1`)).status, 13);
    assert.equal((await person(own, "guest").try("inspect", `${host}/alice/notes:v1`)).status, 13);
    await person(own, "guest").ok("inspect", `${host}/harbour/api:v1`);

    const reading = await at.as("alice").accessTokens.create({
      token_label: "reads",
      scopes: ["repo:read"],
    });
    const reader = person(own, "reader");
    assert.equal((await reader.login(host, "alice", reading.token!)).status, 0);
    await reader.ok("inspect", `${host}/alice/notes:v1`);
    assert.equal((await reader.try("copy", hello, `${host}/alice/notes:v2`)).status, 13);
    const writing = await at.as("alice").accessTokens.create({
      token_label: "writes",
      scopes: ["repo:write"],
    });
    const writer = person(own, "writer");
    assert.equal((await writer.login(host, "alice", writing.token!)).status, 0);
    await writer.ok("copy", hello, `${host}/alice/notes:v2`);
    await at.as("alice").accessTokens.delete({ uuid: writing.uuid! });
    assert.equal((await writer.try("inspect", `${host}/alice/notes:v2`)).status, 13);
  },
);

test(
  "skopeo signs in to docker-registry by the sandbox, pushes and pulls, and is refused where it may not",
  { skip: skipWithout(dockerRegistry, skopeo) },
  async (context) => {
    const { sandbox } = await stage(context, { clock: Date.now });
    const { host, own } = await trusting(context, sandbox, "registry.docker.io");
    const environment = { REGISTRY_AUTH_FILE: join(own, "auth.json") };
    const run = (...words: string[]) => skopeo.run(words, { environment });
    const login = (user: string, secret: string) =>
      skopeo.run(["login", "--tls-verify=false", "-u", user, "--password-stdin", host], {
        environment,
        stdin: secret,
      });
    const copy = (from: string, to: string) =>
      run(
        "copy",
        "--all",
        "--insecure-policy",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        from,
        to,
      );
    const mine = `docker://${host}/alice/by-skopeo:v1`;
    await assert.rejects(login("alice", "wrong"), /unauthorized|invalid username/);
    await login("alice", "alice-password");
    await copy(`docker://${sandbox.host}/library/hello:latest`, mine);
    await copy(mine, `oci:${join(own, "layout")}:v1`);
    assert.match(
      await run("list-tags", "--tls-verify=false", `docker://${host}/alice/by-skopeo`),
      /"v1"/,
    );
    await login("dave", "dave-password");
    await assert.rejects(copy(`oci:${join(own, "layout")}:v1`, mine), /denied|unauthorized|auth/);
  },
);

test("our own registry server takes the certificate, and the key set", async (context) => {
  const folder = await folderOf(context);
  const { sandbox } = await stage(context, { clock: Date.now });
  const files = { pem: join(folder, "sandbox.pem"), jwks: join(folder, "jwks.json") };
  const get = async (path: string) => (await fetch(`${sandbox.urls.control}/${path}`)).text();
  await writeFile(files.pem, await get("certificate"));
  await writeFile(files.jwks, await get("jwks"));
  for (const [name, file] of Object.entries(files)) {
    const server = await serveRegistry(join(folder, name), [
      "--token-realm",
      `${sandbox.urls.auth}/token`,
      "--token-service",
      "registry.docker.io",
      "--token-issuer",
      issuer,
      "--token-cert",
      file,
    ]);
    try {
      const alice = person(folder, `alice-${name}`);
      assert.equal((await alice.login(server.host, "alice", "alice-password")).status, 0);
      const mine = `${server.host}/alice/first:v1`;
      await alice.ok("copy", `${sandbox.host}/library/hello`, mine);
      assert.equal((await person(folder, `guest-${name}`).try("inspect", mine)).status, 13);
    } finally {
      await server.close();
    }
  }
});

test("the certificate is the sandbox's own key's, and stays with its folder", async (context) => {
  const data = await folderOf(context);
  const first = await startSandbox({ data });
  const pem = await first.certificate();
  const certificate = new X509Certificate(pem);
  assert(certificate.ca && certificate.verify(certificate.publicKey));
  assert(Date.parse(certificate.validFrom) < Date.parse("2001-01-01"));
  assert(Date.parse(certificate.validTo) > Date.parse("9999-01-01"));
  assert.equal(certificate.subject, "CN=Wharfinger sandbox");
  await first.reset();
  assert.equal(await first.certificate(), pem);
  await first.close();
  const second = await startSandbox({ data });
  const shown = await (await fetch(`${second.urls.control}/certificate`)).text();
  await second.close();
  assert.equal(shown, pem);
  const { sandbox } = await stage(context);
  assert.notEqual(await sandbox.certificate(), pem);
});

test("a token says for whom it is, and carries the certificate once somebody has asked for it", async (context) => {
  const { sandbox, clock } = await stage(context);
  const realm = `${sandbox.urls.auth}/token`;
  const parts = async (query: string) => {
    const { token } = (await (await fetch(`${realm}?${query}`)).json()) as { token: string };
    const [head, claims] = token
      .split(".")
      .map((part) => Buffer.from(part, "base64url").toString())
      .slice(0, 2)
      .map((text) => JSON.parse(text) as Record<string, unknown>);
    return { head: head!, claims: claims! };
  };
  const before = await parts("service=registry.test&scope=repository:library/hello:pull,push");
  assert.deepEqual(
    [before.claims["aud"], before.claims["iss"], before.head["x5c"]],
    ["registry.test", issuer, undefined],
  );
  assert.deepEqual(before.claims["access"], [
    { type: "repository", name: "library/hello", actions: ["pull"] },
  ]);
  const { claims } = await parts("");
  assert.equal(claims["aud"], "registry.docker.io");
  const seconds = clock.now / 1000;
  assert.deepEqual(
    [claims["sub"], claims["iat"], claims["nbf"], claims["exp"]],
    ["", seconds, seconds, seconds + 300],
  );
  assert.notEqual(claims["jti"], before.claims["jti"]);
  const pem = await sandbox.certificate();
  const { head } = await parts("");
  assert.deepEqual(head["x5c"], [pem.replace(/-----[^-]+-----|\s/g, "")]);
  // A token for another registry is none for the sandbox's own.
  const { token } = (await (
    await fetch(`${realm}?service=registry.test&scope=repository:library/hello:pull`)
  ).json()) as { token: string };
  const answer = await fetch(`${sandbox.url}/v2/library/hello/manifests/latest`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(answer.status, 401);
  // Nor is one of its own that has ended, though it was good a moment ago.
  const own = await fetch(`${realm}?scope=repository:library/hello:pull`);
  const { token: ending } = (await own.json()) as { token: string };
  const pull = async () => {
    const headers = { authorization: `Bearer ${ending}` };
    return (await fetch(`${sandbox.url}/v2/library/hello/tags/list`, { headers })).status;
  };
  clock.now += 299_000;
  assert.equal(await pull(), 200);
  // Clocks may differ by a minute.
  clock.now += 62_000;
  assert.equal(await pull(), 401);
});

test("forms and queries are answered as the protocols say", async (context) => {
  const at = await stage(context);
  const { sandbox } = at;
  const realm = `${sandbox.urls.auth}/token`;
  const post = async (fields: Record<string, string>) => {
    const response = await fetch(realm, { method: "POST", body: new URLSearchParams(fields) });
    return {
      status: response.status,
      cache: response.headers.get("cache-control"),
      body: (await response.json()) as Record<string, string>,
    };
  };
  const common = { service: "registry.docker.io", client_id: "test" };
  const scope = "repository:alice/notes:pull repository:alice/site:pull,push";
  const password = { ...common, grant_type: "password", username: "alice", scope };
  const plain = await post({ ...password, password: "alice-password" });
  assert.deepEqual(
    [plain.status, plain.cache, plain.body["refresh_token"]],
    [200, "no-store", undefined],
  );
  const mayRead = async (token: string | undefined) =>
    (
      await fetch(`${sandbox.url}/v2/alice/notes/manifests/latest`, {
        headers: { authorization: `Bearer ${token}` },
      })
    ).status;
  assert.equal(await mayRead(plain.body["access_token"]), 200);
  const offline = await post({ ...password, password: "alice-password", access_type: "offline" });
  const refresh = { ...common, grant_type: "refresh_token", scope };
  const { refresh_token = "" } = offline.body;
  assert.equal(
    await mayRead((await post({ ...refresh, refresh_token })).body["access_token"]),
    200,
  );

  const basic = { authorization: `Basic ${btoa("alice:alice-password")}` };
  const asked = await fetch(
    `${realm}?service=registry.docker.io&account=alice&client_id=test&offline_token=true&scope=repository:alice/notes:pull`,
    { headers: basic },
  );
  const got = (await asked.json()) as Record<string, string>;
  assert.equal(await mayRead(got["token"]), 200);
  assert.equal((await post({ ...refresh, refresh_token: got["refresh_token"] ?? "" })).status, 200);

  for (const [fields, status, error] of [
    [{ ...password, password: "wrong" }, 401, undefined],
    [{ ...refresh, refresh_token: "wrong" }, 401, undefined],
    [{ ...refresh }, 400, "invalid_request"],
    [{ ...common, grant_type: "password" }, 400, "invalid_request"],
    [{ ...common, grant_type: "authorization_code" }, 400, "unsupported_grant_type"],
    [{ ...common }, 400, "invalid_request"],
    [{ ...password, password: "x".repeat(70_000) }, 413, undefined],
  ] as const) {
    const { status: is, body } = await post(fields);
    assert.deepEqual([is, body["error"]], [status, error], JSON.stringify(fields).slice(0, 200));
  }
  assert.equal((await fetch(realm, { method: "DELETE" })).status, 405);
});
