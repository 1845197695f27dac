/** `wharf blob put --alias`, `blob alias`, `blob list` and `blob get REPO:ALIAS`: names for any data. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { Cargo, sha } from "./dxf/cargo.ts";
import { serveRegistry, wharf, wharfOk } from "./wharf.ts";

const folder = mkdtempSync(join(tmpdir(), "blob-alias-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "abc"), "abc");
writeFileSync(join(folder, "def"), "def");
const [abc, def] = [sha("abc"), sha("def")];
let server: Awaited<ReturnType<typeof serveRegistry>>;
before(async () => void (server = await serveRegistry(join(folder, "data"))));
after(() => server.close());

const run = (...words: string[]) => wharf(words, { cwd: folder });
const said = async (...words: string[]) => (await wharfOk(words, { cwd: folder })).stdout;

for (const [kind, where] of [
  ["a registry", () => `${server.host}/data`],
  ["an OCI layout", () => "oci:layout"],
] as const)
  test(`${kind}: blobs get names, and are found by them`, async () => {
    const repo = where();
    assert.equal(await said("blob", "put", repo, "abc", "--alias", "one"), `${abc}\n`);
    await said("blob", "put", repo, "def");
    const two = "sha256:4df3867ea2d097e7b26ede532f372bccfd44623d61259450ad22a3ed9a6cdd31";
    assert.equal(await said("blob", "alias", repo, "two", abc, "./def"), `${two}\n`);
    assert.equal(await said("blob", "list", `${repo}:two`), `${abc}  3\n${def}  3\n`);
    assert.equal(
      await said("blob", "list", `${repo}:two`, "--json"),
      `{"digest":"${abc}","size":3}\n{"digest":"${def}","size":3}\n`,
    );
    assert.equal(await said("blob", "get", `${repo}:two`), "abcdef");
    await said("blob", "get", `${repo}:one`, "--output", "one.out");
    assert.equal(readFileSync(join(folder, "one.out"), "utf8"), "abc");
    assert.equal(await said("tags", repo), "one\ntwo\n");
  });

test("the JSON of a named blob tells the name and its manifest", async () => {
  const repo = `${server.host}/json`;
  const put = await said("blob", "put", repo, "abc", "--alias", "x", "--json");
  const manifest = "sha256:fc164619e222260028d6741aa4a446ecd7042db644322a88b64f6b6d222b5dbf";
  assert.deepEqual(JSON.parse(put), {
    repository: repo,
    digest: abc,
    size: 3,
    alias: "x",
    manifest,
  });
  const alias = await said("blob", "alias", repo, "y", abc, "--json");
  const blobs = [{ digest: abc, size: 3 }];
  assert.deepEqual(JSON.parse(alias), { repository: repo, alias: "y", manifest, blobs });
});

test("what cannot be is refused, and nothing is stored for it", async () => {
  const repo = `${server.host}/refused`;
  const refused = async (status: number, pattern: RegExp, ...words: string[]) => {
    const outcome = await run(...words);
    assert.equal(outcome.status, status, outcome.stderr);
    assert.match(outcome.stderr, pattern);
  };
  await refused(2, /Tag "no name"/, "blob", "put", repo, "abc", "--alias", "no name");
  await refused(4, /has no blob/, "blob", "alias", repo, "x", abc);
  await refused(4, /no such file/, "blob", "alias", repo, "x", "missing");
  await refused(2, /4 digits/, "blob", "alias", repo, "x", "sha256:cb83");
  await refused(4, /no manifest x/, "blob", "get", `${repo}:x`);
  await refused(2, /neither a tag nor a digest/, "blob", "list", repo);
  assert.equal((await run("tags", repo)).status, 4);
});

test("an image for several platforms is read for one of them; several blobs do not become one file", async () => {
  const cargo = new Cargo(server.host, "images");
  await cargo.load();
  const multi = `${server.host}/images:multi`;
  const { status, stderr } = await run("blob", "get", multi);
  assert.equal(status, 2);
  assert.match(stderr, /--platform: linux\/arm\/v7, linux\/amd64, unknown\/unknown/);
  assert.equal(await said("blob", "get", multi, "--platform=linux/amd64"), "amd 0;amd 1;amd 1;");
  const several = await run("blob", "get", multi, "--platform=linux/amd64", "-o", "x");
  assert.equal(several.status, 2);
  assert.match(several.stderr, /names 2 blobs, and x is one file/);
});
