import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { createAuthority } from "../../test/certificate.ts";
import { type Pair, type Recorded, startScriptedServer } from "../../test/scripted-server.ts";
import { type ErrorCode, isError } from "../errors.ts";
import { digestOf } from "../reference/digest.ts";
import type { BlobRegistryOptions } from "./registry.ts";
import { BlobStore } from "./store.ts";

const authority = createAuthority();
const issued = authority.issue();
let folder: string;
let ca: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "blobstore-"));
  ca = join(folder, "ca.pem");
  await writeFile(ca, authority.cert);
});
after(() => rm(folder, { recursive: true, force: true }));

type Options = BlobRegistryOptions<BlobStore>;

/** A registry that wants a token (`GOOD`), and its token service. */
async function start(t: TestContext, script: readonly Pair[] = [], scheme = "Bearer") {
  const challenge = (host: string | undefined, scope = "") =>
    scheme === "Bearer"
      ? `Bearer realm="https://${host}/token",service="registry.test"${scope}`
      : 'Basic realm="registry"';
  const guarded = (body: unknown) => (request: Recorded) => {
    const { authorization, host } = request.headers;
    if (authorization === "Bearer GOOD" || authorization === basic("fred:secret")) return { body };
    const scope = request.path === "/v2/" ? "" : ',scope="repository:a/b:pull repository:c/d:pull"';
    return { status: 401, headers: { "www-authenticate": challenge(host, scope) }, body: {} };
  };
  const server = await startScriptedServer(
    [
      ...script,
      { request: { method: "GET", path: "/v2/" }, answer: guarded({}) },
      { request: { method: "GET", path: "/v2/a/b/tags/list" }, answer: guarded({ tags: ["x"] }) },
      {
        request: { method: "GET", path: "/token", headers: { authorization: basic("fred:wrong") } },
        answer: { status: 401, body: { details: "fred:wrong is not known" } },
      },
      { request: { method: "GET", path: "/token" }, answer: { body: { token: "GOOD" } } },
    ],
    { tls: { cert: issued.cert, key: issued.key } },
  );
  t.after(() => server.close());
  const open = (options: Options) => {
    const store = new BlobStore(server.host, "a/b", {
      tlsVerify: ca,
      environment: {},
      retries: 0,
      ...options,
    });
    t.after(() => store.close());
    return store;
  };
  return { server, open };
}

const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
const fred = (store: BlobStore, response: Parameters<NonNullable<Options["auth"]>>[1]) =>
  store.authenticate({ username: "fred", password: "secret", response });
const tokenRequests = (requests: readonly Recorded[]) =>
  requests.filter(({ path }) => path === "/token");

async function aliases(store: BlobStore): Promise<string[]> {
  const names: string[] = [];
  for await (const name of store.listAliases()) names.push(name);
  return names;
}

const coded = (code: ErrorCode) => (error: unknown) => isError(error, code);

test("the callback is asked once, with the answer, and its token is kept", async (t) => {
  const { server, open } = await start(t);
  const refusals: number[] = [];
  const store = open({
    auth: (self, response) => {
      refusals.push(response.status);
      return fred(self, response);
    },
  });
  assert.deepEqual(await aliases(store), ["x"]);
  assert.deepEqual(await aliases(store), ["x"]);
  assert.deepEqual(refusals, [401]);
  assert.equal(store.token, "GOOD");
  const [asked, ...more] = tokenRequests(server.requests);
  assert.equal(more.length, 0);
  assert.equal(asked!.headers.authorization, basic("fred:secret"));
  assert.equal(asked!.query.get("service"), "registry.test");
  assert.deepEqual(asked!.query.getAll("scope"), ["repository:a/b:pull", "repository:c/d:pull"]);
});

test("several requests that are refused together ask for one token", async (t) => {
  const { server, open } = await start(t);
  const store = open({ auth: fred });
  await Promise.all(Array.from({ length: 5 }, () => aliases(store)));
  assert.equal(tokenRequests(server.requests).length, 1);
});

test("actions make the scope; what comes back is the token", async (t) => {
  const { server, open } = await start(t);
  const store = open({});
  const login = { username: "fred", password: "secret", actions: ["pull", "push"] };
  assert.equal(await store.authenticate(login), "GOOD");
  assert.deepEqual(tokenRequests(server.requests)[0]!.query.getAll("scope"), [
    "repository:a/b:pull,push",
  ]);
  assert.deepEqual(await aliases(store), ["x"]);
});

test("an Authorization serves in place of user and password", async (t) => {
  const { server, open } = await start(t);
  const store = open({});
  await store.authenticate({ authorization: "Token of-mine", actions: ["pull"] });
  assert.equal(tokenRequests(server.requests)[0]!.headers.authorization, "Token of-mine");
});

test("a registry that wants user and password gets them, and there is no token", async (t) => {
  const { server, open } = await start(t, [], "Basic");
  const store = open({ auth: fred });
  assert.deepEqual(await aliases(store), ["x"]);
  assert.equal(store.token, undefined);
  assert.equal(tokenRequests(server.requests).length, 0);
  assert.equal(await store.authenticate({ username: "fred", password: "secret" }), undefined);
});

test("a token of one's own is shown from the start; one that has ended is replaced", async (t) => {
  const { server, open } = await start(t);
  assert.deepEqual(await aliases(open({ token: "GOOD" })), ["x"]);
  assert.equal(server.requests.length, 1);
  assert.deepEqual(await aliases(open({ token: "ENDED", auth: fred })), ["x"]);
  await assert.rejects(
    aliases(open({ token: "ENDED" })),
    (error) => isError(error, "UNAUTHORIZED") && !error.message.includes("ENDED"),
  );
});

test("without a callback a refusal is an error, and so is a wrong password, which is not repeated", async (t) => {
  const { open } = await start(t);
  await assert.rejects(aliases(open({})), coded("UNAUTHORIZED"));
  const wrong = open({
    auth: (self, response) => self.authenticate({ username: "fred", password: "wrong", response }),
  });
  await assert.rejects(
    aliases(wrong),
    (error) => isError(error, "UNAUTHORIZED") && !/fred:wrong/.test(error.message),
  );
});

test("nobody is authenticated over http; a token that is at hand is shown", async (t) => {
  const server = await startScriptedServer([
    {
      request: { method: "GET", path: "/v2/a/b/tags/list", headers: { authorization: "Bearer T" } },
      answer: { body: { tags: [] } },
    },
    {
      request: { method: "GET", path: /./ },
      answer: { status: 401, headers: { "www-authenticate": 'Basic realm="x"' } },
    },
  ]);
  t.after(() => server.close());
  const options = { insecure: true, environment: {} };
  const store = new BlobStore(server.host, "a/b", { ...options, auth: fred });
  t.after(() => store.close());
  await assert.rejects(aliases(store), coded("CREDENTIALS_NOT_SENT"));
  assert(server.requests.every(({ headers }) => headers.authorization === undefined));
  store.token = "T";
  assert.deepEqual(await aliases(store), []);
});

test("a token service of another site gets the password only where it is named", async (t) => {
  const elsewhere: Pair = {
    request: { method: "GET", path: "/v2/a/b/tags/list" },
    answer: {
      status: 401,
      headers: { "www-authenticate": 'Bearer realm="https://tokens.example.com/token"' },
    },
    times: 1,
  };
  const { server, open } = await start(t, [elsewhere]);
  await assert.rejects(
    aliases(open({ auth: fred })),
    (error) => isError(error, "CREDENTIALS_NOT_SENT") && /authHost/.test(error.hint),
  );
  server.add(elsewhere);
  assert.deepEqual(await aliases(open({ auth: fred, authHost: server.host })), ["x"]);
  const closed = open({ auth: fred, authHost: "127.0.0.1:1" });
  await assert.rejects(aliases(closed), coded("CONNECTION_FAILED"));
});

test("certificates: checked against the file given, or REQUESTS_CA_BUNDLE, or not at all", async (t) => {
  const { open } = await start(t);
  const token = "GOOD";
  await assert.rejects(aliases(open({ token, tlsVerify: true })), coded("TLS_UNTRUSTED"));
  assert.deepEqual(await aliases(open({ token, tlsVerify: false })), ["x"]);
  const environment = { REQUESTS_CA_BUNDLE: ca };
  assert.deepEqual(await aliases(open({ token, tlsVerify: true, environment })), ["x"]);
  const missing = { REQUESTS_CA_BUNDLE: join(folder, "none.pem") };
  assert.deepEqual(await aliases(open({ token, environment: missing })), ["x"]);
});

test("a registry behind someone who ends TLS may call itself http", async (t) => {
  const bytes = Buffer.alloc(100_000);
  const digest = digestOf(bytes);
  const { server, open } = await start(t, [
    { request: { method: "HEAD", path: /blobs/ }, answer: { status: 404 } },
    {
      request: { method: "POST", path: "/v2/a/b/blobs/uploads/" },
      answer: ({ headers }) => ({
        status: 202,
        headers: { location: `http://${headers.host}/v2/a/b/blobs/uploads/1?state=s` },
      }),
    },
    { request: { method: "PUT", path: "/v2/a/b/blobs/uploads/1" }, answer: { status: 201 } },
  ]);
  assert.equal(await open({ token: "GOOD" }).pushBlob(bytes), digest);
  assert.equal(server.requests.at(-1)!.query.get("digest"), digest);
});

test("aliases of schema 1, signed or not, are read in the order in which they were set", async (t) => {
  const blobs = ["abc", "def"].map((text) => digestOf(Buffer.from(text)));
  const plain = JSON.stringify({
    schemaVersion: 1,
    name: "a/b",
    tag: "old",
    fsLayers: blobs.map((blobSum) => ({ blobSum })),
    history: blobs.map(() => ({ v1Compatibility: "{}" })),
  });
  const header = {
    formatLength: plain.length - 1,
    formatTail: Buffer.from("}").toString("base64url"),
  };
  const shield = Buffer.from(JSON.stringify(header)).toString("base64url");
  const signed = `${plain.slice(0, -1)},"signatures":[{"protected":"${shield}","signature":"x"}]}`;
  const serve = (name: string, type: string, body: string): Pair => ({
    request: { method: "GET", path: `/v2/a/b/manifests/${name}` },
    answer: {
      headers: {
        "content-type": `application/vnd.docker.distribution.manifest.v1+${type}`,
        "docker-content-digest": digestOf(Buffer.from(plain)),
      },
      body,
    },
  });
  const { server, open } = await start(t, [
    serve("plain", "json", plain),
    serve("signed", "prettyjws", signed),
    {
      request: { method: "DELETE", path: `/v2/a/b/manifests/${digestOf(Buffer.from(plain))}` },
      answer: { status: 202 },
    },
  ]);
  const store = open({});
  for (const alias of ["plain", "signed"]) {
    assert.deepEqual(await store.getAlias(alias), blobs);
    await assert.rejects(store.getDigest(alias), coded("UNSUPPORTED"));
    assert.deepEqual(await store.deleteAlias(alias), blobs);
  }
  assert.deepEqual(server.unexpected, []);
});
