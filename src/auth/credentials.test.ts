import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { isError } from "../errors.ts";
import { type Credentials, findCredentials } from "./credentials.ts";
import { auth, type Home, keepingHelper, makeHome } from "./testing/home.ts";

/** `USER:SECRET`, or the kind of what is not a password, with its token. */
async function found(
  { home, environment }: Home,
  registry: string,
  repository?: string,
  more: { environment?: NodeJS.ProcessEnv; explicit?: Record<string, Credentials> } = {},
): Promise<string> {
  const source = findCredentials({
    home,
    ...more,
    environment: { ...environment, ...more.environment },
  });
  const credentials = await source.find(registry, repository);
  if (credentials.kind === "basic") return `${credentials.username}:${credentials.password}`;
  return credentials.kind === "anonymous"
    ? "anonymous"
    : `${credentials.kind} ${credentials.token}`;
}

test("nothing anywhere is anonymous", async (t) => {
  assert.equal(await found(await makeHome(t), "docker.io"), "anonymous");
});

test("what is given goes before the environment, that before files, docker's before podman's", async (t) => {
  const home = await makeHome(t);
  const entry = (password: string) => ({ auths: { "ghcr.io": { auth: auth("me", password) } } });
  await home.write(home.podman, entry("podman"));
  assert.equal(await found(home, "ghcr.io"), "me:podman");
  await home.write(home.docker, entry("docker"));
  assert.equal(await found(home, "ghcr.io"), "me:docker");
  const named = join(home.home, "named.json");
  await home.write(named, entry("named"));
  const file = { REGISTRY_AUTH_FILE: named };
  assert.equal(await found(home, "ghcr.io", undefined, { environment: file }), "me:named");
  const text = { ...file, DOCKER_AUTH_CONFIG: JSON.stringify(entry("text")) };
  assert.equal(await found(home, "ghcr.io", undefined, { environment: text }), "me:text");
  const variable = { ...text, GITHUB_TOKEN: "variable", GITHUB_ACTOR: "me" };
  assert.equal(await found(home, "ghcr.io", undefined, { environment: variable }), "me:variable");
  const explicit: Record<string, Credentials> = { "ghcr.io": { kind: "anonymous" } };
  assert.equal(
    await found(home, "ghcr.io", undefined, { environment: variable, explicit }),
    "anonymous",
  );
});

test("Docker Hub's key is known in all its spellings", async (t) => {
  const home = await makeHome(t);
  for (const key of [
    "https://index.docker.io/v1/",
    "index.docker.io",
    "docker.io",
    "https://index.docker.io/v1",
    "registry-1.docker.io",
    "http://docker.io/",
    "https://docker.io/v2/",
  ]) {
    await home.write(home.docker, { auths: { [key]: { auth: auth("me", "pw") } } });
    assert.equal(await found(home, "docker.io", "library/nginx"), "me:pw", key);
  }
});

test("a registry's key may be an address, with or without version", async (t) => {
  const home = await makeHome(t);
  for (const key of [
    "https://r.example:5000",
    "http://r.example:5000/v1/",
    "r.example:5000/v2",
    "R.example:5000/",
  ]) {
    await home.write(home.docker, { auths: { [key]: { auth: auth("me", "pw") } } });
    assert.equal(await found(home, "r.example:5000"), "me:pw", key);
    assert.equal(await found(home, "r.example"), "anonymous", key);
  }
});

test("Docker Desktop's access token entries are not taken for Docker Hub's", async (t) => {
  const home = await makeHome(t);
  const other = { auth: auth("me", "desktop") };
  await home.write(home.docker, {
    auths: {
      "https://index.docker.io/v1/access-token": other,
      "https://index.docker.io/v1/refresh-token": other,
    },
  });
  assert.equal(await found(home, "docker.io", "library/nginx"), "anonymous");
});

test("the longest namespace goes first, and only whole path segments count", async (t) => {
  const home = await makeHome(t);
  const entry = (password: string) => ({ auth: auth("me", password) });
  await home.write(home.podman, {
    auths: {
      "quay.io": entry("host"),
      "quay.io/org": entry("org"),
      "quay.io/org/app": entry("app"),
    },
  });
  assert.equal(await found(home, "quay.io", "org/app"), "me:app");
  assert.equal(await found(home, "quay.io", "org/app/part"), "me:app");
  assert.equal(await found(home, "quay.io", "org/apple"), "me:org");
  assert.equal(await found(home, "quay.io", "organ/app"), "me:host");
  assert.equal(await found(home, "quay.io"), "me:host");
});

test("identity and registry tokens are told apart from passwords", async (t) => {
  const home = await makeHome(t);
  await home.write(home.docker, {
    auths: {
      "a.example": { auth: auth("me", ""), identitytoken: "refresh" },
      "b.example": { registrytoken: "ready" },
      "c.example": { username: "me", password: "plain" },
      "d.example": { auth: auth("me", "with:colon") },
      "e.example": { auth: Buffer.from("me:padded\0\0").toString("base64") },
      "f.example": {},
    },
  });
  assert.equal(await found(home, "a.example"), "identity refresh");
  assert.equal(await found(home, "b.example"), "bearer ready");
  assert.equal(await found(home, "c.example"), "me:plain");
  assert.equal(await found(home, "d.example"), "me:with:colon");
  assert.equal(await found(home, "e.example"), "me:padded");
  assert.equal(await found(home, "f.example"), "anonymous");
});

test("an empty entry does not hide a full one under another spelling", async (t) => {
  const home = await makeHome(t);
  await home.write(home.docker, {
    auths: { "docker.io": {}, "https://index.docker.io/v1/": { auth: auth("me", "pw") } },
  });
  assert.equal(await found(home, "docker.io"), "me:pw");
});

test("helpers hold single registries or all; what they do not know is looked up in the file", async (t) => {
  const home = await makeHome(t);
  await home.helper("one", 'console.log(JSON.stringify({ Username: "one", Secret: input }));');
  await home.helper("all", keepingHelper);
  await home.write(join(home.home, "store.json"), {
    "https://index.docker.io/v1/": { Username: "<token>", Secret: "refresh" },
  });
  await home.write(home.docker, {
    credsStore: "all",
    credHelpers: { "one.example": "one", "quay.io/org": "one" },
    auths: { "file.example": { auth: auth("me", "file") } },
  });
  assert.equal(await found(home, "one.example"), "one:one.example");
  assert.equal(await found(home, "docker.io"), "identity refresh");
  assert.equal(await found(home, "file.example"), "me:file");
  assert.equal(await found(home, "quay.io", "org/app"), "one:quay.io/org");
  assert.equal(await found(home, "quay.io"), "anonymous");
});

test("files are read, and helpers run, once", async (t) => {
  const home = await makeHome(t);
  await home.helper("all", keepingHelper);
  await home.write(join(home.home, "store.json"), {
    "r.example": { Username: "me", Secret: "pw" },
  });
  await home.write(home.docker, { credsStore: "all" });
  const source = findCredentials(home);
  const [first] = await Promise.all([source.find("r.example", "a"), source.find("r.example", "b")]);
  await home.write(home.docker, "not JSON any more");
  assert.deepEqual(await source.find("r.example"), first);
  assert.equal(await home.text(join(home.home, "calls")), "get r.example\n");
});

test("what is given may come to be known later", async (t) => {
  const home = await makeHome(t);
  const explicit: Record<string, Credentials> = {};
  const source = findCredentials({ ...home, explicit });
  assert.equal((await source.find("docker.io")).kind, "anonymous");
  explicit["index.docker.io"] = { kind: "bearer", token: "t" };
  assert.equal((await source.find("docker.io")).kind, "bearer");
});

test("DOCKER_CONFIG and XDG folders move the files", async (t) => {
  const home = await makeHome(t);
  const entry = (password: string) => ({ auths: { "r.example": { auth: auth("me", password) } } });
  await home.write(join(home.home, "run", "containers", "auth.json"), entry("runtime"));
  await home.write(join(home.home, "d", "config.json"), entry("moved"));
  const runtime = { XDG_RUNTIME_DIR: join(home.home, "run") };
  assert.equal(await found(home, "r.example", undefined, { environment: runtime }), "me:runtime");
  const moved = { ...runtime, DOCKER_CONFIG: join(home.home, "d") };
  assert.equal(await found(home, "r.example", undefined, { environment: moved }), "me:moved");
});

test("a damaged file is named, and never quoted", async (t) => {
  const home = await makeHome(t);
  const damages = [
    '{"auths": {"r.example": {"auth": "c2VjcmV0"}}',
    "s3cret",
    "[]",
    '{"auths": "s3cret"}',
    '{"auths": {"r.example": {"auth": "no base64 s3cret"}}}',
    `{"auths": {"r.example": {"auth": "${Buffer.from("s3cret").toString("base64")}"}}}`,
    '{"auths": {"r.example": "s3cret"}}',
    '{"credHelpers": {"r.example": "../../s3cret"}}',
  ];
  for (const damage of damages) {
    await home.write(home.docker, damage);
    await assert.rejects(found(home, "r.example"), (error) => {
      assert.ok(isError(error, "CONFIG_INVALID"), damage);
      assert.equal(error.cause, undefined);
      return (
        damage.includes("credHelpers") ||
        (error.message.includes(home.docker) && !/s3cret|c2VjcmV0/.test(error.message))
      );
    });
  }
});

test("a byte order mark, a blank file and unknown hosts do no harm", async (t) => {
  const home = await makeHome(t);
  await home.write(home.docker, "\n");
  assert.equal(await found(home, "r.example"), "anonymous");
  await home.write(
    home.docker,
    `\uFEFF${JSON.stringify({ auths: { "not a host!": "?", "r.example": { auth: auth("me", "pw") } } })}`,
  );
  assert.equal(await found(home, "r.example"), "me:pw");
});
