/** Who may do what on our registry server, seen by the clients that people use. */
import assert from "node:assert/strict";
import { randomBytes, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { connect } from "node:tls";

import { hashSync } from "bcryptjs";

import { digestOf } from "../src/reference/digest.ts";
import type { AccessEntry } from "../src/server/server.ts";
import { openLayout } from "../src/store/layout/layout.ts";
import { clients, type Stage } from "./access/clients.ts";
import { createAuthority } from "./certificate.ts";
import { dockerRegistry, startDockerRegistry } from "./docker-registry.ts";
import { syntheticImage } from "./images.ts";
import { issuer, service, startTokenService, type TokenService } from "./token-service.ts";
import { hearing } from "./cli/stage.ts";
import { serveRegistry, wharf, wharfOk } from "./wharf.ts";

// In lower case, which podman wants of folders that it reads from, and short, which it wants of others.
const folder = join(tmpdir(), `wharf-access-${randomBytes(4).toString("hex")}`);
mkdirSync(folder);
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
after(() => rmSync(folder, { recursive: true, force: true }));

const authority = createAuthority();
const own = authority.issue();
const [ca, tlsCert, tlsKey] = [
  file("ca.pem", authority.cert),
  file("cert.pem", own.cert),
  file("key.pem", own.key),
];
const users = { alice: "wonder:land", bob: "builder" };
const htpasswd = file(
  "htpasswd",
  Object.entries(users)
    .map(([user, password]) => `${user}:${hashSync(password, 5).replace("$2b$", "$2y$")}\n`)
    .join(""),
);

/** Everybody has a place of their own, and all see what is public. */
const rules = file(
  "rules.yaml",
  `access:
  - repositories: "{user}/**"
    who: authenticated
    may: all
  - repositories: public/**
    who: anonymous
    may: pull
  - repositories: public/**
    who: alice
    may: [push, delete]
immutable:
  - repositories: public/released-*
    tags: v*
`,
);

/** The same, as a token service decides it. */
function permissions(user: string | undefined, resource: string): readonly string[] {
  if (user !== undefined && resource.startsWith(`repository:${user}/`)) return ["*"];
  if (resource.startsWith("repository:public/"))
    return user === "alice" ? ["pull", "push", "delete"] : ["pull"];
  return resource === "registry:catalog" && user !== undefined ? ["*"] : [];
}

const image = await syntheticImage({ tag: "v1", layerSize: 4096 });
const layout = join(folder, "layout");
await image.pushTo(await openLayout(layout, { create: true }));

interface Served {
  readonly stage: Stage;
  readonly stderr: () => string;
  /** What was asked so far. */
  log(): readonly Pick<AccessEntry, "user" | "target" | "status">[];
  close(): Promise<void>;
}

async function serve(name: string, plain: boolean, flags: readonly string[]): Promise<Served> {
  const own = join(folder, name);
  mkdirSync(own);
  const { url, close, stderr } = await serveRegistry(join(own, "data"), ["--log", ...flags]);
  const host = `localhost:${new URL(url).port}`;
  const environment: Record<string, string> = plain ? {} : { SSL_CERT_FILE: ca };
  const stage = { host, plain, layout, tag: image.tag, folder: own, environment };
  const log = () =>
    stderr()
      .split("\n")
      .filter((line) => line.startsWith("{") && line.endsWith("}"))
      .map((line) => JSON.parse(line) as AccessEntry);
  return { stage, close, stderr, log };
}

const tls = ["--tls-cert", tlsCert, "--tls-key", tlsKey];
let tokens: TokenService;
before(async () => {
  const signer = authority.issue({ names: [issuer] });
  tokens = await startTokenService({ certificate: signer, header: "x5c", users, permissions });
});
after(() => tokens.close());
const tokenFlags = (realm = tokens.realm, cert = ca) =>
  [
    ["realm", realm],
    ["service", service],
    ["issuer", issuer],
    ["cert", cert],
  ].flatMap(([name, value]) => [`--token-${name}`, value!]);

const settings = [
  {
    title: "passwords over https",
    start: () => serve("passwords", false, [...tls, "--htpasswd", htpasswd, "--rules", rules]),
  },
  {
    title: "tokens over http",
    start: () => serve("tokens", true, [...tokenFlags(), "--rules", rules]),
  },
];

/** Crane sends a refused manifest again without its body when it gets another token, and stumbles over that. */
const refusal =
  /denied|forbidden|unauthori[sz]ed|authentication required|invalid user|credential not found|refused|with Body length 0/i;
const refused = (attempt: Promise<unknown>) => assert.rejects(attempt, refusal);

for (const { title, start } of settings)
  describe(title, { concurrency: 2 }, () => {
    let served: Served;
    before(async () => void (served = await start()));
    after(async () => {
      await served.close();
      const log = served.stderr();
      for (const secret of [...Object.values(users), "eyJ"]) assert(!log.includes(secret));
      assert(!log.includes('"failure"'), log);
    });

    for (const { name, skip, on } of clients)
      test(`${name}: each may do what they may, and nothing else`, { skip }, async () => {
        const client = on(served.stage);
        await refused(client.login("alice", "wrong"));
        for (const [user, password] of Object.entries(users)) await client.login(user, password);

        await client.push("alice", `alice/${name}`, "v1");
        await client.pull("alice", `alice/${name}`, "v1");
        await refused(client.pull("bob", `alice/${name}`, "v1"));
        await refused(client.pull("guest", `alice/${name}`, "v1"));

        await client.push("alice", `public/${name}`, "v1");
        await client.pull("bob", `public/${name}`, "v1");
        await client.pull("guest", `public/${name}`, "v1");
        await refused(client.push("bob", `public/${name}`, "v2"));
        await refused(client.push("guest", `public/${name}`, "v2"));

        if (client.copy) {
          await client.copy("alice", `alice/${name}`, `alice/${name}-2`, "v1");
          const mounts = `/v2/alice/${name}-2/blobs/uploads/?`;
          assert(
            served
              .log()
              .some(
                ({ user, target, status }) =>
                  user === "alice" && status === 201 && target.startsWith(mounts),
              ),
            "blobs are mounted",
          );
        }
        if (client.remove) {
          await refused(client.remove("bob", `public/${name}`, "v1"));
          await client.remove("alice", `public/${name}`, "v1");
          await assert.rejects(client.pull("alice", `public/${name}`, "v1"), /unknown|not found/i);
        }

        await client.push("alice", `public/released-${name}`, "v1");
        if (client.remove) await refused(client.remove("alice", `public/released-${name}`, "v1"));
      });
  });

describe("what docker-registry takes for a token, and what for none, ours does too", () => {
  const services = [
    { header: "x5c", trusted: () => ca },
    { header: "kid", trusted: () => file("signer.pem", own.cert) },
  ] as const;
  for (const { header, trusted } of services)
    test(`where the signer is told by ${header}`, { skip: dockerRegistry.skip }, async (t) => {
      const auth = await startTokenService({ certificate: own, header, users, permissions });
      t.after(auth.close);
      const { realm } = auth;
      const rootcertbundle = trusted();
      const theirs = await startDockerRegistry({
        tokens: { realm, service, issuer, rootcertbundle },
      });
      t.after(theirs.close);
      const ours = await serve(`docker-${header}`, true, tokenFlags(realm, rootcertbundle));
      t.after(ours.close);

      /** Status and challenge, the same from both. */
      const ask = async (method: string, path: string, authorization?: string) => {
        const headers: Record<string, string> = authorization ? { authorization } : {};
        const [their, our] = await Promise.all(
          [theirs.host, ours.stage.host].map(async (host) => {
            const answer = await fetch(`http://${host}${path}`, { method, headers });
            await answer.arrayBuffer();
            // Which action docker-registry names first is left to chance.
            const challenge = answer.headers.get("www-authenticate");
            return [answer.status, challenge?.replace(":push,pull", ":pull,push")];
          }),
        );
        assert.deepEqual(our, their, `${method} ${path}`);
        return our![0];
      };
      const token = async (scope: string) => {
        const login = Buffer.from(`alice:${users.alice}`).toString("base64");
        const answer = await fetch(`${realm}?service=${service}&scope=${scope}`, {
          headers: { authorization: `Basic ${login}` },
        });
        return `Bearer ${((await answer.json()) as { token: string }).token}`;
      };
      const push = await token("repository:alice/a:pull,push");
      const all = await token("repository:alice/a:*");
      const digest = `sha256:${"0".repeat(64)}`;
      const cases: readonly (readonly [number, string, string, string?])[] = [
        [401, "GET", "/v2/"],
        [401, "GET", "/v2/", "Bearer nonsense"],
        [200, "GET", "/v2/", push],
        [401, "GET", "/v2/alice/a/tags/list"],
        [404, "GET", "/v2/alice/a/tags/list", push],
        [401, "GET", "/v2/alice/a/tags/list", `${push}x`],
        [202, "POST", "/v2/alice/a/blobs/uploads/", push],
        [401, "POST", "/v2/alice/b/blobs/uploads/", push],
        [401, "DELETE", `/v2/alice/a/blobs/${digest}`, push],
        [404, "DELETE", `/v2/alice/a/blobs/${digest}`, all],
        [401, "GET", "/v2/_catalog", push],
        [200, "GET", "/v2/_catalog", await token("registry:catalog:*")],
      ];
      for (const [status, method, path, authorization] of cases)
        assert.equal(await ask(method, path, authorization), status, `${method} ${path}`);
    });
});

test("a tag that must stay is not moved, and whoever tries is told why", async (t) => {
  const other = await syntheticImage({ seed: "2", layerSize: 4096, tag: "v1" });
  await other.pushTo(await openLayout(join(folder, "other"), { create: true }));
  const open = file("open.yaml", "immutable:\n  - tags: v*\n");
  const server = await serve("open", true, ["--rules", open]);
  t.after(server.close);
  const target = `${server.stage.host}/released:v1`;
  await wharfOk(["copy", `oci:${layout}:v1`, target]);
  await wharfOk(["copy", `oci:${layout}:v1`, target]);
  const moved = await wharf(["copy", `oci:${join(folder, "other")}:v1`, target]);
  assert.equal(moved.status, 13);
  assert.match(moved.stderr, /the tag v1 of released is immutable: .* push under another tag/);
  const { stdout } = await wharfOk(["digest", target]);
  assert.equal(stdout.trim(), image.root.digest);
});

test("a certificate is read again on SIGHUP; one that is of no use changes nothing", async (t) => {
  const [cert, key] = [file("renewed.pem", own.cert), file("renewed.key", own.key)];
  const server = await serveRegistry(join(folder, "renewed"), [
    "--tls-cert",
    cert,
    "--tls-key",
    key,
  ]);
  t.after(server.close);
  const { port } = new URL(server.url);
  const shown = async () => {
    const socket = connect({ port: Number(port), host: "127.0.0.1", ca: authority.cert });
    await once(socket, "secureConnect");
    const { fingerprint256 } = socket.getPeerCertificate();
    socket.destroy();
    return fingerprint256;
  };
  const hangUp = async (answer: RegExp) => {
    const said = hearing(server.child.stderr, answer);
    server.child.kill("SIGHUP");
    await said;
  };
  const fingerprint = (text: string) => new X509Certificate(text).fingerprint256;
  assert.equal(await shown(), fingerprint(own.cert));
  const next = authority.issue();
  file("renewed.pem", next.cert);
  await hangUp(/warning: .*renewed\.key: is not the key of the certificate.*old certificate/);
  assert.equal(await shown(), fingerprint(own.cert));
  file("renewed.key", next.key);
  await hangUp(/The certificate was read again/);
  assert.equal(await shown(), fingerprint(next.cert));
});

test("what the command line lacks, or has too much of, is said", async () => {
  const expired = authority.issue({ notAfter: new Date(Date.now() - 1000) });
  const bad = file("bad.yaml", "access:\n  - repositories: a\n    who: alice\n    may: pusch\n");
  const old = [file("expired.pem", expired.cert), file("expired.key", expired.key)] as const;
  const cases: readonly (readonly [number, RegExp, ...string[]])[] = [
    [2, /0\.0\.0\.0 can be reached by others, and nobody has to sign in/, "--host=0.0.0.0"],
    [2, /nobody has to sign in/, "--host=0.0.0.0", "--rules", rules],
    [2, /--token-service is missing/, "--token-realm=https://auth/token"],
    [2, /exclude each other/, "--htpasswd", htpasswd, ...tokenFlags()],
    [2, /--token-realm is an address such as/, ...tokenFlags(), "--token-realm=auth"],
    [2, /no user and password may be in it/, ...tokenFlags(), "--token-realm=http://a:b@c/token"],
    [4, /no such file/, "--htpasswd", join(folder, "nowhere")],
    [2, /private key; it belongs to the token service/, ...tokenFlags(), "--token-cert", tlsKey],
    [2, /bad\.yaml:4: access\[0\]\.may: "pusch" must be.*Did you mean push\?/, "--rules", bad],
    [2, /--tls-cert needs --tls-key/, "--tls-cert", tlsCert],
    [2, /is not the key of the certificate/, "--tls-cert", tlsCert, "--tls-key", old[1]],
    [2, /the certificate expired on \d/, "--tls-cert", old[0], "--tls-key", old[1]],
  ];
  for (const [status, message, ...flags] of cases) {
    const said = await wharf(["registry", "serve", "--memory", "--port=0", ...flags]);
    assert.match(said.stderr, message);
    assert.equal(said.status, status, said.stderr);
    assert.equal(said.stdout, "");
  }
});

test("read-only, it takes nothing", async (t) => {
  const { stage, close } = await serve("read-only", true, ["--seed", "--read-only"]);
  t.after(close);
  await wharfOk(["digest", `${stage.host}/hello/wharf`]);
  const pushed = await wharf(["copy", `oci:${layout}:v1`, `${stage.host}/new/image:v1`]);
  assert.notEqual(pushed.status, 0);
  assert.match(pushed.stderr, /read-only/);
});

test("a loopback server behind a proxy answers to the names it is told", async (t) => {
  const { stage, close } = await serve("names", true, ["--host-name", "registry.example"]);
  t.after(close);
  const status = (host: string) =>
    new Promise((resolve, reject) => {
      const port = new URL(`http://${stage.host}`).port;
      get({ port, path: "/v2/", headers: { host }, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      }).on("error", reject);
    });
  assert.equal(await status("registry.example"), 200);
  assert.equal(await status("other.example"), 403);
});

test("what the server itself fails at is one line of its log, without what clients sent in confidence", async (t) => {
  const { stage, close, stderr } = await serve("failing", true, ["--htpasswd", htpasswd]);
  t.after(close);
  const login = `Basic ${Buffer.from(`alice:${users.alice}`).toString("base64")}`;
  const name = digestOf(Buffer.from("{}"));
  const ask = (method: string, path: string, body?: string) =>
    fetch(`http://${stage.host}${path}`, {
      method,
      headers: { authorization: login },
      ...(body !== undefined && { body }),
    });
  assert.equal((await ask("POST", `/v2/a/blobs/uploads/?digest=${name}`, "{}")).status, 201);
  const place = join(stage.folder, "data/repositories/a/blobs", name.replace(":", "/"));
  rmSync(place);
  mkdirSync(place);
  assert.equal((await ask("GET", `/v2/a/blobs/${name}?token=abcdefgh`)).status, 500);
  await close();
  const [failure, ...others] = stderr()
    .split("\n")
    .filter((line) => line.includes('"failure"'));
  assert.deepEqual(others, []);
  assert.match(
    failure!,
    /"code":"[A-Z_]+","message":.*"method":"GET","target":"[^"]*token=\*\*\*"/,
  );
  for (const secret of ["wonder", login.slice(6)]) assert(!stderr().includes(secret));
});
