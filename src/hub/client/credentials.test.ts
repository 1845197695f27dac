import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import type { Credentials } from "../../auth/credentials.ts";
import { isError } from "../../errors.ts";
import { jwt } from "../testing/stage.ts";
import { findHubCredentials } from "./credentials.ts";
import { hubSessions } from "./sessionFile.ts";

const folder = mkdtempSync(join(tmpdir(), "wharf-hub-credentials-"));
after(() => rmSync(folder, { recursive: true, force: true }));

const files = (credentials: Credentials) => ({ find: async () => credentials });
const nobody = files({ kind: "anonymous" });
const token = jwt("me");
const find = (environment: Record<string, string>, source = nobody) =>
  findHubCredentials({ environment, files: source });

test("each variable of the environment is understood", async () => {
  for (const [user, secret] of [
    ["DOCKER_HUB_USER", "DOCKER_HUB_TOKEN"],
    ["DOCKERHUB_USERNAME", "DOCKERHUB_TOKEN"],
    ["DOCKERHUB_USERNAME", "HUB_PAT_TOKEN"],
    ["DOCKERHUB_USERNAME", "DOCKERHUB_PASSWORD"],
    ["DOCKER_HUB_USERNAME", "DOCKER_HUB_PASSWORD"],
  ] as const)
    assert.deepEqual(await find({ [user]: "me", [secret]: " s3cret\n" }), {
      kind: "secret",
      identifier: "me",
      secret: "s3cret",
      origin: secret,
    });
  for (const name of ["DOCKERHUB_JWT", "DOCKER_HUB_LOGIN_TOKEN", "DOCKERHUB_TOKEN"])
    assert.deepEqual(await find({ [name]: token }), { kind: "jwt", token, origin: name });
});

test("a variable may name a file", async () => {
  const path = join(folder, "secret");
  writeFileSync(path, "s3cret\n");
  const found = await find({ DOCKER_HUB_USER: "me", DOCKER_HUB_TOKEN_FILE: path });
  assert.equal(found.kind === "secret" && found.secret, "s3cret");
});

test("a session goes before a token, a token before a password, the environment before files", async () => {
  const all = {
    DOCKERHUB_JWT: token,
    DOCKERHUB_USERNAME: "me",
    DOCKERHUB_TOKEN: "pat",
    DOCKERHUB_PASSWORD: "password",
  };
  const stored = files({ kind: "basic", username: "stored", password: "stored" });
  assert.equal((await find(all, stored)).kind, "jwt");
  const { DOCKERHUB_JWT: _, ...second } = all;
  assert.deepEqual(await find(second, stored), {
    kind: "secret",
    identifier: "me",
    secret: "pat",
    origin: "DOCKERHUB_TOKEN",
  });
  assert.deepEqual(await find({}, stored), {
    kind: "secret",
    identifier: "stored",
    secret: "stored",
  });
});

test("a token without a user is no credential, and is told", async () => {
  await assert.rejects(find({ HUB_PAT_TOKEN: "pat" }), (error) => isError(error, "CONFIG_INVALID"));
});

test("a refresh token of the registry is not for Docker Hub", async () => {
  assert.deepEqual(await find({}, files({ kind: "identity", token: "refresh" })), {
    kind: "anonymous",
  });
});

test("a session that was opened counts for its own Docker Hub, until it ends", async () => {
  const environment = { XDG_STATE_HOME: folder };
  const url = new URL("https://hub.example/");
  hubSessions(environment).keep(url, { username: "me", token });
  const options = { environment, files: nobody };
  assert.equal((await findHubCredentials({ ...options, url })).kind, "jwt");
  const other = new URL("https://hub.docker.com/");
  assert.equal((await findHubCredentials({ ...options, url: other })).kind, "anonymous");
  assert.equal((await findHubCredentials(options)).kind, "anonymous");
  hubSessions(environment).keep(url, { username: "me", token: "opaque", end: Date.now() });
  assert.equal((await findHubCredentials({ ...options, url })).kind, "anonymous");
  assert.equal(hubSessions(environment).forget(url), true);
  assert.equal(hubSessions(environment).forget(url), false);
});

test("a session that cannot be kept leaves no token behind", () => {
  const state = join(folder, "full");
  const { path, keep } = hubSessions({ XDG_STATE_HOME: state });
  // A folder in the place of the file takes no file's name.
  mkdirSync(path, { recursive: true });
  assert.throws(
    () => keep(new URL("https://hub.docker.com"), { username: "me", token }),
    (error) => isError(error, "FILE_FAILED"),
  );
  assert.deepEqual(readdirSync(join(state, "wharfinger")), ["hub-sessions.json"]);
  writeFileSync(join(folder, "file"), "");
  const beyond = hubSessions({ XDG_STATE_HOME: join(folder, "file") });
  assert.throws(
    () => beyond.keep(new URL("https://hub.docker.com"), { username: "me", token }),
    (error) => isError(error, "FILE_FAILED"),
  );
});
