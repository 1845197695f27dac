/** A blob on its way to us. */
import { WharfError } from "../errors.ts";
import type { Bytes, Cancellable } from "../http/bytes.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import type { Fetcher } from "../store/store.ts";
import { verified } from "../store/verified.ts";

/**
 * Bytes of a blob as they arrive. They are checked against the digest on the way, so what was read is to be trusted only
 * when the loop ends without an error.
 */
export interface PulledBlob extends AsyncIterable<Uint8Array> {
  readonly digest: Digest;
  /** Bytes in all. */
  readonly size: number;
}

/** In which pieces a blob is handed out. */
export interface PullOptions extends Cancellable {
  /** Bytes of each chunk but the last. @default as they arrive */
  readonly chunkSize?: number | undefined;
}

/** @throws WharfError BLOB_NOT_FOUND; USAGE for a chunk size that is none */
export async function pulled(
  repository: Pick<Fetcher, "fetchBlob">,
  { digest, size }: Pick<Descriptor, "digest" | "size">,
  { chunkSize, signal }: PullOptions,
): Promise<PulledBlob> {
  if (chunkSize !== undefined && !(Number.isSafeInteger(chunkSize) && chunkSize > 0))
    throw new WharfError("USAGE", `A chunk has a whole number of bytes from 1, not ${chunkSize}`);
  const descriptor = { mediaType: "application/octet-stream", digest, size };
  const body = await repository.fetchBlob(descriptor, signal && { signal });
  const checked = verified(descriptor, body);
  const bytes = chunkSize === undefined ? checked : pieces(checked, chunkSize);
  return { digest, size, [Symbol.asyncIterator]: () => bytes[Symbol.asyncIterator]() };
}

/** Cuts and joins chunks to pieces of one size. */
async function* pieces(bytes: Bytes, size: number): AsyncGenerator<Uint8Array, void> {
  let held: Uint8Array[] = [];
  let filled = 0;
  for await (const chunk of bytes) {
    let rest = chunk;
    while (filled + rest.byteLength >= size) {
      const end = rest.subarray(0, size - filled);
      yield filled === 0 ? end : Buffer.concat([...held, end]);
      rest = rest.subarray(end.byteLength);
      held = [];
      filled = 0;
    }
    if (rest.byteLength > 0) held.push(rest);
    filled += rest.byteLength;
  }
  if (filled > 0) yield Buffer.concat(held);
}
