/** Compressed bytes, told by how they begin rather than by what they are called: labels of layers are often wrong. */
import type { Transform } from "node:stream";

import { WharfError } from "../../errors.ts";
import type { Bytes } from "../../http/bytes.ts";

export type Compression = "none" | "gzip" | "zstd";

/** First bytes of each format (RFC 1952, RFC 8878), and of two that Node cannot read. */
const beginnings: readonly [name: Compression | "bzip2" | "xz", bytes: readonly number[]][] = [
  ["gzip", [0x1f, 0x8b]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** Bytes that {@link compressionOf} wants to see. */
export const headSize = 6;

/** @throws WharfError UNSUPPORTED for bzip2 and xz */
export function compressionOf(head: Uint8Array, subject: string): Compression {
  if (isSkippable(head)) return "zstd";
  const found = beginnings.find(([, bytes]) => bytes.every((byte, at) => head[at] === byte))?.[0];
  if (found === "bzip2" || found === "xz") {
    throw new WharfError("UNSUPPORTED", `${subject}: is compressed with ${found}`, {
      hint: `Decompress it first: \`${found} -d\`.`,
    });
  }
  return found ?? "none";
}

/** A frame of zstd's that holds no content, which some writers put first (RFC 8878, "Skippable Frames"). */
const isSkippable = ([first = 0, ...others]: Uint8Array): boolean =>
  first >> 4 === 5 && [0x2a, 0x4d, 0x18].every((byte, at) => others[at] === byte);

/**
 * Decompresses what is compressed and hands on what is not. That a zstd stream was cut is not noticed before Node 24:
 * who reads on has a digest or the archive's own end to tell by.
 * @throws WharfError ARCHIVE_INVALID where the bytes are damaged, unless the body itself says what is wrong with them
 */
export async function decompressed(
  body: Bytes,
  subject: string,
): Promise<{ compression: Compression; body: Bytes }> {
  const chunks = body[Symbol.asyncIterator]();
  try {
    const first = await beginning(chunks);
    const compression = compressionOf(Buffer.concat(first), subject);
    const whole = rejoin(first, chunks, body);
    if (compression === "none") return { compression, body: whole };
    const zlib = await import("node:zlib");
    // Each output buffer is garbage once it is written: larger ones cost memory and gain no time.
    const chunkSize = 64 << 10;
    const told = `${subject}: as ${compression}`;
    if (compression === "gzip") {
      return { compression, body: through(whole, zlib.createGunzip({ chunkSize }), told) };
    }
    const decompress = (frames: Bytes) =>
      through(frames, zlib.createZstdDecompress({ chunkSize }), told);
    const { frameByFrame, readsAllFrames } = await import("./zstdFrames.ts");
    const plain = readsAllFrames() ? decompress(whole) : frameByFrame(whole, told, decompress);
    return { compression, body: plain };
  } catch (error) {
    await chunks.return?.();
    throw error;
  }
}

/** As many chunks as tell the format. */
async function beginning(chunks: AsyncIterator<Uint8Array>): Promise<Uint8Array[]> {
  const first: Uint8Array[] = [];
  for (let length = 0; length < headSize;) {
    const next = await chunks.next();
    if (next.done) break;
    first.push(next.value);
    length += next.value.byteLength;
  }
  return first;
}

function rejoin(first: Uint8Array[], chunks: AsyncIterator<Uint8Array>, body: Bytes): Bytes {
  return {
    recycle: (chunk) => body.recycle?.(chunk),
    async *[Symbol.asyncIterator]() {
      try {
        yield* first;
        for (let next; !(next = await chunks.next()).done;) yield next.value;
      } finally {
        await chunks.return?.();
      }
    },
  };
}

async function* through(
  body: Bytes,
  transform: Transform,
  subject: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = false;
  const feeding = feed(body, transform, () => left);
  feeding.catch((error: Error) => transform.destroy(error));
  try {
    for await (const chunk of transform) yield chunk as Uint8Array;
    await feeding;
  } catch (error) {
    // Bytes that are not the ones promised are the cause, and that they do not decompress only the effect.
    await feeding;
    throw new WharfError("ARCHIVE_INVALID", `${subject}: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    left = true;
    transform.destroy();
    await feeding.catch(() => {});
  }
}

/** Gives the transform all of the body; reads on after it has failed, so that whoever checks the body sees it whole. */
async function feed(body: Bytes, transform: Transform, left: () => boolean): Promise<void> {
  // A transform that fails forgets to answer the write that it was busy with.
  let wake = (): void => {};
  transform.once("close", () => wake());
  const write = (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
      transform.write(chunk, (error) => {
        if (!error) body.recycle?.(chunk);
        resolve();
      });
    });
  let pending = Promise.resolve();
  for await (const chunk of body) {
    await pending; // one chunk is decompressed while the next is fetched
    if (left()) return;
    if (!transform.destroyed) pending = write(chunk);
  }
  await pending;
  if (!transform.destroyed) transform.end();
}
