/** Compression that leaves no trace of who compressed. */
import { Readable, pipeline } from "node:stream";
import { createGzip } from "node:zlib";

import type { Bytes } from "../../http/bytes.ts";

/** Where the header says which system wrote it, and what it says when nobody should know (RFC 1952, section 2.3). */
const systemAt = 9;
const unknownSystem = 255;

/** Compresses; the header has neither time nor name nor system. */
export async function* gzip(body: Bytes): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = createGzip({ chunkSize: 256 << 10 });
  // Its errors are those of the loop below.
  pipeline(Readable.from(body, { objectMode: false, highWaterMark: 1 << 20 }), stream, () => {});
  let header = true;
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    if (header) chunk[systemAt] = unknownSystem;
    header = false;
    yield chunk;
  }
}
