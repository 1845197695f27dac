/**
 * The frames of a zstd stream, told apart without decompressing them. Node before 24 stops at the end of the first one,
 * without a word; layers that can be read in parts (zstd:chunked) have thousands.
 * Source: RFC 8878, section 3.1.
 */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";

import { WharfError } from "../../errors.ts";
import type { Bytes } from "../../http/bytes.ts";
import { StreamInput } from "../tar/input.ts";

/** Bytes that are put together before they are handed on. */
const pieceSize = 64 << 10;

/** Whether Node itself reads on after the first frame. */
export function readsAllFrames(): boolean {
  const frame = zstdCompressSync(Buffer.of(0));
  return zstdDecompressSync(Buffer.concat([frame, frame])).length === 2;
}

/**
 * Hands each frame that has contents to `decompress`, one after another.
 * @param subject whose bytes these are, for messages
 * @throws WharfError ARCHIVE_INVALID where something else than a frame is there, unless the body itself says what is wrong
 */
export async function* frameByFrame(
  body: Bytes,
  subject: string,
  decompress: (frame: Bytes) => AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const input = new StreamInput(body);
  try {
    for (let magic; (magic = await input.read(4)).byteLength > 0;) {
      const kind = kindOf(magic);
      if (kind === "content") yield* decompress(gathered(frame(input, magic, subject)));
      else if (kind === "skippable") {
        const size = numberOf(await exactly(input, 4, subject));
        if (!(await input.skip(size))) throw cut(subject);
      } else throw new WharfError("ARCHIVE_INVALID", `${subject}: what follows is no frame`);
    }
  } catch (error) {
    // Who checks the body has to see it whole: what it says is the cause.
    await input.drain();
    throw error;
  } finally {
    await input.close();
  }
}

function kindOf(magic: Uint8Array): "content" | "skippable" | undefined {
  const number = magic.byteLength === 4 ? numberOf(magic) : 0;
  if (number === 0xfd2fb528) return "content";
  return number >>> 4 === 0x184d2a5 ? "skippable" : undefined;
}

/** The bytes of a frame, from its magic number to its checksum. */
async function* frame(
  input: StreamInput,
  magic: Uint8Array,
  subject: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield magic;
  const first = await exactly(input, 1, subject);
  yield first;
  const descriptor = first[0]!;
  const isSingle = (descriptor & 0x20) !== 0;
  const sizeLength = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6]!;
  const dictionaryLength = [0, 1, 2, 4][descriptor & 3]!;
  yield await exactly(input, (isSingle ? 0 : 1) + dictionaryLength + sizeLength, subject);
  for (let isLast = false; !isLast;) {
    const header = await exactly(input, 3, subject);
    yield header;
    const number = numberOf(header);
    isLast = (number & 1) !== 0;
    const isRepeated = ((number >> 1) & 3) === 1;
    yield* upTo(input, isRepeated ? 1 : number >> 3, subject);
  }
  if ((descriptor & 4) !== 0) yield await exactly(input, 4, subject);
}

async function* upTo(
  input: StreamInput,
  length: number,
  subject: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let left = length; left > 0;) {
    const part = await input.some(left);
    if (part === undefined) throw cut(subject);
    left -= part.byteLength;
    yield part;
  }
}

async function exactly(input: StreamInput, length: number, subject: string): Promise<Uint8Array> {
  const bytes = await input.read(length);
  if (bytes.byteLength < length) throw cut(subject);
  return bytes;
}

/** Small pieces cost the decompressor as much as large ones. */
async function* gathered(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    pieces.push(chunk);
    size += chunk.byteLength;
    if (size < pieceSize) continue;
    yield Buffer.concat(pieces);
    pieces = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(pieces);
}

/** Little-endian, as all numbers of zstd. */
const numberOf = (bytes: Uint8Array): number =>
  bytes.reduceRight((number, byte) => number * 256 + byte, 0);

const cut = (subject: string): WharfError =>
  new WharfError("ARCHIVE_INVALID", `${subject}: ends in the middle of a frame`);
