import assert from "node:assert/strict";
import { mkdir, readdir, readlink, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { test, type TestContext } from "node:test";
import { isError } from "../errors.ts";
import type { HttpClient } from "../http/http.ts";
import { findCredentials } from "./credentials.ts";
import { login, logout, whoami } from "./login.ts";
import { auth, keepingHelper, makeHome } from "./testing/home.ts";
import { basic, httpFor, type LittleServer, serve, unauthorized } from "./testing/servers.ts";

/** A registry that knows `me` with the password `pw`. */
async function registryOf(t: TestContext): Promise<LittleServer> {
  return serve(t, ({ authorization }) =>
    authorization === basic("me:pw") ? {} : unauthorized('Basic realm="x"'),
  );
}

/** For registries whose answer does not matter. */
const welcoming: HttpClient = {
  request: () => Promise.reject(new Error("not used")),
  close: async () => {},
};

test("good credentials are stored as docker stores them, for its owner alone", async (t) => {
  const home = await makeHome(t);
  const { host } = await registryOf(t);
  const result = await login({
    ...home,
    registry: host,
    username: "me",
    password: "pw",
    http: httpFor(t),
  });
  assert.deepEqual(result, { registry: host, username: "me", place: home.docker, checked: true });
  assert.equal(
    await home.text(home.docker),
    `{\n\t"auths": {\n\t\t"${host}": {\n\t\t\t"auth": "${auth("me", "pw")}"\n\t\t}\n\t}\n}\n`,
  );
  assert.equal(await home.mode(home.docker), 0o600);
  assert.equal(await home.mode(dirname(home.docker)), 0o700);
  assert.deepEqual(await readdir(dirname(home.docker)), ["config.json"]);
  assert.deepEqual(await whoami({ ...home, registry: host }), {
    registry: host,
    kind: "basic",
    username: "me",
    origin: home.docker,
  });
});

test("refused credentials are not stored", async (t) => {
  const home = await makeHome(t);
  const { host } = await registryOf(t);
  await assert.rejects(
    login({ ...home, registry: host, username: "me", password: "wrong", http: httpFor(t) }),
    (error) => isError(error, "UNAUTHORIZED"),
  );
  await assert.rejects(home.text(home.docker), { code: "ENOENT" });
});

test("a token service checks them too, an identity token by POST", async (t) => {
  const home = await makeHome(t);
  const { host } = await serve(t, ({ url, method, body, authorization }) => {
    if (url.pathname === "/v2/")
      return authorization === "Bearer T" ? {} : unauthorized('Bearer realm="/token"');
    const good = method === "POST" && new URLSearchParams(body).get("refresh_token") === "refresh";
    return good ? { body: { access_token: "T" } } : { status: 401 };
  });
  const about = { ...home, registry: host, http: httpFor(t) };
  await assert.rejects(login({ ...about, username: "me", password: "pw" }), (error) =>
    isError(error, "UNAUTHORIZED"),
  );
  await login({ ...about, username: "me", token: "refresh" });
  assert.deepEqual(await home.json(home.docker), {
    auths: { [host]: { auth: auth("me", ""), identitytoken: "refresh" } },
  });
  assert.equal((await whoami({ ...home, registry: host })).username, "me");
});

test("a registry that lets in everybody cannot check, and something else is no registry", async (t) => {
  const home = await makeHome(t);
  const open = await serve(t, () => ({}));
  const about = { ...home, username: "me", password: "pw", http: httpFor(t) };
  assert.equal((await login({ ...about, registry: open.host })).checked, false);
  const other = await serve(t, () => ({ status: 404 }));
  await assert.rejects(login({ ...about, registry: other.host }), (error) =>
    isError(error, "NOT_A_REGISTRY"),
  );
});

test("a token service on another site does not get the password, and login says so", async (t) => {
  const home = await makeHome(t);
  const service = await serve(t, () => ({ body: { token: "T" } }));
  const { host } = await serve(t, ({ authorization }) =>
    authorization === "Bearer T"
      ? {}
      : unauthorized(`Bearer realm="http://localhost:${service.port}/"`),
  );
  await assert.rejects(
    login({ ...home, registry: host, username: "me", password: "pw", http: httpFor(t) }),
    (error) => isError(error, "CREDENTIALS_NOT_SENT"),
  );
  assert.equal(service.received.length, 0);
});

test("the rest of the file is kept, other spellings of the registry are replaced", async (t) => {
  const home = await makeHome(t);
  const { host } = await registryOf(t);
  const before = `{
    "HttpHeaders": {"User-Agent": "x"},
    "auths": {
        "https://${host}/v1/": {"auth": "b2xkOm9sZA=="},
        "other.example": { "auth":"eDp5",   "email": "a@b" },
        "${host}": {"identitytoken": "old", "email": "c@d"}
    }
}
`;
  await home.write(home.docker, before);
  await login({ ...home, registry: host, username: "me", password: "pw", http: httpFor(t) });
  const after = await home.text(home.docker);
  const expected = before
    .replace(`"https://${host}/v1/": {"auth": "b2xkOm9sZA=="},\n        `, "")
    .replace(
      '{"identitytoken": "old", "email": "c@d"}',
      `{\n            "email": "c@d",\n            "auth": "${auth("me", "pw")}"\n        }`,
    );
  assert.equal(after, expected);
});

test("podman's file gets podman's key, docker's file docker's", async (t) => {
  const home = await makeHome(t);
  const { url } = await registryOf(t);
  const about = {
    ...home,
    registry: "docker.io",
    username: "me",
    password: "pw",
    http: httpFor(t),
    url: new URL("/v2/", url),
    config: { hosts: () => ({ url }) },
  };
  await login(about);
  const environment = { ...home.environment, REGISTRY_AUTH_FILE: home.podman };
  await login({ ...about, environment });
  const entry = { auth: auth("me", "pw") };
  assert.deepEqual(await home.json(home.docker), {
    auths: { "https://index.docker.io/v1/": entry },
  });
  assert.deepEqual(await home.json(home.podman), { auths: { "docker.io": entry } });
});

test("a helper keeps the secret, and the file an empty entry", async (t) => {
  const home = await makeHome(t);
  const { host } = await registryOf(t);
  await home.helper("test", keepingHelper);
  await home.write(home.docker, {
    credHelpers: { [host]: "test" },
    auths: { [host]: { auth: auth("a", "b") } },
  });
  const result = await login({
    ...home,
    registry: host,
    username: "me",
    password: "pw",
    http: httpFor(t),
  });
  assert.equal(result.place, "docker-credential-test");
  assert.deepEqual(await home.json(home.docker), {
    credHelpers: { [host]: "test" },
    auths: { [host]: {} },
  });
  assert.deepEqual(await whoami({ ...home, registry: host }), {
    registry: host,
    kind: "basic",
    username: "me",
    origin: "docker-credential-test",
  });
  const out = await logout({ ...home, registry: host });
  assert.deepEqual(out, { registry: host, places: ["docker-credential-test"] });
  assert.deepEqual(await home.json(join(home.home, "store.json")), {});
  assert.deepEqual(await home.json(home.docker), { credHelpers: { [host]: "test" }, auths: {} });
});

test("a link to the file is followed, also to one that is not there yet", async (t) => {
  const home = await makeHome(t);
  const { host } = await registryOf(t);
  const target = join(home.home, "dotfiles", "docker.json");
  await mkdir(dirname(home.docker));
  await mkdir(dirname(target));
  await symlink(target, home.docker);
  const about = { ...home, registry: host, username: "me", password: "pw", http: httpFor(t) };
  await login(about);
  await login(about);
  assert.equal(await readlink(home.docker), target);
  assert.deepEqual(await home.json(target), { auths: { [host]: { auth: auth("me", "pw") } } });
  assert.deepEqual(await readdir(dirname(target)), ["docker.json"]);
});

test("logins at the same time all arrive", async (t) => {
  const home = await makeHome(t);
  const servers = await Promise.all(Array.from({ length: 8 }, () => registryOf(t)));
  const http = httpFor(t);
  await Promise.all(
    servers.map(({ host }) =>
      login({ ...home, registry: host, username: "me", password: "pw", http }),
    ),
  );
  const { auths } = (await home.json(home.docker)) as { auths: object };
  assert.deepEqual(Object.keys(auths).sort(), servers.map(({ host }) => host).sort());
});

test("logout removes every spelling from docker's and podman's files, and nothing else", async (t) => {
  const home = await makeHome(t);
  const entry = { auth: auth("me", "pw") };
  await home.write(home.docker, {
    auths: { "https://index.docker.io/v1/": entry, "quay.io": entry },
    x: 1,
  });
  await home.write(home.podman, { auths: { "docker.io": entry, "docker.io/me": entry } });
  const out = await logout({ ...home, registry: "docker.io" });
  assert.deepEqual(out, { registry: "docker.io", places: [home.docker, home.podman] });
  assert.deepEqual(await home.json(home.docker), { auths: { "quay.io": entry }, x: 1 });
  assert.deepEqual(await home.json(home.podman), { auths: { "docker.io/me": entry } });
  assert.deepEqual((await logout({ ...home, registry: "docker.io" })).places, []);
});

test("logout says what still gives credentials, login what goes before", async (t) => {
  const home = await makeHome(t);
  const environment = { ...home.environment, GITHUB_TOKEN: "t" };
  const out = await logout({ ...home, environment, registry: "ghcr.io" });
  assert.deepEqual(out, { registry: "ghcr.io", places: [], remaining: "GITHUB_TOKEN" });
  const { url } = await registryOf(t);
  const result = await login({
    ...home,
    environment,
    registry: "ghcr.io",
    username: "me",
    password: "pw",
    http: httpFor(t),
    url: new URL("/v2/", url),
    config: { hosts: () => ({ url }) },
  });
  assert.equal(result.shadowedBy, "GITHUB_TOKEN");
});

test("a damaged file is left as it is", async (t) => {
  const home = await makeHome(t);
  const { host } = await registryOf(t);
  await home.write(home.docker, '{"auths": {');
  await assert.rejects(
    login({ ...home, registry: host, username: "me", password: "pw", http: httpFor(t) }),
    (error) => isError(error, "CONFIG_INVALID"),
  );
  await assert.rejects(logout({ ...home, registry: host }), (error) =>
    isError(error, "CONFIG_INVALID"),
  );
  assert.equal(await home.text(home.docker), '{"auths": {');
});

test("a name that no header can carry, or half of what it takes, is USAGE", async (t) => {
  const home = await makeHome(t);
  for (const wrong of [
    { username: "a:b", password: "x" },
    { username: "a\nb", password: "x" },
    { username: "me" },
    { password: "x" },
  ]) {
    await assert.rejects(
      login({ ...home, registry: "r.example", http: welcoming, ...wrong }),
      (error) => isError(error, "USAGE"),
    );
  }
});

test("what login writes, the client finds", async (t) => {
  const home = await makeHome(t);
  const { host } = await registryOf(t);
  await login({ ...home, registry: host, username: "me", password: "pw", http: httpFor(t) });
  assert.deepEqual(await findCredentials(home).find(host, "a/b"), {
    kind: "basic",
    username: "me",
    password: "pw",
    origin: home.docker,
  });
});
