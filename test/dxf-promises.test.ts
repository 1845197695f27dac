/** What dxf's own page promises of its command and its module, kept by ours: each promise, in its order there. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { BlobStore, DXF, isError, type Refusal } from "../src/entrance/blobstore.ts";
import { digestOf } from "../src/reference/digest.ts";
import { Cargo, sha } from "./dxf/cargo.ts";
import { type Guarded, startGuarded } from "./dxf/guarded.ts";
import { type RunOptions, wharfDxf } from "./dxf/programs.ts";
import { startScriptedServer } from "./scripted-server.ts";
import { serveRegistry } from "./wharf.ts";

const folder = mkdtempSync(join(tmpdir(), "dxf-promises-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const log = randomBytes(100_000);
writeFileSync(join(folder, "logger.dat"), log);
const digest = digestOf(log);
const repo = "fred/datalogger";

describe("dxf's promises", () => {
  let registry: Awaited<ReturnType<typeof serveRegistry>>;
  let guarded: Guarded;
  before(async () => {
    registry = await serveRegistry(join(folder, "data"));
    guarded = await startGuarded(folder);
  });
  after(() => Promise.all([registry.close(), guarded.close()]));

  /** What a command prints, which must succeed. */
  async function dxf(words: string, options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await call(words, options);
    assert.equal(status, 0, stderr);
    return stdout;
  }
  const call = (words: string, { environment, ...options }: RunOptions = {}) =>
    wharfDxf.run(words.split(" "), {
      cwd: folder,
      ...options,
      environment: { DXF_HOST: registry.host, DXF_INSECURE: "1", ...environment },
    });
  const bytes = log.toString("latin1");

  test("push with a name and pull by it is the same as set-alias and get-alias around digests", async () => {
    assert.equal(await dxf(`push-blob ${repo} logger.dat @may15-readings`), `${digest}\n`);
    assert.equal(await dxf(`pull-blob ${repo} @may15-readings`), bytes);
    const pushed = (await dxf(`push-blob ${repo} logger.dat`)).trim();
    await dxf(`set-alias ${repo} may15-readings ${pushed}`);
    const named = (await dxf(`get-alias ${repo} may15-readings`)).trim();
    assert.equal(await dxf(`pull-blob ${repo} ${named}`), bytes);
  });

  test("the module's example", async () => {
    const auth = (self: DXF, response: Refusal) =>
      self.authenticate("fred", "secret", { response });
    const store = new DXF(guarded.hosts.token, repo, auth, false, undefined, guarded.ca);
    try {
      const dgst = await store.push_blob(join(folder, "logger.dat"));
      await store.set_alias("may15-readings", dgst);
      assert.deepEqual(await store.get_alias("may15-readings"), [dgst]);
      const chunks: Uint8Array[] = [];
      for await (const chunk of await store.pull_blob(dgst)) chunks.push(chunk);
      assert.deepEqual(Buffer.concat(chunks), log);
    } finally {
      await store.close();
    }
  });

  test("DXF_BLOB_INFO: digest and size before each blob, on a line", async () => {
    const environment = { DXF_BLOB_INFO: "1" };
    const said = await dxf(`pull-blob ${repo} ${digest} @may15-readings`, { environment });
    const once = `${digest} ${log.byteLength}\n${bytes}`;
    assert.equal(said, once + once);
  });

  test("DXF_CHUNK_SIZE: so many bytes at a time", async () => {
    for (const size of ["1", "1000", "8192", "1000000"]) {
      const environment = { DXF_CHUNK_SIZE: size };
      assert.equal(await dxf(`pull-blob ${repo} @may15-readings`, { environment }), bytes);
    }
  });

  test("DXF_PROGRESS: 1 shows a bar on standard error, 0 and no terminal none", async () => {
    const progress = async (environment: Record<string, string>) =>
      (await call(`pull-blob ${repo} ${digest}`, { environment })).stderr;
    assert.match(await progress({ DXF_PROGRESS: "1" }), / 0%[^]*100%[^]*100000\/100000/);
    assert.equal(await progress({ DXF_PROGRESS: "0" }), "");
    assert.equal(await progress({ DXF_PROGRESS: "yes" }), "");
    assert.equal(await progress({}), "");
  });

  test("what goes wrong stands below the bar", async (context) => {
    const damaged = Buffer.from(log);
    damaged[0]! ^= 1;
    const server = await startScriptedServer([
      { request: { method: "GET", path: /\/blobs\// }, answer: { body: damaged } },
      {
        request: { method: "HEAD", path: /\/blobs\// },
        answer: { headers: { "content-length": String(log.byteLength) } },
      },
      { request: { method: "GET", path: "/v2/" }, answer: {} },
    ]);
    context.after(() => server.close());
    const environment = { DXF_HOST: server.host, DXF_PROGRESS: "1" };
    const { status, stderr } = await call(`pull-blob ${repo} ${digest}`, { environment });
    assert.equal(status, 1);
    assert.match(stderr, /\d+\/100000 \[.*\]\nwharf: sha256:/);
  });

  test("set-alias takes digests and files; blob-size adds up; get-digest is the first blob", async () => {
    writeFileSync(join(folder, "note"), "a note");
    const note = (await dxf(`push-blob ${repo} note`)).trim();
    await dxf(`set-alias ${repo} two ${digest} ./note`);
    assert.equal(await dxf(`get-alias ${repo} two`), `${digest}\n${note}\n`);
    assert.equal(await dxf(`blob-size ${repo} @two ${note}`), `${log.byteLength + 6}\n6\n`);
    assert.equal(await dxf(`get-digest ${repo} two`), `${digest}\n`);
    assert.equal(await dxf(`list-aliases ${repo}`), "may15-readings\ntwo\n");
    assert.match(await dxf("list-repos"), /^fred\/datalogger$/m);
  });

  test("get-digest of an image is what docker calls its Id", async () => {
    const cargo = new Cargo(registry.host, "an/image");
    await cargo.image("label", "latest");
    const id = sha('{"os":"linux","label":"label"}');
    assert.equal(await dxf("get-digest an/image latest"), `${id}\n`);
  });

  test("del-alias leaves the blobs, and tells their digests", async () => {
    assert.equal(await dxf(`del-alias ${repo} may15-readings`), `${digest}\n`);
    assert.equal((await call(`get-alias ${repo} may15-readings`)).status, 2);
    assert.equal(await dxf(`pull-blob ${repo} ${digest}`), bytes);
  });

  test("del-blob of an alias leaves the alias, with --keep-alias", async () => {
    await dxf(`del-blob ${repo} @two --keep-alias`);
    assert.equal((await call(`pull-blob ${repo} ${digest}`)).status, 2);
    assert.match(await dxf(`get-alias ${repo} two`), new RegExp(`^${digest}\n`));
  });

  test("a manifest may come on standard input", async () => {
    await dxf(`push-blob ${repo} note @note`);
    const stdin = await dxf(`get-manifest ${repo} note`);
    assert.equal(await dxf(`get-alias ${repo}`, { stdin }), `${sha("a note")}\n`);
    assert.equal(await dxf(`blob-size ${repo}`, { stdin }), "6\n");
    assert.equal(await dxf(`pull-blob ${repo}`, { stdin }), "a note");
    assert.equal(await dxf(`del-blob ${repo}`, { stdin }), "");
    assert.equal((await call(`pull-blob ${repo}`, { stdin })).status, 2);
  });

  const secure = (more: Record<string, string> = {}) => ({
    environment: { DXF_HOST: guarded.hosts.token, DXF_INSECURE: "", ...more },
  });

  test("certificates: REQUESTS_CA_BUNDLE, DXF_TLSVERIFY, DXF_SKIPTLSVERIFY", async () => {
    assert.equal((await call("list-repos", secure())).status, 1);
    for (const [name, value] of [
      ["REQUESTS_CA_BUNDLE", guarded.ca],
      ["DXF_TLSVERIFY", guarded.ca],
      ["DXF_SKIPTLSVERIFY", "1"],
    ] as const)
      assert.match(await dxf("list-repos", secure({ [name]: value })), /datalogger/);
  });

  test("a token of wharf dxf auth serves without a password; when it has ended, EACCES", async () => {
    const trusted = { DXF_TLSVERIFY: guarded.ca };
    const fred = { ...trusted, DXF_USERNAME: "fred", DXF_PASSWORD: "secret" };
    const token = (await dxf(`auth ${repo} pull`, secure(fred))).trim();
    const later = secure({ ...trusted, DXF_TOKEN: token });
    assert.equal(await dxf(`list-aliases ${repo}`, later), "may15-readings\n");
    const ended = secure({ ...trusted, DXF_TOKEN: `${token.slice(0, -8)}AAAAAAAA` });
    assert.equal((await call(`list-aliases ${repo}`, ended)).status, 13);
    assert.equal((await call(`list-aliases ${repo}`, secure(trusted))).status, 13);
    const named = secure({ ...fred, DXF_AUTH_HOST: guarded.authHost });
    assert.equal(await dxf(`list-aliases ${repo}`, named), "may15-readings\n");
  });

  test("an Authorization out of docker's configuration signs in", async () => {
    const docker = { auths: { [guarded.hosts.token]: { auth: btoa("fred:secret") } } };
    writeFileSync(join(folder, "config.json"), JSON.stringify(docker));
    const { auths } = JSON.parse(
      readFileSync(join(folder, "config.json"), "utf8"),
    ) as typeof docker;
    const store = new BlobStore(guarded.hosts.token, repo, { tlsVerify: guarded.ca });
    try {
      await assert.rejects(store.getAlias("x"), (error) => isError(error, "UNAUTHORIZED"));
      const authorization = `Basic ${auths[guarded.hosts.token]!.auth}`;
      await store.authenticate({ authorization, actions: ["pull"] });
      const names: string[] = [];
      for await (const name of store.listAliases()) names.push(name);
      assert.deepEqual(names, ["may15-readings"]);
    } finally {
      await store.close();
    }
  });
});
