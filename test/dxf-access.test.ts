/** Who `wharf dxf` says we are, beside python-dxf: passwords, tokens, certificates, a token service of one's choice. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { sha } from "./dxf/cargo.ts";
import { type Guarded, startGuarded } from "./dxf/guarded.ts";
import { type Outcome, type Program, pythonDxf, startPythonDxf, wharfDxf } from "./dxf/programs.ts";

const folder = mkdtempSync(join(tmpdir(), "dxf-access-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "FILE"), "payload");

type Variables = Readonly<Record<string, string>>;
const ca = join(folder, "ca.pem");
const trusted = { REQUESTS_CA_BUNDLE: ca };
const fred = { ...trusted, DXF_USERNAME: "fred", DXF_PASSWORD: "secret" };
const header = { ...trusted, DXF_AUTHORIZATION: `Basic ${btoa("fred:secret")}` };

describe("wharf dxf and python-dxf are let in alike", { skip: pythonDxf.skip }, () => {
  let python: Awaited<ReturnType<typeof startPythonDxf>>;
  let guarded: Guarded;
  before(async () => {
    guarded = await startGuarded(folder);
    python = await startPythonDxf(folder);
  });
  after(() => Promise.all([guarded.close(), python.close()]));

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
      (await both(guarded.hosts.open, "list-repos", environment)).status;
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
      await both(guarded.hosts.basic, "push-blob a/b FILE @x", environment);
      const { status, stdout } = await both(guarded.hosts.basic, "pull-blob a/b @x", environment);
      assert.deepEqual([status, stdout], [0, "payload"]);
    }
    assert.equal((await both(guarded.hosts.basic, "auth a/b pull", fred)).stdout, "");
    for (const environment of [
      trusted,
      { ...fred, DXF_PASSWORD: "wrong" },
      { ...fred, DXF_PASSWORD: "" },
      { ...trusted, DXF_USERNAME: "fred" },
      { ...trusted, DXF_TOKEN: "no-token" },
    ])
      assert.equal((await both(guarded.hosts.basic, "list-aliases a/b", environment)).status, 13);
  });

  test("nobody is told over http who we are", async () => {
    const insecure = { ...fred, DXF_INSECURE: "1" };
    for (const words of [
      "list-aliases a/b",
      "push-blob a/b FILE",
      "auth a/b pull",
      `blob-size a/b ${sha("abc")}`,
    ])
      assert.equal((await both(guarded.hosts.plain, words, insecure)).status, 1);
  });

  test("tokens: asked for when they are needed, or beforehand", async () => {
    for (const environment of [fred, header]) {
      await both(guarded.hosts.token, "push-blob a/b FILE @x", environment);
      await both(guarded.hosts.token, "mount-blob c/d a/b " + sha("payload"), environment);
      const { stdout } = await both(guarded.hosts.token, "pull-blob a/b @x", environment);
      assert.equal(stdout, "payload");
    }
    const { stdout } = await both(guarded.hosts.token, "list-repos", trusted);
    assert.equal(stdout, "a/b\nc/d\n");
    assert.equal((await both(guarded.hosts.token, "list-aliases a/b", trusted)).status, 13);
    assert.equal(
      (await both(guarded.hosts.token, "auth a/b pull", { ...fred, DXF_PASSWORD: "wrong" })).status,
      13,
    );
    for (const program of [python, wharfDxf]) {
      const asked = await run(program, guarded.hosts.token, "auth a/b pull", fred);
      assert.equal(asked.status, 0, asked.stderr);
      const token = { ...trusted, DXF_TOKEN: asked.stdout.trim() };
      assert.equal((await both(guarded.hosts.token, "pull-blob a/b @x", token)).stdout, "payload");
      assert.equal((await both(guarded.hosts.token, "del-alias a/b x", token)).status, 13);
    }
  });

  test("the host of the token service may be named", async () => {
    const named = { ...fred, DXF_AUTH_HOST: guarded.authHost };
    assert.equal((await both(guarded.hosts.token, "list-aliases a/b", named)).status, 0);
    const closed = { ...fred, DXF_AUTH_HOST: "127.0.0.1:1" };
    assert.equal((await both(guarded.hosts.token, "list-aliases a/b", closed)).status, 1);
    assert.equal((await both(guarded.hosts.basic, "list-aliases a/b", closed)).status, 0);
  });
});
