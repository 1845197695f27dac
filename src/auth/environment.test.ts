import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { isError } from "../errors.ts";
import { environmentCredentials } from "./environment.ts";
import { makeHome } from "./testing/home.ts";

function invalid(pattern: RegExp): (error: unknown) => boolean {
  return (error) => isError(error, "CONFIG_INVALID") && pattern.test(error.message);
}

test("a user and password are for the registry named, and for no other", () => {
  const environment = { WHARF_REGISTRY: "r.example", WHARF_USERNAME: "me", WHARF_PASSWORD: "pw" };
  assert.deepEqual(environmentCredentials(environment, "r.example"), {
    kind: "basic",
    username: "me",
    password: "pw",
    origin: "WHARF_PASSWORD",
  });
  for (const other of ["docker.io", "x.r.example", "r.example:5000", "ghcr.io"]) {
    assert.equal(environmentCredentials(environment, other), undefined);
  }
});

test("a secret without a registry is refused, not guessed about", () => {
  for (const name of ["WHARF_TOKEN", "WHARF_PASSWORD", "WHARF_USERNAME", "WHARF_TOKEN_FILE"]) {
    assert.throws(
      () => environmentCredentials({ [name]: "x" }, "docker.io"),
      invalid(/WHARF_REGISTRY/),
    );
  }
});

test("a registry may be written under any of its names", () => {
  const environment = { WHARF_REGISTRY: "index.docker.io", WHARF_TOKEN: "t" };
  assert.equal(environmentCredentials(environment, "docker.io")?.kind, "bearer");
});

test("a token alone goes as it is, with a user in place of the password", () => {
  const token = { WHARF_REGISTRY: "r.example", WHARF_TOKEN: "t" };
  assert.deepEqual(environmentCredentials(token, "r.example"), {
    kind: "bearer",
    token: "t",
    origin: "WHARF_TOKEN",
  });
  const both = { ...token, WHARF_USERNAME: "me", WHARF_PASSWORD: "pw" };
  assert.deepEqual(environmentCredentials(both, "r.example"), {
    kind: "basic",
    username: "me",
    password: "t",
    origin: "WHARF_TOKEN",
  });
});

test("half of a pair is refused with the name of what is missing", () => {
  const half = (name: string): unknown =>
    environmentCredentials({ WHARF_REGISTRY: "r.example", [name]: "x" }, "r.example");
  assert.throws(() => half("WHARF_USERNAME"), invalid(/neither WHARF_PASSWORD nor WHARF_TOKEN/));
  assert.throws(() => half("WHARF_PASSWORD"), invalid(/not WHARF_USERNAME/));
});

test("Docker Hub's and GitHub's variables are for their registries", () => {
  const environment = {
    DOCKER_HUB_USER: "me",
    DOCKER_HUB_TOKEN: "hub",
    GITHUB_TOKEN: "gh",
    GITHUB_ACTOR: "cat",
  };
  const hub = environmentCredentials(environment, "docker.io");
  assert.deepEqual(hub, {
    kind: "basic",
    username: "me",
    password: "hub",
    origin: "DOCKER_HUB_TOKEN",
  });
  const github = environmentCredentials(environment, "ghcr.io");
  assert.deepEqual(github, {
    kind: "basic",
    username: "cat",
    password: "gh",
    origin: "GITHUB_TOKEN",
  });
  assert.equal(environmentCredentials(environment, "quay.io"), undefined);
  assert.equal(environmentCredentials(environment, "github.com"), undefined);
});

test("the other spellings for Docker Hub, and half a pair", () => {
  const read = (environment: NodeJS.ProcessEnv): string | undefined => {
    const found = environmentCredentials(environment, "docker.io");
    return found?.kind === "basic" ? found.password : undefined;
  };
  assert.equal(
    read({ DOCKERHUB_USERNAME: "me", DOCKERHUB_TOKEN: "t", DOCKERHUB_PASSWORD: "p" }),
    "t",
  );
  assert.equal(read({ DOCKERHUB_USERNAME: "me", DOCKERHUB_PASSWORD: "p" }), "p");
  assert.equal(read({ DOCKER_HUB_TOKEN: "t" }), undefined);
  assert.equal(read({ DOCKER_HUB_USER: "me", DOCKER_HUB_TOKEN: "" }), undefined);
});

test("a file may hold the value, without the line break at its end", async (t) => {
  const { home, write } = await makeHome(t);
  const path = join(home, "secret");
  await write(path, "from file \r\n");
  const environment = { GITHUB_TOKEN_FILE: path };
  assert.deepEqual(environmentCredentials(environment, "ghcr.io"), {
    kind: "basic",
    username: "token",
    password: "from file ",
    origin: "GITHUB_TOKEN",
  });
  const both = environmentCredentials({ ...environment, GITHUB_TOKEN: "direct" }, "ghcr.io");
  assert.equal(both?.kind === "basic" && both.password, "direct");
});

test("a file that cannot be read is named, with its variable", () => {
  assert.throws(
    () => environmentCredentials({ GITHUB_TOKEN_FILE: "/nowhere/token" }, "ghcr.io"),
    invalid(/GITHUB_TOKEN_FILE: \/nowhere\/token cannot be read \(ENOENT\)/),
  );
});
