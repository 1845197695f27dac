/** Who `wharf dxf` says we are, beside python-dxf: passwords, tokens, certificates, a token service of one's choice. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { hashSync } from "bcryptjs";

import { createAuthority } from "./certificate.ts";
import { type Outcome, type Program, pythonDxf, startPythonDxf, wharfDxf } from "./dxf/programs.ts";
import { sha } from "./dxf/cargo.ts";
import { issuer, service, startTokenService } from "./token-service.ts";
import { serveRegistry } from "./wharf.ts";

const folder = mkdtempSync(join(tmpdir(), "dxf-access-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const authority = createAuthority();
const own = authority.issue();
const [ca, tlsCert, tlsKey] = [
  file("ca.pem", authority.cert),
  file("cert.pem", own.cert),
  file("key.pem", own.key),
];
file("FILE", "payload");
const tls = ["--tls-cert", tlsCert, "--tls-key", tlsKey];
const htpasswd = file("htpasswd", `fred:${hashSync("secret", 5).replace("$2b$", "$2y$")}\n`);

type Variables = Readonly<Record<string, string>>;
const trusted = { REQUESTS_CA_BUNDLE: ca };
const fred = { ...trusted, DXF_USERNAME: "fred", DXF_PASSWORD: "secret" };
const header = { ...trusted, DXF_AUTHORIZATION: `Basic ${btoa("fred:secret")}` };
const abc = sha("abc");

describe("wharf dxf and python-dxf are let in alike", { skip: pythonDxf.skip }, () => {
  let python: Awaited<ReturnType<typeof startPythonDxf>>;
  const hosts = { open: "", plain: "", basic: "", token: "" };
  let authHost = "";
  const closing: (() => unknown)[] = [];
  before(async () => {
    const certificate = authority.issue();
    const tokens = await startTokenService({
      certificate,
      header: "x5c",
      users: { fred: "secret" },
      permissions: (user, resource) => {
        if (user === "fred") return ["pull", "push", "delete", "*"];
        return resource === "registry:catalog" ? ["*"] : [];
      },
    });
    const front = await secured(tokens.realm);
    authHost = front.host;
    const certFile = file("signer.pem", certificate.cert);
    const tokenFlags = ["--token-service", service, "--token-issuer", issuer];
    const realm = ["--token-realm", `https://${front.host}/token`, "--token-cert", certFile];
    const servers = await Promise.all([
      serveRegistry(join(folder, "open"), tls),
      serveRegistry(join(folder, "plain"), ["--htpasswd", htpasswd]),
      serveRegistry(join(folder, "basic"), ["--htpasswd", htpasswd, ...tls]),
      serveRegistry(join(folder, "token"), [...tokenFlags, ...realm, ...tls]),
    ]);
    for (const [at, name] of (["open", "plain", "basic", "token"] as const).entries())
      hosts[name] = servers[at]!.host;
    python = await startPythonDxf(folder);
    closing.push(...servers.map(({ close }) => close), python.close, front.close, tokens.close);
  });
  after(() => Promise.all(closing.map((close) => close())));

  const run = (program: Program, host: string, words: string, environment: Variables) =>
    program.run(words.split(" "), {
      cwd: folder,
      environment: { DXF_HOST: host, ...environment },
    });

  /** Runs both and compares them. */
  async function both(host: string, words: string, environment: Variables): Promise<Outcome> {
    const expected = await run(python, host, words, environment);
    const actual = await run(wharfDxf, host, words, environment);
    const name = `${words} ${JSON.stringify(environment)}\n${expected.stderr.slice(-600)}\n${actual.stderr}`;
    assert.equal(actual.status, expected.status, name);
    assert.equal(actual.stdout, expected.stdout, name);
    assert.equal(actual.stderr === "", expected.stderr === "", name);
    assert.doesNotMatch(actual.stderr, /secret|INTERNAL/, name);
    return actual;
  }

  test("certificates", async () => {
    const status = async (environment: Variables) =>
      (await both(hosts.open, "list-repos", environment)).status;
    assert.equal(await status({}), 1);
    assert.equal(await status(trusted), 0);
    assert.equal(await status({ DXF_TLSVERIFY: ca }), 0);
    assert.equal(await status({ DXF_TLSVERIFY: join(folder, "none.pem") }), 1);
    assert.equal(await status({ REQUESTS_CA_BUNDLE: join(folder, "none.pem") }), 1);
    assert.equal(await status({ DXF_SKIPTLSVERIFY: "1" }), 0);
    assert.equal(await status({ DXF_SKIPTLSVERIFY: "1", DXF_TLSVERIFY: "none" }), 0);
    assert.equal(await status({ ...trusted, DXF_INSECURE: "1" }), 1);
  });

  test("user and password, or the header that holds them", async () => {
    for (const environment of [fred, header]) {
      await both(hosts.basic, "push-blob a/b FILE @x", environment);
      const { status, stdout } = await both(hosts.basic, "pull-blob a/b @x", environment);
      assert.deepEqual([status, stdout], [0, "payload"]);
    }
    assert.equal((await both(hosts.basic, "auth a/b pull", fred)).stdout, "");
    for (const environment of [
      trusted,
      { ...fred, DXF_PASSWORD: "wrong" },
      { ...fred, DXF_PASSWORD: "" },
      { ...trusted, DXF_USERNAME: "fred" },
      { ...trusted, DXF_TOKEN: "no-token" },
    ])
      assert.equal((await both(hosts.basic, "list-aliases a/b", environment)).status, 13);
  });

  test("nobody is told over http who we are", async () => {
    const insecure = { ...fred, DXF_INSECURE: "1" };
    for (const words of [
      "list-aliases a/b",
      "push-blob a/b FILE",
      "auth a/b pull",
      `blob-size a/b ${abc}`,
    ])
      assert.equal((await both(hosts.plain, words, insecure)).status, 1);
  });

  test("tokens: asked for when they are needed, or beforehand", async () => {
    for (const environment of [fred, header]) {
      await both(hosts.token, "push-blob a/b FILE @x", environment);
      await both(hosts.token, "mount-blob c/d a/b " + sha("payload"), environment);
      const { stdout } = await both(hosts.token, "pull-blob a/b @x", environment);
      assert.equal(stdout, "payload");
    }
    const { stdout } = await both(hosts.token, "list-repos", trusted);
    assert.equal(stdout, "a/b\nc/d\n");
    assert.equal((await both(hosts.token, "list-aliases a/b", trusted)).status, 13);
    assert.equal(
      (await both(hosts.token, "auth a/b pull", { ...fred, DXF_PASSWORD: "wrong" })).status,
      13,
    );
    for (const program of [python, wharfDxf]) {
      const asked = await run(program, hosts.token, "auth a/b pull", fred);
      assert.equal(asked.status, 0, asked.stderr);
      const token = { ...trusted, DXF_TOKEN: asked.stdout.trim() };
      assert.equal((await both(hosts.token, "pull-blob a/b @x", token)).stdout, "payload");
      assert.equal((await both(hosts.token, "del-alias a/b x", token)).status, 13);
    }
  });

  test("the host of the token service may be named", async () => {
    const named = { ...fred, DXF_AUTH_HOST: authHost };
    assert.equal((await both(hosts.token, "list-aliases a/b", named)).status, 0);
    const closed = { ...fred, DXF_AUTH_HOST: "127.0.0.1:1" };
    assert.equal((await both(hosts.token, "list-aliases a/b", closed)).status, 1);
    assert.equal((await both(hosts.basic, "list-aliases a/b", closed)).status, 0);
  });
});

/** The token service behind https. */
async function secured(realm: string) {
  const server = createServer({ cert: own.cert, key: own.key }, (incoming, outgoing) => {
    const { headers, method, url = "/" } = incoming;
    const inner = request(new URL(url, realm), { method: method!, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    incoming.pipe(inner);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
