import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { type ErrorCode, isError } from "../errors.ts";
import { tryLock } from "../store/disk/lock.ts";
import type { Bytes, Cancellable, Range } from "../store/store.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { partPath } from "./download/part.ts";
import { downloadBlob } from "./download.ts";
import { blobOf, type TestBlob } from "./testing/remote.ts";

const blob = blobOf(200_000);

async function folderFor(context: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "download-"));
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** A store with one blob, of which it may give only so much before it fails. */
function storeOf({ bytes }: TestBlob, options: { until?: number; chunk?: number } = {}) {
  const { until = Infinity, chunk = 10_000 } = options;
  const asked: Range[] = [];
  return {
    asked,
    async fetchBlob(
      _: Descriptor,
      { offset = 0, length = Infinity, signal }: Range & Cancellable = {},
    ) {
      asked.push({ offset, length });
      const end = Math.min(offset + length, bytes.length);
      return Object.assign(
        (async function* () {
          for (let at = offset; at < end; at += chunk) {
            signal?.throwIfAborted();
            if (at >= until) throw new Error("the store failed");
            yield Uint8Array.from(bytes.subarray(at, Math.min(at + chunk, end)));
          }
        })(),
        { ranged: true },
      ) as Bytes;
    },
  };
}

const refused = (...codes: ErrorCode[]) => {
  return (error: unknown) => {
    if (!isError(error, ...codes)) throw error;
    return true;
  };
};

const isWhole = async (file: string, { bytes }: TestBlob) => (await readFile(file)).equals(bytes);

test("a blob is there under its name once it is whole, and nothing else is", async (context) => {
  const folder = await folderFor(context);
  const file = join(folder, "layer");
  let progress = 0;
  const result = await downloadBlob(storeOf(blob), blob.descriptor, file, {
    onProgress: (bytes) => (progress = bytes),
  });
  assert(await isWhole(file, blob));
  assert.deepEqual(result, { resumed: 0, connections: 1 });
  assert.equal(progress, 200_000);
  assert.deepEqual(await readdir(folder), ["layer"]);
});

test("a file that was there before is replaced", async (context) => {
  const file = join(await folderFor(context), "layer");
  await writeFile(file, "something older that is not to be appended to");
  await downloadBlob(storeOf(blob), blob.descriptor, file);
  assert(await isWhole(file, blob));
});

test("an empty blob is an empty file", async (context) => {
  const file = join(await folderFor(context), "layer");
  const empty = blobOf(0);
  await downloadBlob(storeOf(empty), empty.descriptor, file);
  assert(await isWhole(file, empty));
});

test("what has come is kept, and only the rest asked for", async (context) => {
  const folder = await folderFor(context);
  const file = join(folder, "layer");
  await assert.rejects(
    downloadBlob(storeOf(blob, { until: 120_000 }), blob.descriptor, file),
    /store failed/,
  );
  assert.deepEqual(await readdir(folder), [`${blob.descriptor.digest.replace(":", "-")}.part`]);
  const store = storeOf(blob);
  const { resumed } = await downloadBlob(store, blob.descriptor, file);
  assert.equal(resumed, 120_000);
  assert.deepEqual(store.asked, [{ offset: 120_000, length: 80_000 }]);
  assert(await isWhole(file, blob));
});

test("a part that is whole is only verified", async (context) => {
  const file = join(await folderFor(context), "layer");
  await writeFile(partPath(file, blob.descriptor), blob.bytes);
  const store = storeOf(blob);
  await downloadBlob(store, blob.descriptor, file);
  assert.deepEqual(store.asked, []);
  assert(await isWhole(file, blob));
});

test("a part that was damaged is fetched again whole", async (context) => {
  const file = join(await folderFor(context), "layer");
  const damaged = Buffer.from(blob.bytes.subarray(0, 150_000));
  damaged[70_000]! ^= 1;
  await writeFile(partPath(file, blob.descriptor), damaged);
  const store = storeOf(blob);
  await downloadBlob(store, blob.descriptor, file);
  assert.equal(store.asked.length, 2);
  assert(await isWhole(file, blob));
});

test("a part that is longer than the blob is cut", async (context) => {
  const file = join(await folderFor(context), "layer");
  await writeFile(partPath(file, blob.descriptor), Buffer.concat([blob.bytes, blob.bytes]));
  await downloadBlob(storeOf(blob), blob.descriptor, file);
  assert(await isWhole(file, blob));
});

test("a part with holes is filled where its record says", async (context) => {
  const file = join(await folderFor(context), "layer");
  const part = partPath(file, blob.descriptor);
  const holes = Buffer.from(blob.bytes).fill(0, 50_000, 80_000).fill(0, 150_000);
  await writeFile(part, holes);
  await writeFile(`${part}.ranges`, "[[0,50000],[80000,150000]]");
  const store = storeOf(blob);
  const { resumed } = await downloadBlob(store, blob.descriptor, file);
  assert.equal(resumed, 120_000);
  assert.deepEqual(store.asked, [
    { offset: 50_000, length: 30_000 },
    { offset: 150_000, length: 50_000 },
  ]);
  assert(await isWhole(file, blob));
});

for (const record of ["", "{", "[[0,1e9]]", "[[-5,10]]", '["x"]', "[[0.5,10]]", "null"]) {
  test(`a record that cannot be true (${record}) is worth nothing`, async (context) => {
    const folder = await folderFor(context);
    const file = join(folder, "layer");
    const part = partPath(file, blob.descriptor);
    await writeFile(part, Buffer.alloc(blob.bytes.length));
    await writeFile(`${part}.ranges`, record);
    await downloadBlob(storeOf(blob), blob.descriptor, file);
    assert(await isWhole(file, blob));
    assert.deepEqual(await readdir(folder), ["layer"]);
  });
}

test("a record without its part is from long ago", async (context) => {
  const file = join(await folderFor(context), "layer");
  await writeFile(`${partPath(file, blob.descriptor)}.ranges`, "[[0,100000]]");
  await downloadBlob(storeOf(blob), blob.descriptor, file);
  assert(await isWhole(file, blob));
});

test("bytes of another digest never get the name", async (context) => {
  const folder = await folderFor(context);
  const other = { ...blobOf(200_000), descriptor: blob.descriptor };
  await assert.rejects(
    downloadBlob(storeOf(other), blob.descriptor, join(folder, "layer")),
    refused("DIGEST_MISMATCH"),
  );
  assert.deepEqual(await readdir(folder), []);
});

test("two downloads of one blob to one folder do not write at once", async (context) => {
  const folder = await folderFor(context);
  const file = join(folder, "layer");
  const lock = tryLock(`${partPath(file, blob.descriptor)}.lock`);
  await assert.rejects(downloadBlob(storeOf(blob), blob.descriptor, file), refused("LOCKED"));
  await lock?.release();
  await downloadBlob(storeOf(blob), blob.descriptor, file);
  assert(await isWhole(file, blob));
});

test("a folder that is not there is an error", async (context) => {
  const file = join(await folderFor(context), "nowhere", "layer");
  await assert.rejects(downloadBlob(storeOf(blob), blob.descriptor, file), (error) => {
    return isError(error, "FILE_NOT_FOUND", "FILE_FAILED");
  });
});

test("an aborted download ends, and keeps what it has", async (context) => {
  const file = join(await folderFor(context), "layer");
  const controller = new AbortController();
  const download = downloadBlob(storeOf(blob), blob.descriptor, file, {
    signal: controller.signal,
    onProgress: (bytes) => bytes >= 100_000 && controller.abort(),
  });
  await assert.rejects(download, refused("INTERRUPTED"));
  const { resumed } = await downloadBlob(storeOf(blob), blob.descriptor, file);
  assert(resumed >= 90_000);
  assert(await isWhole(file, blob));
});

test("a link in the place of a part is not written through", async (context) => {
  const folder = await folderFor(context);
  const [file, precious] = [join(folder, "layer"), join(folder, "precious")];
  await writeFile(precious, "precious");
  await symlink(precious, partPath(file, blob.descriptor));
  await assert.rejects(downloadBlob(storeOf(blob), blob.descriptor, file), refused("FILE_FAILED"));
  assert.equal(await readFile(precious, "utf8"), "precious");
});
