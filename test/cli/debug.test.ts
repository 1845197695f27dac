/** `--debug` prints every request; whatever it prints is searched for all secrets in use. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test, type TestContext } from "node:test";

import { mediaTypes } from "../../src/reference/descriptor.ts";
import { digestOf } from "../../src/reference/digest.ts";
import { startScriptedHub, jwt } from "../hub/scripted-hub.ts";
import { type Pair, type Recorded, startScriptedServer } from "../scripted-server.ts";
import { type Said, wharf } from "../wharf.ts";
import { temporaryFolder } from "./stage.ts";

const folder = temporaryFolder();
const random = (what: string) => `${what}${randomBytes(9).toString("hex")}`;

const password = `${random("password")}+/=&%`;
const identityToken = random("identity");
const registryToken = random("registry");
const secrets: Record<string, string> = {
  password,
  "password in an address": encodeURIComponent(password),
  "basic credentials": Buffer.from(`me:${password}`).toString("base64"),
  "identity token": identityToken,
  "registry token": registryToken,
  "bearer token": random("bearer"),
  "refresh token": random("refresh"),
  "state of an upload": random("state"),
  signature: random("signature"),
  "credential of a signature": random("signer"),
  "signature without a name": random("nameless").repeat(12),
  "password in a redirect": random("linked"),
  cookie: random("cookie"),
};
const of = (name: string) => secrets[name]!;

/** No secret, as it is or decoded from base64 or percent signs, is in what was printed. */
function searched({ stdout, stderr }: Said, words: readonly string[], known = secrets): void {
  for (const [stream, text] of Object.entries({ stdout, stderr })) {
    const decoded = (text.match(/[\w+/-]{12,}={0,2}/g) ?? []).map((word) =>
      Buffer.from(word, "base64").toString("latin1"),
    );
    const all = [text, ...decoded].join("\n");
    for (const [what, secret] of Object.entries(known))
      assert.ok(
        !all.includes(secret),
        `${stream} of wharf ${words.join(" ")} has the ${what}: ${text}`,
      );
  }
}

const layer = Buffer.from("what a layer holds");
const layerDigest = digestOf(layer);
const config = Buffer.from(
  '{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[]}}',
);
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
    layers: [{ mediaType: mediaTypes.ociLayer, digest: layerDigest, size: layer.length }],
  }),
);
writeFileSync(join(folder, "layer"), layer);

/** Storage behind a registry, which reads what is signed for it. */
const storage = (): Pair[] => [
  { request: { method: "GET", path: "/layer" }, answer: { body: layer } },
  {
    request: { method: "GET", path: "/refused" },
    // As S3 does, with what was asked in the answer.
    answer: ({ target, headers }) => ({
      status: 403,
      headers: { "x-amz-request-id": "1", "content-type": "application/xml" },
      body: `<Error><Message>${target} ${headers.authorization}</Message></Error>`,
    }),
  },
];

/** A registry with a token service, uploads with a state in their address, and layers at signed addresses. */
async function start(t: TestContext) {
  const behind = await startScriptedServer(storage());
  // Whoever has no token is told where there are some; what is added below comes before.
  const server = await startScriptedServer(
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"].map((method) => ({
      request: { method, path: /^\/v2\// },
      answer: () => ({ status: 401, headers: challenge }),
    })),
  );
  t.after(() => Promise.all([server.close(), behind.close()]));
  const challenge = {
    "www-authenticate": `Bearer realm="${server.url}token?token=${of("state of an upload")}",service="test"`,
  };
  const bearer = { authorization: `Bearer ${of("bearer token")}` };
  const cookies = { "set-cookie": `session=${of("cookie")}; HttpOnly` };
  const signed =
    `?X-Amz-Credential=${of("credential of a signature")}%2F2026&X-Amz-Signature=${of("signature")}` +
    `&x=${of("signature without a name")}&X-Amz-Expires=20`;
  const { host: there } = behind.url;
  const linked = `http://me:${of("password in a redirect")}@${there}`;
  const token = {
    token: of("bearer token"),
    access_token: of("bearer token"),
    refresh_token: of("refresh token"),
  };
  const blobs = "/v2/a/b/blobs";
  const location = (part: string) => ({
    status: 202,
    headers: {
      ...cookies,
      location: `${blobs}/uploads/${part}?_state=${of("state of an upload")}`,
    },
  });
  const echo = ({ target, headers, body }: Recorded) => ({
    status: 400,
    headers: { "x-echo": `${headers.authorization} ${target}`, ...cookies },
    body: {
      errors: [{ code: "BAD", message: `${target} ${headers.authorization} ${body.toString()}` }],
    },
  });
  const known = (method: string, path: string | RegExp, answer: Pair["answer"]): Pair => ({
    request: { method, path, headers: bearer },
    answer,
  });
  const hasPassword = (form: URLSearchParams) =>
    form.get("refresh_token") === identityToken || form.get("password") === password;
  server.add(
    {
      request: { method: "GET", path: "/token" },
      answer: ({ headers }) =>
        headers.authorization === `Basic ${of("basic credentials")}`
          ? { body: token, headers: cookies }
          : { status: 401, body: `no: ${headers.authorization}` },
    },
    {
      request: { method: "POST", path: "/token" },
      answer: (asked) =>
        hasPassword(new URLSearchParams(asked.body.toString()))
          ? { body: token }
          : { ...echo(asked), status: 401 },
    },
    known("GET", "/v2/", { body: {} }),
    {
      request: {
        method: "GET",
        path: "/v2/",
        headers: { authorization: `Bearer ${registryToken}` },
      },
      answer: { body: {} },
    },
    known("GET", "/v2/a/b/tags/list", { body: { name: "a/b", tags: ["1"] }, headers: cookies }),
    known("GET", "/v2/a/bad/tags/list", echo),
    known("GET", `${blobs}/${layerDigest}`, {
      status: 307,
      headers: { location: `${linked}/layer${signed}` },
    }),
    known("GET", `/v2/a/refused/blobs/${layerDigest}`, {
      status: 307,
      headers: { location: `${linked}/refused${signed}` },
    }),
    known("GET", `/v2/a/gone/blobs/${layerDigest}`, {
      status: 307,
      headers: { location: `http://me:${of("password in a redirect")}@127.0.0.1:1/${signed}` },
    }),
    known("GET", `/v2/a/loop/blobs/${layerDigest}`, ({ target }) => ({
      status: 307,
      headers: { location: `${target.split("?")[0]}${signed}` },
    })),
    known("GET", `${blobs}/${digestOf(config)}`, { body: config }),
    known("POST", `${blobs}/uploads/`, location("one")),
    known("PATCH", `${blobs}/uploads/one`, location("two")),
    known("PUT", /uploads\/(one|two)$/, { status: 201 }),
    known("POST", "/v2/a/bad/blobs/uploads/", location("bad")),
    known("PATCH", `${blobs}/uploads/bad`, echo),
    known("PUT", `${blobs}/uploads/bad`, echo),
    known("GET", `${blobs}/uploads/bad`, { status: 404 }),
    known("DELETE", `${blobs}/uploads/bad`, { status: 204 }),
    known("GET", /b\/manifests\/(1|sha256:.*)$/, {
      body: manifest,
      headers: { "content-type": mediaTypes.ociManifest },
    }),
    known("HEAD", /b\/manifests\/(1|sha256:.*)$/, {
      body: manifest,
      headers: {
        "content-type": mediaTypes.ociManifest,
        "docker-content-digest": digestOf(manifest),
      },
    }),
    known("HEAD", new RegExp(`blobs/${layerDigest}$`), { body: layer }),
    known("HEAD", /blobs\//, { status: 404 }),
    known("HEAD", /manifests\//, { status: 404 }),
    known("GET", /(manifests|referrers)\//, { status: 404 }),
    known("PUT", /manifests\/2$/, { status: 201 }),
    known("PUT", /manifests\//, echo),
  );
  return server;
}

/** Where docker's file says who we are. */
function homeWith(host: string, entry: object): Record<string, string> {
  const home = temporaryFolder();
  mkdirSync(join(home, ".docker"));
  writeFileSync(join(home, ".docker", "config.json"), JSON.stringify({ auths: { [host]: entry } }));
  return { HOME: home, XDG_RUNTIME_DIR: join(home, "run") };
}

describe("wharf --debug", () => {
  /** Runs, searches, and gives what was said. */
  async function debug(
    words: readonly string[],
    options: Parameters<typeof wharf>[1] = {},
    known = secrets,
  ) {
    const said = await wharf([...words, "--debug"], options);
    searched(said, words, known);
    return said;
  }

  test("requests are shown, with schemes and addresses but without what is secret in them", async (t) => {
    const { host } = await start(t);
    const as = ["--credentials", `${host}=me:${password}`];
    const { status, stdout, stderr } = await debug(["tags", `${host}/a/b`, ...as]);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, "1\n");
    assert.match(stderr, /> GET http:\/\/\S+\/v2\/a\/b\/tags\/list/);
    assert.match(stderr, /authorization: Basic \*\*\*/i);
    assert.match(stderr, /authorization: Bearer \*\*\*/i);
    assert.match(stderr, /set-cookie: \*\*\*/i);
  });

  test("passwords, however they are given", async (t) => {
    const { host } = await start(t);
    const encoded = encodeURIComponent(password);
    const file = join(folder, "credentials");
    writeFileSync(file, `me:${password}\n`);
    const environments = [
      [["--credentials", `${host}=@${file}`], {}],
      [[], homeWith(host, { auth: of("basic credentials") })],
      [[], homeWith(host, { username: "me", password })],
    ] as const;
    for (const [more, environment] of environments)
      assert.equal((await debug(["tags", `${host}/a/b`, ...more], { environment })).status, 0);
    assert.equal((await debug(["ping", `http://me:${encoded}@${host}`])).status, 0);
    const wrong = ["--credentials", `${host}=me:x${password}`];
    assert.equal((await debug(["tags", `${host}/a/b`, ...wrong])).status, 13);
    const environment = homeWith(host, {});
    const stdin = `${password}\n`;
    const login = await debug(["login", host, "-u", "me", "--password-stdin"], {
      environment,
      stdin,
    });
    assert.equal(login.status, 0, login.stderr);
    assert.equal((await debug(["whoami", host], { environment })).status, 0);
    assert.equal((await debug(["logout", host], { environment })).status, 0);
  });

  test("identity tokens, and tokens of a registry", async (t) => {
    const { host } = await start(t);
    const environment = homeWith(host, { identitytoken: identityToken });
    assert.equal((await debug(["tags", `${host}/a/b`], { environment })).status, 0);
    const refused = homeWith(host, { identitytoken: `x${identityToken}` });
    assert.equal((await debug(["tags", `${host}/a/b`], { environment: refused })).status, 13);
    const registry = homeWith(host, { registrytoken: registryToken });
    await debug(["ping", host], { environment: registry });
    await debug(["tags", `${host}/a/b`], { environment: registry });
  });

  test("signed addresses that downloads are sent to, whatever comes of them", async (t) => {
    const { host } = await start(t);
    const as = ["--credentials", `${host}=me:${password}`];
    const target = join(folder, "out");
    const get = (repository: string) =>
      debug(["blob", "get", `${host}/${repository}@${layerDigest}`, "-o", target, ...as], {
        environment: { WHARF_RETRIES: "1" },
      });
    const fine = await get("a/b");
    assert.equal(fine.status, 0, fine.stderr);
    assert.match(fine.stderr, /redirected to http:\/\/\S+\/layer\?X-Amz-Credential=\*\*\*/);
    for (const repository of ["a/refused", "a/gone", "a/loop"])
      assert.notEqual((await get(repository)).status, 0);
  });

  test("the state in the address of an upload", async (t) => {
    const { host } = await start(t);
    const as = ["--credentials", `${host}=me:${password}`];
    const put = (repository: string, ...more: string[]) =>
      debug(["blob", "put", `${host}/${repository}`, join(folder, "layer"), ...as, ...more], {
        environment: { WHARF_RETRIES: "1" },
      });
    const fine = await put("a/b");
    assert.equal(fine.status, 0, fine.stderr);
    assert.match(fine.stderr, /_state=\*\*\*/);
    assert.notEqual((await put("a/bad")).status, 0);
  });

  test("whole commands, and servers that send back what they were sent", async (t) => {
    const { host } = await start(t);
    const as = ["--credentials", `${host}=me:${password}`];
    const layout = `oci:${join(folder, "layout")}:1`;
    const copied = await debug(["copy", `${host}/a/b:1`, layout, ...as]);
    assert.equal(copied.status, 0, copied.stderr);
    for (const words of [
      ["copy", layout, `${host}/a/b:2`],
      ["inspect", `${host}/a/b:1`],
      ["manifest", "get", `${host}/a/b:1`],
      ["digest", `${host}/a/b:1`, "--json"],
    ])
      assert.equal((await debug([...words, ...as])).status, 0, words.join(" "));
    for (const words of [
      ["tags", `${host}/a/bad`],
      ["tags", `${host}/a/bad`, "--json"],
      ["copy", layout, `${host}/a/bad:1`],
      ["referrers", `${host}/a/b:missing`],
      ["delete", `${host}/a/b:missing`, "--yes"],
    ])
      assert.notEqual((await debug([...words, ...as])).status, 0, words.join(" "));
  });

  describe("hub", () => {
    const known: Record<string, string> = {
      "session token": jwt,
      password,
      "access token": random("dckr_pat_"),
      "second factor": "918273",
      "half a session": "half-a-session",
    };
    const state = temporaryFolder();
    let environment: Record<string, string> = {};
    let closing: (() => Promise<void>) | undefined;
    before(async () => {
      const refusal = () => ({
        status: 403,
        body: { message: `not for ${jwt}` },
      });
      const hub = await startScriptedHub({
        "auth.login": () => ({
          status: 401,
          body: { detail: "code?", login_2fa_token: known["half a session"] },
        }),
        "orgs.get": ({ headers }) => ({
          ...refusal(),
          headers: { "x-echo": String(headers.authorization) },
        }),
      });
      environment = { DOCKERHUB_URL: hub.url, XDG_STATE_HOME: state };
      closing = () => hub.close();
    });
    after(() => closing?.());

    test("sessions with a second factor, and what is asked with them", async () => {
      const login = ["hub", "login", "-u", "jonsnow", "--password-stdin", "--code", "918273"];
      const { status, stderr } = await debug(login, { environment, stdin: `${password}\n` }, known);
      assert.equal(status, 0, stderr);
      assert.match(stderr, /> POST http:\/\/\S+\/v2\/users\/2fa-login/);
      for (const words of [["whoami"], ["access-tokens", "list"], ["tags", "_/nginx"], ["logout"]])
        assert.equal(
          (await debug(["hub", ...words], { environment }, known)).status,
          0,
          words.join(" "),
        );
    });

    test("access tokens, and a Docker Hub that sends them back", async () => {
      const signedIn = { DOCKERHUB_USERNAME: "jonsnow", DOCKERHUB_TOKEN: known["access token"]! };
      const options = { environment: { ...environment, ...signedIn } };
      const listed = await debug(["hub", "access-tokens", "list"], options, known);
      assert.equal(listed.status, 0, listed.stderr);
      assert.match(listed.stderr, /authorization: Bearer \*\*\*/i);
      const refused = await debug(["hub", "orgs", "get", "acme"], options, known);
      assert.notEqual(refused.status, 0);
    });
  });
});
