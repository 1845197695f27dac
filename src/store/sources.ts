/** Ways to give a blob's bytes to whoever pushes it. */

import { interrupted, WharfError } from "../errors.ts";
import type { Bytes, Cancellable } from "../http/bytes.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import type { BlobSource, Fetcher } from "./store.ts";

/** Bytes of one read: large enough that a disk's and a thread's round trip do not count. */
const readSize = 1 << 20;

/** Bytes that are in memory. They are handed out as copies, since each chunk belongs to its receiver. */
export function bytesSource(bytes: Uint8Array): BlobSource {
  return {
    size: bytes.byteLength,
    replayable: true,
    open: async (offset, options) => copies([bytes.subarray(offset)], options),
  };
}

/** A file, read from the offset on in pieces of 1 MiB. Reading it throws FILE_NOT_FOUND or FILE_FAILED. */
export function fileSource(path: string): BlobSource {
  return {
    replayable: true,
    open: async (offset, options) => readFile(path, offset, options),
  };
}

/** A blob of another store. It is not verified here: the store that it is pushed to does. */
export function blobSourceOf(store: Fetcher, descriptor: Descriptor): BlobSource {
  return {
    size: descriptor.size,
    replayable: true,
    open: (offset, options) => store.fetchBlob(descriptor, { ...options, offset }),
  };
}

/** A stream that can be read once, such as a pipe or a request's body. */
export function streamSource(stream: AsyncIterable<Uint8Array>, size?: number): BlobSource {
  let opened = false;
  return {
    replayable: false,
    ...(size !== undefined && { size }),
    open: async (offset) => {
      if (opened || offset !== 0) {
        throw new WharfError("UNSUPPORTED", "A stream can be read only once, from its beginning", {
          hint: "Put the bytes into a file first.",
        });
      }
      opened = true;
      return stream;
    },
  };
}

/** Hands out copies of `chunks`, for owners that keep the bytes. */
export async function* copies(
  chunks: Iterable<Uint8Array>,
  { signal }: Cancellable = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const chunk of chunks) {
    for (let start = 0; start < chunk.byteLength; start += readSize) {
      if (signal?.aborted) throw interrupted(signal);
      yield chunk.slice(start, start + readSize);
    }
  }
}

function readFile(path: string, offset: number, { signal }: Cancellable = {}): Bytes {
  const free: Uint8Array[] = [];
  return {
    recycle(chunk) {
      free.push(new Uint8Array(chunk.buffer));
    },
    async *[Symbol.asyncIterator]() {
      const { open } = process.getBuiltinModule("node:fs/promises");
      const file = await open(path, "r").catch((error: unknown) => {
        throw fileError(error, path);
      });
      try {
        for (let position = offset; ;) {
          if (signal?.aborted) throw interrupted(signal);
          const buffer = free.pop() ?? new Uint8Array(readSize);
          const { bytesRead } = await file.read(buffer, 0, readSize, position);
          if (bytesRead === 0) return;
          position += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
      } finally {
        await file.close();
      }
    },
  };
}

function fileError(error: unknown, path: string): WharfError {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") {
    return new WharfError("FILE_NOT_FOUND", `${path}: no such file`, { cause: error });
  }
  return new WharfError("FILE_FAILED", `${path}: ${(error as Error).message}`, { cause: error });
}
