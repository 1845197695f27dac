/** Whether two files hold the same bytes. */
import { open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";

import { diskError } from "./failure.ts";
import { readExactly } from "./fileBytes.ts";

/** Bytes of one read: both fit into the processor's cache together. */
const readSize = 256 << 10;

/** @returns false also where `other` cannot be read, for whatever reason */
export async function sameBytes(one: string, other: string): Promise<boolean> {
  const first = await open(one).catch((error: unknown) => {
    throw diskError(error, one);
  });
  try {
    const second = await open(other).catch(() => undefined);
    if (second === undefined) return false;
    try {
      return await compare(first, second);
    } catch (error) {
      throw diskError(error, one);
    } finally {
      await second.close();
    }
  } finally {
    await first.close();
  }
}

async function compare(one: FileHandle, other: FileHandle): Promise<boolean> {
  const [a, b] = [Buffer.allocUnsafe(readSize), Buffer.allocUnsafe(readSize)];
  for (let position = 0; ;) {
    const [read, found] = await Promise.all([
      readExactly(one, position, a),
      // What the disk can no longer read is not the same either.
      readExactly(other, position, b).catch(() => undefined),
    ]);
    if (found === undefined || Buffer.compare(read, found) !== 0) return false;
    if (read.length < readSize) return true;
    position += read.length;
  }
}
