/** Blobs with the wrong bytes: corrupted, truncated, too many, another's. */
import assert from "node:assert/strict";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { downloadBlob } from "../../src/registry/download.js";
import { partPath } from "../../src/registry/download/part.js";
import { openLayout } from "../../src/store/layout/layout.js";
import { createMemoryRepository } from "../../src/store/memory.js";
import { copy } from "../../src/transfer/copy.js";
import { answers, corrupted, endAnswer, replaced, rewritten } from "./faults.js";
import { client, failsWith, openImage, temporaryFolder } from "./stage.js";
const page =
  "<!doctype html><html><head><title>Sign in to WiFi</title></head><body>Hello</body></html>";
const html = { "content-type": "text/html; charset=utf-8" };
/** Each way to have wrong bytes, and what it is called. */
const wrongBlobs = [
  ["a bit is flipped", corrupted(70_000), ["DIGEST_MISMATCH"]],
  ["another's bytes of the same length", replaced(Buffer.alloc(100_000)), ["DIGEST_MISMATCH"]],
  ["fewer bytes, and a length that admits it", replaced(Buffer.alloc(99_999)), ["SIZE_MISMATCH"]],
  ["more bytes, and a length that admits it", replaced(Buffer.alloc(100_001)), ["SIZE_MISMATCH"]],
  [
    "more bytes, and no length",
    { ...replaced(Buffer.alloc(100_001)), ...chunked(Buffer.alloc(100_001)) },
    ["SIZE_MISMATCH"],
  ],
  ["none of the bytes that its length promises", endAnswer(0), ["CONNECTION_FAILED"]],
  ["a page with status 200", replaced(page, html), ["SIZE_MISMATCH"]],
];
function chunked(body) {
  const { head } = rewritten({ "content-length": undefined });
  return { ...(head && { head }), body: (_, at) => (at === 0 ? body : Buffer.alloc(0)) };
}
for (const [name, fault, codes] of wrongBlobs) {
  test(`a blob of which ${name} is never stored`, async (context) => {
    const { proxy, repository, layer, path } = await openImage(context);
    proxy.add({ method: "GET", path, fault, times: Infinity });
    const folder = await temporaryFolder(context);
    const file = join(folder, "blob");
    await assert.rejects(downloadBlob(repository, layer, file), failsWith(...codes));
    const left = (await readdir(folder)).filter((entry) => entry !== "blob.part");
    assert(!left.includes("blob"), "the file has its name");
    const layout = await openLayout(join(folder, "layout"), { create: true });
    const targets = [createMemoryRepository(), layout];
    for (const target of targets) {
      await assert.rejects(copy(repository, "latest", target), failsWith(...codes));
      assert.equal(await target.statBlob(layer.digest), undefined);
      await assert.rejects(target.resolve("latest"), failsWith("MANIFEST_NOT_FOUND"));
    }
    await layout.close();
  });
}
test("a copy between registries says that it is the source whose bytes are wrong", async (context) => {
  const { proxy, repository, upstream, collection, layer, path } = await openImage(context);
  const target = client(context, upstream).repository("target");
  proxy.add({ method: "GET", path, fault: corrupted(50_000), times: Infinity });
  for (const verify of [false, true]) {
    await assert.rejects(copy(repository, "latest", target, { verify }), (error) => {
      return (
        failsWith("DIGEST_MISMATCH")(error) && /^source .*a\/b: blob sha256/.test(error.message)
      );
    });
    assert.equal(await collection.repository("target").statBlob(layer.digest), undefined);
  }
});
test("a bit that flips once is cured by running the same again", async (context) => {
  const { proxy, repository, layer, path } = await openImage(context);
  proxy.add({ method: "GET", path, fault: corrupted(10) });
  const file = join(await temporaryFolder(context), "blob");
  await assert.rejects(downloadBlob(repository, layer, file), failsWith("DIGEST_MISMATCH"));
  assert.equal((await downloadBlob(repository, layer, file)).resumed, 0);
});
test("a part that was damaged on the disk is noticed, and fetched again", async (context) => {
  const { repository, layer } = await openImage(context);
  const file = join(await temporaryFolder(context), "blob");
  await writeFile(partPath(file, layer), Buffer.alloc(60_000, "x"));
  assert.equal((await downloadBlob(repository, layer, file)).resumed, 60_000);
});
test("a range that is another than was asked for is not pieced together", async (context) => {
  const { proxy, repository, layer, path } = await openImage(context);
  for (const wrong of [
    "bytes 0-99999/100000",
    "bytes 40001-99999/100000",
    "bytes 40000-99999/99",
    "",
  ]) {
    proxy.clear();
    proxy.add({ method: "GET", path, fault: endAnswer(40_000) });
    proxy.add({
      method: "GET",
      path,
      after: 1,
      fault: rewritten({ "content-range": wrong }),
    });
    const file = join(await temporaryFolder(context), "blob");
    await assert.rejects(
      downloadBlob(repository, layer, file),
      failsWith("RESPONSE_INVALID", "SIZE_MISMATCH"),
    );
  }
});
test("a registry that ignores ranges sends all again, and the blob is whole", async (context) => {
  const { proxy, repository, layer, path, collection } = await openImage(context);
  const source = collection.repository("a/b");
  proxy.add({ method: "GET", path, fault: endAnswer(40_000) });
  const all = [];
  for await (const chunk of await source.fetchBlob(layer)) all.push(Buffer.from(chunk));
  proxy.add({
    method: "GET",
    path,
    after: 1,
    fault: answers(200, { body: Buffer.concat(all) }),
  });
  await downloadBlob(repository, layer, join(await temporaryFolder(context), "blob"));
});
