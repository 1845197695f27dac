/** Bytes of a file, read ahead in large pieces. */
import type { FileHandle } from "node:fs/promises";

import { interrupted } from "../../errors.ts";
import type { WharfError } from "../../errors.ts";
import type { Bytes, Cancellable } from "../../http/bytes.ts";
import type { Range } from "../store.ts";
import { diskError } from "./failure.ts";
import { openRegular } from "./files.ts";

/** Bytes of one read: large enough that a thread's round trip does not count. */
const readSize = 1 << 20;

/**
 * The file is opened when the first chunk is asked for, so that a reader who never starts leaves nothing open.
 * @param missing makes the error for a file that is not there
 */
export function fileBytes(
  path: string,
  range: Range & Cancellable,
  missing: () => WharfError,
): Bytes {
  const free: Uint8Array[] = [];
  return {
    [Symbol.asyncIterator]: () => chunks(path, range, missing, free),
    recycle: (chunk) => {
      if (chunk.buffer.byteLength === readSize) free.push(new Uint8Array(chunk.buffer));
    },
  };
}

async function* chunks(
  path: string,
  { offset = 0, length, signal }: Range & Cancellable,
  missing: () => WharfError,
  free: Uint8Array[],
) {
  if (signal?.aborted) throw interrupted(signal);
  const file = await openRegular(path);
  if (file === undefined) throw missing();
  const { handle, size } = file;
  const end = Math.min(size, offset + (length ?? size));
  const read = (start: number) => {
    const wanted = Math.min(readSize, end - start);
    const buffer =
      wanted < readSize ? new Uint8Array(wanted) : (free.pop() ?? new Uint8Array(readSize));
    return readExactly(handle, start, buffer);
  };
  // While the reader works on one chunk, the next is on its way.
  let next = offset < end ? read(offset) : undefined;
  try {
    for (let position = offset; next !== undefined;) {
      const chunk = await next;
      position += chunk.byteLength;
      if (signal?.aborted) throw interrupted(signal);
      next = position < end && chunk.byteLength > 0 ? read(position) : undefined;
      // It is waited for in the next round; until then its failure is nobody's.
      next?.catch(() => {});
      yield chunk;
    }
  } catch (error) {
    throw diskError(error, path);
  } finally {
    await next?.catch(() => {});
    await handle.close();
  }
}

/** Fills the buffer, or as much of it as the file has. */
export async function readExactly(handle: FileHandle, start: number, buffer: Uint8Array) {
  let filled = 0;
  while (filled < buffer.byteLength) {
    const { bytesRead } = await handle.read(
      buffer,
      filled,
      buffer.byteLength - filled,
      start + filled,
    );
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled === buffer.byteLength ? buffer : buffer.subarray(0, filled);
}
