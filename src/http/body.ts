/** Bodies that are small enough to be read whole. */
import { WharfError } from "../errors.ts";

/**
 * Reads all of a stream into one array.
 * @throws WharfError RESPONSE_INVALID above `limit` bytes; the source is freed
 */
export async function readAll(
  bytes: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.byteLength;
    if (size > limit) {
      throw new WharfError("RESPONSE_INVALID", `Body is larger than ${limit} bytes`);
    }
    chunks.push(chunk);
  }
  if (chunks.length === 1 && chunks[0]) return chunks[0];
  return Buffer.concat(chunks, size);
}
