/** Downloads whose connection breaks or ends too early, at every tenth of a blob. */
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";

import { downloadBlob } from "../../src/registry/download.ts";
import { blobOf, bytesOf } from "../../src/registry/testing/remote.ts";
import { bytesSource } from "../../src/store/sources.ts";
import { dockerRegistry, startDockerRegistry } from "../docker-registry.ts";
import { cutAnswer, endAnswer } from "./faults.ts";
import type { Head } from "./fault-proxy.ts";
import { atEnd, failsWith, openProxy, openStage, temporaryFolder, tenths } from "./stage.ts";

/** Below and above the size from which bodies take a lane of their own. */
const sizes = [100_000, 1_500_000];

for (const size of sizes) {
  test(`a blob of ${size} bytes is whole after a cut at any tenth`, async (context) => {
    const { proxy, repository } = await openStage(context);
    const { descriptor, bytes } = blobOf(size);
    await repository.pushBlob(descriptor, bytesSource(bytes));
    for (const cut of [cutAnswer, endAnswer]) {
      for (const offset of [0, ...tenths(size), size - 1]) {
        proxy.clear();
        proxy.add({ method: "GET", fault: cut(offset) });
        const got = await bytesOf(await repository.fetchBlob(descriptor));
        assert(got.equals(bytes), `wrong bytes after a cut at ${offset}`);
        assert.deepEqual(proxy.log(), ["GET 200", offset === 0 ? "GET 200" : "GET 206"]);
      }
    }
  });
}

test("a blob is whole after cuts at all tenths of one download, and no byte before a cut is asked for twice", async (context) => {
  const { proxy, repository } = await openStage(context);
  const { descriptor, bytes } = blobOf(1_000_000);
  await repository.pushBlob(descriptor, bytesSource(bytes));
  proxy.clear();
  proxy.add({ method: "GET", fault: endAnswer(100_000), times: 9 });
  const file = join(await temporaryFolder(context), "blob");
  await downloadBlob(repository, descriptor, file);
  assert((await readFile(file)).equals(bytes));
  assert.deepEqual(
    proxy.seen.map(({ headers }) => headers.range),
    [undefined, ...tenths(1_000_000).map((offset) => `bytes=${offset}-999999`)],
  );
});

test(
  "docker-registry's blobs are whole after cuts",
  { skip: dockerRegistry.skip },
  async (context) => {
    const registry = await startDockerRegistry();
    atEnd(context, () => registry.close());
    const { proxy, repository } = await openProxy(context, registry.host);
    const { descriptor, bytes } = blobOf(1_000_000);
    await repository.pushBlob(descriptor, bytesSource(bytes));
    for (const offset of tenths(1_000_000)) {
      proxy.clear();
      proxy.add({ method: "GET", fault: cutAnswer(offset) });
      assert((await bytesOf(await repository.fetchBlob(descriptor))).equals(bytes));
      assert.deepEqual(proxy.log(), ["GET 200", "GET 206"]);
    }
  },
);

test("a download over several connections is whole after a cut at each tenth, whichever connection meets it", async (context) => {
  const { proxy, repository, collection } = await openStage(context);
  const size = 64 * 1024 * 1024;
  const { descriptor, bytes } = blobOf(size);
  await collection.repository("a/b").pushBlob(descriptor, bytesSource(bytes));
  const cuts = new Set(tenths(size));
  /** Bytes until the first cut that this answer comes across. */
  const limit = ({ headers }: Head) => {
    const [, start = "0", end = `${size - 1}`] =
      /bytes (\d+)-(\d+)/.exec(headers["content-range"] ?? "") ?? [];
    const cut = [...cuts].find((offset) => offset > Number(start) && offset < Number(end));
    if (cut === undefined) return Infinity;
    cuts.delete(cut);
    return cut - Number(start);
  };
  // A line so slow that more connections pay.
  const pace = 16_000;
  proxy.add({ method: "GET", fault: { limit, ending: "reset", pace }, times: 1000 });
  const folder = await temporaryFolder(context);
  const { connections } = await downloadBlob(repository, descriptor, join(folder, "blob"));
  assert((await readFile(join(folder, "blob"))).equals(bytes));
  assert.equal(cuts.size, 0);
  assert(connections > 1, "one connection did it all");
  assert.deepEqual(await readdir(folder), ["blob"]);
});

test("a download that is cut again and again without a byte ends, and the next goes on from there", async (context) => {
  const { proxy, repository } = await openStage(context);
  const { descriptor, bytes } = blobOf(1_000_000);
  await repository.pushBlob(descriptor, bytesSource(bytes));
  proxy.add({ method: "GET", fault: endAnswer(300_000) });
  proxy.add({ method: "GET", fault: cutAnswer(0), times: 100 });
  const file = join(await temporaryFolder(context), "blob");
  await assert.rejects(downloadBlob(repository, descriptor, file), failsWith("CONNECTION_FAILED"));
  proxy.clear();
  const { resumed } = await downloadBlob(repository, descriptor, file);
  assert.equal(resumed, 300_000);
  assert.deepEqual(proxy.log(), ["GET 206"]);
  assert((await readFile(file)).equals(bytes));
});
