import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import type { Bytes } from "../../http/bytes.ts";
import { digestOf } from "../../reference/digest.ts";
import { verified } from "../verified.ts";
import { decompressed } from "./compression.ts";
import { gather } from "./testing/images.ts";

const plain = Buffer.from("0123456789abcdef".repeat(5_000));

async function* pieces(bytes: Uint8Array, size = 10_000): Bytes {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

test("gzip and zstd are told by their first bytes, even if those come one by one", async () => {
  const packed = { gzip: gzipSync(plain), zstd: zstdCompressSync(plain), none: plain };
  for (const [name, bytes] of Object.entries(packed)) {
    for (const size of [1 << 20, 1000, name === "none" ? 5 : 1]) {
      const { compression, body } = await decompressed(pieces(bytes, size), "x");
      assert.equal(compression, name);
      assert.ok((await gather(body)).equals(plain));
    }
  }
});

test("several gzip members are one stream", async () => {
  const bytes = Buffer.concat([gzipSync(plain), gzipSync(plain)]);
  const { body } = await decompressed(pieces(bytes), "x");
  assert.equal((await gather(body)).length, 2 * plain.length);
});

test("zstd may begin with a frame that is to be skipped", async () => {
  const skipped = Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
  const bytes = Buffer.concat([skipped, zstdCompressSync(plain), zstdCompressSync(plain), skipped]);
  const { compression, body } = await decompressed(pieces(bytes), "x");
  assert.equal(compression, "zstd");
  assert.equal((await gather(body)).length, 2 * plain.length);
});

test("what is short or empty is not compressed", async () => {
  for (const bytes of [Buffer.alloc(0), Buffer.of(0x1f)]) {
    const { compression, body } = await decompressed(pieces(bytes), "x");
    assert.equal(compression, "none");
    assert.deepEqual(await gather(body), bytes);
  }
});

test("bzip2 and xz are refused with the command that undoes them", async () => {
  const heads = { bzip2: "BZh91AY", xz: "\xfd7zXZ\0\0" };
  for (const [name, head] of Object.entries(heads)) {
    await assert.rejects(decompressed(pieces(Buffer.from(head, "latin1")), "x.tar"), {
      code: "UNSUPPORTED",
      message: `x.tar: is compressed with ${name}`,
      hint: `Decompress it first: \`${name} -d\`.`,
    });
  }
});

test("damaged bytes, and those of a gzip that is cut, are ARCHIVE_INVALID", async () => {
  const [gzip, zstd] = [gzipSync(plain), zstdCompressSync(plain)];
  for (const bytes of [
    Buffer.from(gzip).fill(0xff, 12, 30),
    Buffer.from(zstd).fill(0xff, 12, 30),
    gzip.subarray(0, -9),
  ]) {
    const { body } = await decompressed(pieces(bytes, 50), "x.tar");
    await assert.rejects(gather(body), { code: "ARCHIVE_INVALID", message: /^x\.tar: as / });
  }
});

test("bytes that are not those promised are reported as such, although they do not decompress either", async () => {
  const whole = gzipSync(plain);
  const descriptor = { mediaType: "x", digest: digestOf(whole), size: whole.length };
  const damaged = Buffer.from(whole).fill(0xff, 12, 30);
  const { body } = await decompressed(verified(descriptor, pieces(damaged, 50)), "layer");
  await assert.rejects(gather(body), { code: "DIGEST_MISMATCH" });
});

test("an error of the source comes through", async () => {
  async function* broken(): Bytes {
    yield* pieces(gzipSync(plain).subarray(0, 1000), 100);
    throw new TypeError("the source broke");
  }
  const { body } = await decompressed(broken(), "layer");
  await assert.rejects(gather(body), { name: "TypeError" });
});

test("a reader that leaves early frees the source", async () => {
  let freed = false;
  async function* watched(): Bytes {
    try {
      yield* pieces(gzipSync(plain), 100);
    } finally {
      freed = true;
    }
  }
  const { body } = await decompressed(watched(), "layer");
  for await (const chunk of body) if (chunk.length > 0) break;
  assert.ok(freed);
});
