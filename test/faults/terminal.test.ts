/** What a person at a terminal sees of a Docker Hub that is out of order: what happened, to what, and what to do. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";

import { startSandbox } from "../../src/entrance/sandbox.ts";
import { serveWharf, wharf } from "../wharf.ts";

const folder = await mkdtemp(join(tmpdir(), "wharf-terminal-"));
const sandbox = await startSandbox();
const { host } = sandbox;
afterEach(() => sandbox.reset());
after(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

const run = (...words: string[]) =>
  wharf([...words, "--credentials", `${host}=alice:alice-password`], {
    environment: {
      DOCKERHUB_URL: sandbox.hubUrl,
      DOCKERHUB_USERNAME: "alice",
      DOCKERHUB_PASSWORD: "alice-password",
      XDG_STATE_HOME: join(folder, "state"),
    },
  });

const copying = ["copy", `${host}/library/hello:latest`, `${host}/alice/stormy:v1`];

test("a copy goes through a storm, and says nothing of it", async () => {
  await sandbox.fail("registry 503 retry-after=0 rate=0.15 seed=5");
  await sandbox.fail("registry reset rate=0.05 seed=6");
  await sandbox.fail("auth 429 retry-after=0 first=1");
  const { status, stderr } = await run(...copying);
  assert.equal(status, 0, stderr);
  assert.match(stderr, /^\d+ blobs [^\n]*\n$/);
  assert(sandbox.faults.some(({ hits }) => hits > 0));
  const { stdout } = await run("inspect", `${host}/alice/stormy:v1`);
  assert.match(stdout, /linux\/arm64/);
});

test("tags are listed although the first answers are refused, cut or too late", async () => {
  await sandbox.fail("tags.list 429 retry-after=0 first=1");
  await sandbox.fail("tags.list cut at=40 nth=2");
  await sandbox.fail("tags.list expired nth=3");
  await sandbox.fail("hub delay ms=5");
  const { status, stdout, stderr } = await run("hub", "tags", "harbour/api");
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /latest/);
});

const keeping = ["copy", `${host}/library/hello:latest`, `oci:${join(folder, "layout")}:latest`];

/** A fault, a command, and what it says: the exit status, and words of the message and of the hint. */
const said: readonly (readonly [string, readonly string[], number | RegExp, RegExp, RegExp])[] = [
  [
    "tags.list 429 retry-after=7200",
    ["hub", "tags", "harbour/api"],
    /./,
    /Rate limit exceeded \(429, try again in 7200 s\)/,
    /\S/,
  ],
  [
    "tags.list html status=200",
    ["hub", "tags", "harbour/api"],
    /./,
    /HTML page "504 Gateway Time-out" in place of JSON/,
    /Try again later/,
  ],
  ["tags.list truncate", ["hub", "tags", "harbour/api"], /./, /JSON/, /\S/],
  ["auth.createToken 401", ["hub", "tags", "harbour/api"], 13, /(?:refused|Unauthorized)/, /\S/],
  [
    "registry 429 retry-after=7200",
    copying,
    /./,
    /too many requests \(429, try again in 7200 s\)/,
    /\S/,
  ],
  ["/v2/library/hello/manifests/* corrupt", copying, /./, /digest|manifest/i, /\S/],
  ["GET /v2/library/hello/blobs/* corrupt", keeping, /./, /digest/i, /\S/],
  ["auth expired", copying, 13, /refused|unauthorized/i, /wharf login/],
];

for (const [rule, words, expected, message, hint] of said)
  test(`${rule}: ${words[0]} says what it is, and what to do`, async () => {
    await sandbox.fail(rule);
    const { status, stderr } = await run(...words);
    assert.match(
      String(status),
      expected instanceof RegExp ? expected : new RegExp(`^${expected}$`),
    );
    assert.notEqual(status, 0);
    const [first = "", second = ""] = stderr.trim().split("\n");
    assert.match(first, /^wharf: /);
    assert.match(first, message);
    assert.match(second, hint, "no hint");
    assert.doesNotMatch(stderr, /alice-password|Bearer|eyJ|\n\s+at /);
  });

test("wharf sandbox takes rules and files of them, and refuses what is none", async (context) => {
  const file = join(folder, "rules");
  await writeFile(file, "# mornings\nhub 503 first=1\n");
  const faults = ["--faults", `@${file}`, "--faults", "auth html"];
  const { printed, close } = await serveWharf<{ url: string; hubUrl: string }>([
    "sandbox",
    ...faults,
  ]);
  context.after(close);
  const { url, hubUrl } = printed;
  const statusOf = async (address: string) => (await fetch(address)).status;
  assert.equal(await statusOf(`${hubUrl}/v2/categories`), 503);
  assert.equal(await statusOf(`${hubUrl}/v2/categories`), 200);
  assert.equal(await statusOf(`${url}/token`), 503);
  const wrong = await wharf(["sandbox", "--port", "0", "--faults", "hub explode"]);
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /^wharf: "hub explode" is no rule for a fault: there is no fault/);
  const missing = await wharf(["sandbox", "--port", "0", "--faults", "@/no/such/file"]);
  assert.equal(missing.status, 4);
});
