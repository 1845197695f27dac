/** A blob that is about to be sent. */
import type { FileHandle } from "node:fs/promises";

import type { Bytes } from "../http/bytes.ts";
import type { Digest } from "../reference/descriptor.ts";
import type { Repository } from "../store/store.ts";

export interface OpenBlob {
  /** Bytes. */
  readonly size: number;
  read(offset: number, length: number): Bytes | Promise<Bytes>;
  close(): Promise<void>;
}

/** What stores offer whose blobs are files: one call where a look and a stream take two, each with looks of its own. */
interface BlobFiles {
  openBlobFile(digest: Digest): Promise<{ handle: FileHandle; size: number } | undefined>;
}

/** Bytes of one read: large enough that a thread's round trip does not count. */
const readSize = 1 << 20;

/** Opens a blob; undefined where it is not there. */
export async function openBlob(
  repository: Repository & Partial<BlobFiles>,
  digest: Digest,
  signal: AbortSignal,
): Promise<OpenBlob | undefined> {
  if (repository.openBlobFile) {
    const file = await repository.openBlobFile(digest);
    return (
      file && {
        size: file.size,
        read: (offset, length) => readFile(file.handle, offset, length),
        close: () => file.handle.close(),
      }
    );
  }
  const blob = await repository.statBlob(digest, { signal });
  return (
    blob && {
      size: blob.size,
      read: (offset, length) => repository.fetchBlob(blob, { offset, length, signal }),
      close: async () => {},
    }
  );
}

/** Reads ahead by one piece; two buffers do for a blob of any size. A file that is too short ends early. */
function readFile(handle: FileHandle, offset: number, length: number): Bytes {
  const end = offset + length;
  const free: Uint8Array[] = [];
  const read = (position: number) => {
    const wanted = Math.min(readSize, end - position);
    return handle.read(free.pop() ?? new Uint8Array(wanted), 0, wanted, position);
  };
  return {
    async *[Symbol.asyncIterator]() {
      let ahead = length > 0 ? read(offset) : undefined;
      try {
        for (let position = offset; ahead;) {
          const { buffer, bytesRead } = await ahead;
          position += bytesRead;
          ahead = bytesRead > 0 && position < end ? read(position) : undefined;
          // It is waited for in the next round; until then its failure is nobody's.
          ahead?.catch(() => {});
          if (bytesRead > 0) yield buffer.subarray(0, bytesRead);
        }
      } finally {
        // The file must not be closed, nor its number given to another, while it is read.
        await ahead?.catch(() => {});
      }
    },
    recycle: (chunk) => void free.push(new Uint8Array(chunk.buffer)),
  };
}
