/** Files that are read and written by position, and nameless ones for what is on its way. */
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync, unlinkSync } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { interrupted, WharfError } from "../../errors.ts";
import type { Bytes, Cancellable } from "../../http/bytes.ts";
import { diskError } from "../disk/failure.ts";

/** Bytes of one read: large enough that a disk's and a thread's round trip do not count. */
const readSize = 1 << 20;

/**
 * Where large temporary files go: TMPDIR, else /var/tmp, because /tmp is memory on many systems.
 */
export function spoolFolder(): string {
  return process.env["TMPDIR"] || !existsSync("/var/tmp") ? tmpdir() : "/var/tmp";
}

/**
 * Opens a temporary file that has lost its name already, so that it is gone however the process ends.
 * @throws WharfError FILE_FAILED
 */
export async function openNameless(folder = spoolFolder()): Promise<FileHandle> {
  const path = join(folder, `wharf-${randomBytes(12).toString("hex")}.tmp`);
  try {
    // Nothing can come between these two calls, not even a signal's handler.
    closeSync(openSync(path, "wx+", 0o600));
    return await open(path, "r+").finally(() => unlinkSync(path));
  } catch (error) {
    throw diskError(error, folder);
  }
}

/** Writes all of `bytes` at a position. */
export async function writeAt(
  file: FileHandle,
  bytes: Uint8Array,
  position: number,
): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) {
    const { bytesWritten } = await file.write(bytes, at, bytes.byteLength - at, position + at);
    at += bytesWritten;
  }
}

/**
 * Puts a body into a nameless file.
 * @returns the file, to be closed by the caller, and its size in bytes
 * @throws WharfError DISK_FULL, FILE_FAILED, INTERRUPTED, and what the body throws
 */
export async function spool(
  body: Bytes,
  { signal, folder = spoolFolder() }: Cancellable & { folder?: string } = {},
): Promise<{ file: FileHandle; size: number }> {
  const file = await openNameless(folder);
  let size = 0;
  try {
    for await (const chunk of body) {
      if (signal?.aborted) throw interrupted(signal);
      await writeAt(file, chunk, size).catch((error: unknown) => {
        throw diskError(error, folder);
      });
      size += chunk.byteLength;
      body.recycle?.(chunk);
    }
    return { file, size };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Reads `length` bytes from `offset` on. @throws WharfError FILE_FAILED, also where the file is shorter */
export function readRange(
  file: FileHandle,
  offset: number,
  length: number,
  { signal, subject = "file" }: Cancellable & { subject?: string } = {},
): Bytes {
  const free: Uint8Array[] = [];
  const size = Math.min(readSize, length);
  return {
    recycle(chunk) {
      if (chunk.byteLength === size) free.push(chunk);
    },
    async *[Symbol.asyncIterator]() {
      for (let at = 0; at < length;) {
        if (signal?.aborted) throw interrupted(signal);
        const buffer = free.pop() ?? new Uint8Array(size);
        const wanted = Math.min(size, length - at);
        const { bytesRead } = await file
          .read(buffer, 0, wanted, offset + at)
          .catch((error: unknown) => {
            throw diskError(error, subject);
          });
        if (bytesRead === 0) {
          throw new WharfError("FILE_FAILED", `${subject}: has become shorter while it was read`);
        }
        at += bytesRead;
        yield bytesRead === buffer.byteLength ? buffer : buffer.subarray(0, bytesRead);
      }
    },
  };
}
