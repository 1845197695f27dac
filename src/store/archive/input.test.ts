import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";

import { openMembers } from "./input.ts";
import { tarOf } from "./testing/images.ts";

async function* once(bytes: Uint8Array) {
  yield bytes;
}

test("an archive that becomes incredibly large when it is decompressed is refused", async () => {
  const tar = await tarOf({ zeros: Buffer.alloc(1 << 20) });
  for (const packed of [gzipSync(tar), zstdCompressSync(tar)]) {
    const open = (ratio: number, free: number) =>
      openMembers(once(packed), { subject: "x.tar", expansion: { ratio, free } });
    await assert.rejects(open(10, 1 << 19), {
      code: "ARCHIVE_TOO_LARGE",
      message: /^x\.tar: its \d+ compressed bytes become more than \d+, which is not credible$/,
    });
    for (const [ratio, free] of [
      [100_000, 0],
      [0, 2 << 20],
    ] as const) {
      const members = await open(ratio, free);
      await members.close();
    }
  }
  const plain = await openMembers(once(tar), { expansion: { ratio: 0, free: 0 } });
  await plain.close();
});
