/** What must not be forgotten of a disk that has failed once. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { test } from "node:test";

import { Writer } from "./writer.ts";

const full = { code: "ENOSPC" };

for (const here of [true, false])
  test(
    `after a write that failed nothing is written behind it, ${here ? "here" : "on another thread"}`,
    { skip: !existsSync("/dev/full") },
    async () => {
      const [refusing, taking] = await Promise.all([
        open("/dev/full", "r+"),
        open("/dev/null", "r+"),
      ]);
      // A disk on which there is room again after a while.
      let disk = refusing;
      const handle = {
        get fd() {
          return disk.fd;
        },
        write: (...given: Parameters<FileHandle["write"]>) => disk.write(...given),
      };
      const writer = new Writer(handle as unknown as FileHandle, { here });
      const write = async (position: number) => writer.write(new Uint8Array(10), position);
      try {
        await assert.rejects(write(0), full);
        disk = taking;
        await assert.rejects(write(10), full);
      } finally {
        await Promise.all([refusing.close(), taking.close()]);
      }
    },
  );

test("what was sent to the disk in the background and did not come there is told in the end", async () => {
  const taking = await open("/dev/null", "r+");
  const failed = Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
  let syncs = 0;
  const handle = {
    fd: taking.fd,
    // As Linux does: an error is told once, and what was lost counts as written then.
    datasync: async () => {
      syncs += 1;
      if (syncs === 1) throw failed;
    },
  };
  const writer = new Writer(handle as unknown as FileHandle, { durable: true, here: true });
  try {
    const chunk = new Uint8Array(16 << 20);
    for (let at = 0; at < 4; at += 1) writer.write(chunk, at * chunk.length);
    await assert.rejects(writer.sync(), failed);
    assert.equal(syncs, 1);
    assert.ok(writer.lost);
  } finally {
    await taking.close();
  }
});
