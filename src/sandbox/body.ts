/** Bodies of requests, as a whole. */
import type { IncomingMessage } from "node:http";

/** Bytes that are read of what is too much. */
const patience = 64 << 20;

/** @returns undefined where it is longer than `limit` bytes, which are all that is kept of it */
export async function readBody(
  request: IncomingMessage,
  limit: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    // The rest is read, for a client that still sends would not see the answer, nor that of its next request; a body without end is not.
    if (size <= limit) chunks.push(chunk);
    else if (size > limit + patience) break;
  }
  return size <= limit ? Buffer.concat(chunks) : undefined;
}
