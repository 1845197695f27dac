import assert from "node:assert/strict";
import { test } from "node:test";
import { constants, createZstdDecompress, zstdCompressSync } from "node:zlib";

import fc from "fast-check";

import type { Bytes } from "../../http/bytes.ts";
import { digestOf } from "../../reference/digest.ts";
import { verified } from "../verified.ts";
import { gather } from "./testing/images.ts";
import { frameByFrame } from "./zstdFrames.ts";

async function* pieces(bytes: Uint8Array, size = 1000): Bytes {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Decompresses one frame, and insists that it is one. */
async function* decompress(frame: Bytes): AsyncGenerator<Uint8Array, void, undefined> {
  const transform = createZstdDecompress();
  transform.end(await gather(frame));
  for await (const chunk of transform) yield chunk as Buffer;
}

const plain = (body: Bytes) => gather(frameByFrame(body, "x", decompress));

const skippable = (content: Uint8Array, nibble: number): Buffer => {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(0x184d2a50 + nibble);
  head.writeUInt32LE(content.length, 4);
  return Buffer.concat([head, content]);
};

/** Contents of all kinds of blocks: raw, repeated and compressed ones. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.nat(300_000).map((length) => Buffer.alloc(length, "a")),
  fc.nat(50_000).map((count) => Buffer.from("some text, ".repeat(count / 11))),
);

const compressed = fc
  .record({
    content,
    level: fc.constantFrom(-5, 1, 19),
    checksum: fc.boolean(),
    sized: fc.boolean(),
  })
  .map(({ content, level, checksum, sized }) => {
    const params = {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_checksumFlag]: Number(checksum),
      [constants.ZSTD_c_contentSizeFlag]: Number(sized),
    };
    return { content: Buffer.from(content), bytes: zstdCompressSync(content, { params }) };
  });

const ignored = fc
  .record({ content: fc.uint8Array({ maxLength: 50 }), nibble: fc.nat(15) })
  .map(({ content, nibble }) => ({ content: Buffer.alloc(0), bytes: skippable(content, nibble) }));

test("frames are told apart wherever the bytes are cut", async () => {
  const frames = fc.array(fc.oneof(compressed, ignored), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(frames, fc.integer({ min: 1, max: 5000 }), async (frames, size) => {
      const bytes = Buffer.concat(frames.map((frame) => frame.bytes));
      const wanted = Buffer.concat(frames.map((frame) => frame.content));
      assert.ok((await plain(pieces(bytes, size))).equals(wanted));
    }),
    { numRuns: 60 },
  );
});

const frame = zstdCompressSync(Buffer.from("hello ".repeat(100)));

test("a stream that is cut, or goes on with something else, is damaged", async () => {
  const more = Buffer.concat([frame, skippable(Buffer.alloc(9), 3)]);
  const cuts = [1, 5, 7, frame.length - 1, frame.length + 2, frame.length + 6, more.length - 1];
  for (const bytes of [
    ...cuts.map((length) => more.subarray(0, length)),
    Buffer.concat([frame, Buffer.from("tail")]),
  ]) {
    await assert.rejects(plain(pieces(bytes)), { code: "ARCHIVE_INVALID", message: /^x: / });
  }
});

test("bytes that are not those promised are reported as such", async () => {
  const bytes = Buffer.concat([frame, frame]);
  const descriptor = { mediaType: "", digest: digestOf(bytes), size: bytes.length };
  const damaged = Buffer.from(bytes).fill(0, frame.length, frame.length + 4);
  await assert.rejects(plain(verified(descriptor, pieces(damaged, 10))), {
    code: "DIGEST_MISMATCH",
  });
});

test("a reader that leaves early frees the source", async () => {
  let freed = false;
  async function* watched(): Bytes {
    try {
      yield* pieces(Buffer.concat([frame, frame]), 10);
    } finally {
      freed = true;
    }
  }
  for await (const chunk of frameByFrame(watched(), "x", decompress)) if (chunk.length > 0) break;
  assert.ok(freed);
});
