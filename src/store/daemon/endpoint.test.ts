import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

import { findEndpoints } from "./endpoint.ts";

const home = mkdtempSync(join(tmpdir(), "wharf-endpoint-"));
after(() => rmSync(home, { recursive: true }));

const names = (environment: NodeJS.ProcessEnv, socket?: string): string[] =>
  findEndpoints({ environment, home, ...(socket && { socket }) }).map(({ name }) => name);

/** Makes a context as `docker context create` does. */
function context(name: string, meta: unknown): void {
  const id = createHash("sha256").update(name).digest("hex");
  const folder = join(home, ".docker/contexts/meta", id);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "meta.json"), JSON.stringify(meta));
}

test("docker's usual sockets come before podman's", { skip: process.platform === "win32" }, () => {
  assert.deepEqual(names({ XDG_RUNTIME_DIR: "/run/user/1", CONTAINER_HOST: "unix:///pod.sock" }), [
    "unix:///var/run/docker.sock",
    `unix://${home}/.docker/run/docker.sock`,
    "unix:///run/user/1/docker.sock",
    "unix:///pod.sock",
    "unix:///run/user/1/podman/podman.sock",
    "unix:///run/podman/podman.sock",
  ]);
});

test("a daemon that is named is the only one", () => {
  assert.deepEqual(names({ DOCKER_HOST: "unix:///a.sock" }), ["unix:///a.sock"]);
  assert.deepEqual(names({ DOCKER_HOST: "unix:///a.sock" }, "/b.sock"), ["unix:///b.sock"]);
  const [pipe] = findEndpoints({ environment: { DOCKER_HOST: "npipe:////./pipe/docker_engine" } });
  assert.equal(pipe?.socketPath, "//./pipe/docker_engine");
});

test("addresses have docker's ports, encrypted ones where the environment asks for it", () => {
  const find = (DOCKER_HOST: string, more: NodeJS.ProcessEnv = {}) =>
    findEndpoints({ environment: { DOCKER_HOST, ...more }, home })[0];
  assert.deepEqual(find("tcp://build.test"), {
    name: "tcp://build.test:2375",
    host: "build.test",
    port: 2375,
    encrypted: false,
  });
  assert.deepEqual(
    find("tcp://[::1]:80/", { DOCKER_TLS_VERIFY: "1", DOCKER_CERT_PATH: "/certs" }),
    {
      name: "tcp://[::1]:80",
      host: "::1",
      port: 80,
      encrypted: true,
      certificates: "/certs",
    },
  );
  assert.equal(find("https://build.test")?.port, 2376);
});

test("a context that was chosen is followed, unless the environment says otherwise", () => {
  context("colima", { Endpoints: { docker: { Host: "unix:///colima.sock" } } });
  writeFileSync(join(home, ".docker/config.json"), '{"currentContext":"colima"}');
  assert.deepEqual(names({}), ["unix:///colima.sock"]);
  assert.deepEqual(names({ DOCKER_HOST: "unix:///a.sock" }), ["unix:///a.sock"]);
  assert.deepEqual(names({ DOCKER_HOST: "unix:///a.sock", DOCKER_CONTEXT: "colima" }), [
    "unix:///colima.sock",
  ]);
  assert.ok(names({ DOCKER_CONTEXT: "default" }).length > 1);
  writeFileSync(join(home, ".docker/config.json"), "{ broken");
  assert.ok(names({}).length > 1);
});

test("a context that is not there, or names nothing, is an error that names it", () => {
  context("empty", { Endpoints: {} });
  for (const DOCKER_CONTEXT of ["gone", "empty"]) {
    assert.throws(() => names({ DOCKER_CONTEXT }), {
      code: "CONFIG_INVALID",
      message: new RegExp(`^docker context "${DOCKER_CONTEXT}": cannot be read`),
    });
  }
});

test("what is no address is refused without being repeated, since it may hold a password", () => {
  for (const DOCKER_HOST of [
    "tcp://me:secret@host",
    "ftp://secret",
    "secret",
    "unix://",
    "tcp://a b",
  ]) {
    assert.throws(() => names({ DOCKER_HOST }), {
      code: "CONFIG_INVALID",
      message: "DOCKER_HOST: is no address of a daemon",
    });
  }
});

test("ssh is refused with a way around", () => {
  assert.throws(() => names({ DOCKER_HOST: "ssh://me@host" }), {
    code: "UNSUPPORTED",
    hint: /ssh -N -L/,
  });
});
