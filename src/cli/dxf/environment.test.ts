import assert from "node:assert/strict";
import { test } from "node:test";
import { isError } from "../../errors.ts";
import { readEnvironment } from "./environment.ts";

const host = { DXF_HOST: "registry.example.com" };
const invalid = (pattern: RegExp) => (error: unknown) =>
  isError(error, "CONFIG_INVALID") && pattern.test(error.message);

test("with a host alone, all else is as dxf has it", () => {
  const { options, login, ...rest } = readEnvironment(host);
  assert.equal(options.insecure, false);
  assert(!("tlsVerify" in options) && !("authHost" in options));
  assert.deepEqual(login, { username: undefined, password: undefined, authorization: undefined });
  assert.deepEqual(rest, {
    host: "registry.example.com",
    token: undefined,
    progress: undefined,
    blobInfo: false,
    chunkSize: undefined,
    platform: undefined,
  });
});

test("switches are 1 and nothing else", () => {
  for (const value of ["0", "true", "yes", ""]) {
    const set = { ...host, DXF_INSECURE: value, DXF_SKIPTLSVERIFY: value, DXF_BLOB_INFO: value };
    const { options, blobInfo } = readEnvironment(set);
    assert.deepEqual([options.insecure, options.tlsVerify, blobInfo], [false, undefined, false]);
  }
  const { options, blobInfo } = readEnvironment({
    ...host,
    DXF_INSECURE: "1",
    DXF_SKIPTLSVERIFY: "1",
    DXF_TLSVERIFY: "ca.pem",
    DXF_BLOB_INFO: "1",
  });
  assert.deepEqual([options.insecure, options.tlsVerify, blobInfo], [true, false, true]);
});

test("progress: 1 always, 0 never, all else where there is a terminal", () => {
  const progress = (value: string) => readEnvironment({ ...host, DXF_PROGRESS: value }).progress;
  assert.deepEqual(["1", "0", "2", ""].map(progress), [true, false, undefined, undefined]);
});

test("an empty variable says nothing, but an empty password is one", () => {
  const { login, token, platform } = readEnvironment({
    ...host,
    DXF_USERNAME: "fred",
    DXF_PASSWORD: "",
    DXF_TOKEN: "",
    DXF_PLATFORM: "",
  });
  assert.deepEqual([login.password, token, platform], ["", undefined, undefined]);
});

test("what cannot be is named with its variable", () => {
  assert.throws(() => readEnvironment({}), invalid(/^DXF_HOST is not set$/));
  assert.throws(() => readEnvironment({ DXF_HOST: "a b" }), invalid(/^DXF_HOST: /));
  for (const size of ["0", "-1", "two", "1.5", "9999999999"])
    assert.throws(
      () => readEnvironment({ ...host, DXF_CHUNK_SIZE: size }),
      invalid(/^DXF_CHUNK_SIZE /),
    );
  assert.equal(readEnvironment({ ...host, DXF_CHUNK_SIZE: "8192" }).chunkSize, 8192);
});
