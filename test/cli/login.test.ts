/** Signing in and out: what docker and podman wrote is understood, and they understand what we write. */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { dockerRegistry, startDockerRegistry } from "../docker-registry.ts";
import { startScriptedServer } from "../scripted-server.ts";
import { skipWithout, tool } from "../tools.ts";
import { wharf, wharfOk } from "../wharf.ts";
import { cargo, temporaryFolder } from "./stage.ts";

const secret = "s3same-0pen";
const basic = Buffer.from(`me:${secret}`).toString("base64");
const skopeo = tool("skopeo", "apt-get install skopeo");

/** A home of its own, and what docker's file in it holds. */
function newHome() {
  const folder = temporaryFolder();
  const file = join(folder, ".docker", "config.json");
  return {
    file,
    options: { environment: { HOME: folder, XDG_RUNTIME_DIR: join(folder, "run") } },
    read: () =>
      JSON.parse(readFileSync(file, "utf8")) as { auths?: object; [key: string]: unknown },
    write(content: object) {
      mkdirSync(join(folder, ".docker"), { recursive: true });
      writeFileSync(file, JSON.stringify(content));
    },
  };
}

/** A registry with a token service that gives tokens for password and refresh token. */
async function serveTokens(t: TestContext) {
  const server = await startScriptedServer([]);
  t.after(() => server.close());
  const realm = `Bearer realm="${server.url}token",service="test"`;
  server.add(
    {
      request: { method: "GET", path: "/token", headers: { authorization: `Basic ${basic}` } },
      answer: { body: { token: "good-token" } },
    },
    {
      request: { method: "POST", path: "/token" },
      answer: ({ body }) => {
        const form = new URLSearchParams(body.toString());
        const known = form.get("refresh_token") === "refresh-me" || form.get("password") === secret;
        return known
          ? { body: { access_token: "good-token" } }
          : { status: 401, body: { errors: [{ code: "UNAUTHORIZED", message: "wrong" }] } };
      },
    },
    {
      request: { method: "GET", path: "/token" },
      answer: { status: 401, body: { details: "incorrect username or password" } },
    },
    {
      request: { method: "GET", path: "/v2/", headers: { authorization: "Bearer good-token" } },
      answer: { body: {} },
    },
    {
      request: { method: "GET", path: "/v2/" },
      answer: { status: 401, headers: { "www-authenticate": realm } },
    },
  );
  return server;
}

test("login: the password by standard input, checked, and stored as docker does", async (t) => {
  const { host } = await serveTokens(t);
  const home = newHome();
  home.write({ auths: { "other.example.com": { auth: "eDp5" } }, psFormat: "table" });
  const words = ["login", host, "-u", "me", "--password-stdin"];
  const { stdout, stderr } = await wharfOk(words, { ...home.options, stdin: `${secret}\n` });
  assert.equal(stdout, `Signed in to ${host} as me\n`);
  assert.equal(stderr, `The credentials are in ${home.file}\n`);
  assert.deepEqual(home.read(), {
    auths: { "other.example.com": { auth: "eDp5" }, [host]: { auth: basic } },
    psFormat: "table",
  });
  assert.equal(statSync(home.file).mode & 0o777, 0o600);
  const who = await wharfOk(["whoami", host], home.options);
  assert.equal(who.stdout, `${host}: me (${home.file})\n`);
  const ping = await wharfOk(["ping", host], home.options);
  assert.match(ping.stdout, /: signed in as me \(/);
  const out = await wharfOk(["logout", host], home.options);
  assert.equal(out.stdout, `Removed the credentials for ${host} from ${home.file}\n`);
  assert.deepEqual(home.read().auths, { "other.example.com": { auth: "eDp5" } });
  assert.equal((await wharfOk(["whoami", host], home.options)).stdout, `${host}: anonymous\n`);
  const again = await wharfOk(["logout", host], home.options);
  assert.equal(again.stdout, `There were no credentials for ${host}\n`);
});

test("login: a wrong password is refused and not stored", async (t) => {
  const { host } = await serveTokens(t);
  const home = newHome();
  const words = ["login", host, "-u", "me", "--password-stdin"];
  const { status, stderr } = await wharf(words, { ...home.options, stdin: "wrong-password" });
  assert.equal(status, 13);
  assert.match(stderr, /^wharf: .*\n {7}Sign in again with `wharf login .*\n$/);
  assert.ok(!stderr.includes("wrong-password"));
  assert.throws(() => home.read());
});

test("login: an identity token", async (t) => {
  const { host } = await serveTokens(t);
  const home = newHome();
  const words = ["login", host, "--identity-token-stdin"];
  await wharfOk(words, { ...home.options, stdin: "refresh-me" });
  assert.match(JSON.stringify(home.read().auths), /"identitytoken":"refresh-me"/);
  assert.match((await wharfOk(["whoami", host], home.options)).stdout, /: an identity token \(/);
});

test("login: user and password of the address", async (t) => {
  const { host } = await serveTokens(t);
  const home = newHome();
  await wharfOk(["login", `http://me:${secret}@${host}`], home.options);
  assert.deepEqual(home.read(), { auths: { [host]: { auth: basic } } });
});

test("login: Docker Hub stands under the key that docker uses", async (t) => {
  const server = await serveTokens(t);
  const home = newHome();
  const config = join(temporaryFolder(), "config.yaml");
  const { host } = server;
  writeFileSync(config, `docker.io: { url: "http://${host}", tokenRealms: ["${host}"] }\n`);
  const environment = { ...home.options.environment, WHARF_CONFIG: config };
  const words = ["login", "-u", "me", "--password-stdin", "--plain-http=docker.io"];
  const { stdout } = await wharfOk(words, { environment, stdin: secret });
  assert.equal(stdout, "Signed in to docker.io as me\n");
  assert.deepEqual(home.read().auths, { "https://index.docker.io/v1/": { auth: basic } });
  assert.match((await wharfOk(["whoami"], { environment })).stdout, /^docker\.io: me \(/);
});

const skip = skipWithout(dockerRegistry, skopeo);
test(
  "login: Debian's docker-registry lets us in, and skopeo by what we stored",
  { skip },
  async (t) => {
    const home = newHome();
    const users = join(temporaryFolder(), "htpasswd");
    // bcrypt of the secret above, cheap.
    writeFileSync(users, "me:$2b$04$/CvoXyGwddqoWnBLVzyYSOrTFjLETj85fExm6VDNRP9BAL8g5afdi\n");
    const registry = await startDockerRegistry({ htpasswd: users });
    t.after(() => registry.close());
    const { host } = registry;
    const refused = await wharf(["repos", host], home.options);
    assert.equal(refused.status, 13);
    assert.match(refused.stderr, new RegExp(`\`wharf login ${host}\``));
    assert.equal((await wharf(["ping", host], home.options)).stdout, `${host}: sign-in refused\n`);

    const words = ["login", host, "-u", "me", "--password-stdin"];
    assert.equal((await wharf(words, { ...home.options, stdin: "wrong" })).status, 13);
    await wharfOk(words, { ...home.options, stdin: secret });
    const image = cargo();
    const folder = temporaryFolder();
    const { openLayout } = await import("../../src/store/layout/layout.ts");
    const layout = await openLayout(join(folder, "layout"), { create: true });
    await image.pushTo(layout);
    await layout.close();
    await wharfOk(["copy", `oci:${folder}/layout:1.0`, `${host}/app:1.0`], home.options);
    const tags = ["list-tags", "--tls-verify=false", `docker://${host}/app`];
    const environment = { ...home.options.environment, REGISTRY_AUTH_FILE: home.file };
    assert.match(await skopeo.run(tags, { environment }), /"1\.0"/);
  },
);
