/** Blobs that are hashed while they pass, for copies that do not leave it to the target. */
import { isError, WharfError } from "../errors.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import type { BlobSource, Bytes, Fetcher } from "../store/store.ts";
import { verified } from "../store/verified.ts";

/** A source that remembers whether it was at fault. */
export interface VerifiedSource extends BlobSource {
  /** How the bytes differed from what the descriptor promises. */
  readonly fault: WharfError | undefined;
}

/**
 * A blob of `store` that fails at its end unless the bytes were those of the descriptor. Opened in the middle, it
 * reads what comes before again, because a hash has to begin at the beginning.
 * @param subject whose blob it is, for messages
 */
export function verifiedSource(
  store: Fetcher,
  descriptor: Descriptor,
  subject: string,
): VerifiedSource {
  let fault: WharfError | undefined;
  return {
    size: descriptor.size,
    replayable: true,
    get fault() {
      return fault;
    },
    async open(offset, options) {
      const body = await store.fetchBlob(descriptor, { ...options });
      const bytes = verified(descriptor, body, { subject });
      return {
        [Symbol.asyncIterator]: () => pass(bytes, offset, (error) => (fault = error)),
        recycle: (chunk) => bytes.recycle?.(chunk),
      };
    },
  };
}

async function* pass(
  bytes: Bytes,
  offset: number,
  onFault: (error: WharfError) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let before = offset;
  try {
    for await (const chunk of bytes) {
      const rest = before === 0 ? chunk : chunk.subarray(before);
      before -= Math.min(before, chunk.byteLength);
      if (rest.byteLength > 0) yield rest;
    }
  } catch (error) {
    if (isError(error, "DIGEST_MISMATCH", "SIZE_MISMATCH")) onFault(error);
    throw error;
  }
}
