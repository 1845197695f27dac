/**
 * Reads tars: ustar, GNU and pax, and those of before. Strict: what is damaged or ambiguous is an error, not a guess.
 * Bounded: one block, and extended headers of at most 1 MiB, are in memory.
 */
import type { FileHandle } from "node:fs/promises";

import { isError, WharfError } from "../../errors.ts";
import type { Bytes } from "../../http/bytes.ts";
import type { TarEntry, TarHeader, TarType } from "./entry.ts";
import { blockSize, decodeHeader, type HeaderBlock } from "./header.ts";
import { FileInput, StreamInput, type TarInput } from "./input.ts";
import { decodeRecords, extendedLimit } from "./pax.ts";
import { decodeText } from "./text.ts";

export interface TarOptions {
  /** Whose bytes these are, for messages. @default tar */
  readonly subject?: string;
}

/**
 * Reads a tar from a stream, entry by entry, to the stream's end (also past the mark that ends the archive, so that a
 * digest over the stream is checked).
 *
 * @throws WharfError ARCHIVE_INVALID
 *
 * @example
 * for await (const entry of readTar(layer)) {
 *   if (entry.name === "etc/os-release") text = await readAll(entry.body, 1 << 16);
 * }
 */
export async function* readTar(
  bytes: Bytes,
  { subject = "tar" }: TarOptions = {},
): AsyncGenerator<TarEntry, void, undefined> {
  const input = new StreamInput(bytes);
  try {
    for (let header; (header = await nextHeader(input, subject));) {
      const end = input.position + header.size;
      yield { ...header, body: body(input, end, subject) };
      if (!(await input.skip(end - input.position))) throw truncated(subject, header.name);
      await input.skip(padding(header.size));
    }
    await input.drain();
  } finally {
    await input.close();
  }
}

/** An entry of a file, and where its body begins. */
export interface PlacedEntry {
  readonly header: TarHeader;
  /** Bytes from the beginning of the file. */
  readonly offset: number;
}

/**
 * Lists the entries of a tar in a file without reading their bodies.
 * @param size bytes of the file
 * @throws WharfError ARCHIVE_INVALID, also where a body is cut off
 */
export async function* scanTar(
  file: FileHandle,
  size: number,
  { subject = "tar" }: TarOptions = {},
): AsyncGenerator<PlacedEntry, void, undefined> {
  const input = new FileInput(file, size);
  for (let header; (header = await nextHeader(input, subject));) {
    const offset = input.position;
    if (!(await input.skip(header.size))) throw truncated(subject, header.name);
    yield { header, offset };
    await input.skip(padding(header.size));
  }
}

/** Bytes that fill a body's last block. */
export function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

async function* body(
  input: StreamInput,
  end: number,
  subject: string,
): AsyncGenerator<Uint8Array, void, undefined> {
  while (input.position < end) {
    const part = await input.some(end - input.position);
    if (!part) throw truncated(subject, "an entry");
    yield part;
  }
}

const types: Readonly<Record<string, TarType>> = {
  "0": "file",
  "7": "file", // contiguous, which nobody tells apart
  "1": "hardlink",
  "2": "symlink",
  "3": "character",
  "4": "block",
  "5": "directory",
  "6": "fifo",
};

/** What stands before an entry and overrides its header. */
interface Extension {
  records: Map<string, string>;
  name?: string;
  linkName?: string;
}

async function nextHeader(input: TarInput, subject: string): Promise<TarHeader | undefined> {
  const start = input.position;
  try {
    return await readEntry(input);
  } catch (error) {
    if (!isError(error, "ARCHIVE_INVALID")) throw error;
    const where = `${subject}: entry at byte ${start}`;
    throw new WharfError("ARCHIVE_INVALID", `${where}: ${error.message}`, { ...error.details });
  }
}

async function readEntry(input: TarInput): Promise<TarHeader | undefined> {
  const extension: Extension = { records: new Map() };
  let extended = false;
  for (;;) {
    const block = await readBlock(input);
    if (!block) {
      if (extended) throw new WharfError("ARCHIVE_INVALID", "an extended header without its entry");
      return undefined;
    }
    if (!(await extend(extension, block, input))) return entryHeader(block, extension);
    extended = true;
  }
}

/** The next header; undefined where the archive ends, by its mark or (some writers leave it out) by the end of the bytes. */
async function readBlock(input: TarInput): Promise<HeaderBlock | undefined> {
  const bytes = await input.read(blockSize);
  if (bytes.byteLength === 0) return undefined;
  if (bytes.byteLength < blockSize)
    throw new WharfError("ARCHIVE_INVALID", "the header is cut off");
  const block = decodeHeader(bytes);
  if (block) return block;
  const second = await input.read(blockSize);
  if (second.some((byte) => byte !== 0)) {
    throw new WharfError("ARCHIVE_INVALID", "more follows a block of zeros, which ends an archive");
  }
  return undefined;
}

/** Takes in a header that belongs to the next entry; false where the block is an entry itself. */
async function extend(extension: Extension, block: HeaderBlock, input: TarInput): Promise<boolean> {
  switch (block.flag) {
    case "x":
      extension.records = decodeRecords(await extendedBody(input, block.size));
      return true;
    case "L":
      extension.name = cString(await extendedBody(input, block.size));
      return true;
    case "K":
      extension.linkName = cString(await extendedBody(input, block.size));
      return true;
    // Comments of the whole archive (git's commit, a volume's label). Other fields are ignored here, as docker's reader does.
    case "g":
    case "V":
      if (!(await input.skip(block.size + padding(block.size)))) {
        throw new WharfError("ARCHIVE_INVALID", "an extended header is cut off");
      }
      return true;
    default:
      return false;
  }
}

async function extendedBody(input: TarInput, size: number): Promise<Uint8Array> {
  if (size > extendedLimit) {
    throw new WharfError(
      "ARCHIVE_INVALID",
      `an extended header of ${size} bytes; at most ${extendedLimit} are accepted`,
    );
  }
  const bytes = await input.read(size);
  if (bytes.byteLength < size || !(await input.skip(padding(size)))) {
    throw new WharfError("ARCHIVE_INVALID", "an extended header is cut off");
  }
  return bytes;
}

function entryHeader(block: HeaderBlock, { records, ...long }: Extension): TarHeader {
  if (block.flag === "S" || [...records.keys()].some((key) => key.startsWith("GNU.sparse."))) {
    throw new WharfError("ARCHIVE_INVALID", `"${block.name}" is a sparse file`, {
      hint: "Make the archive again without --sparse.",
    });
  }
  const take = (key: string): string | undefined => {
    const value = records.get(key);
    records.delete(key);
    return value || undefined;
  };
  const number = (key: string): number | undefined => {
    const value = take(key);
    return value === undefined ? undefined : recordNumber(key, value);
  };
  const name = take("path") ?? long.name ?? block.name;
  const size = number("size") ?? block.size;
  const old = block.flag === "0" && name.endsWith("/"); // how directories were marked before ustar
  const type = old ? "directory" : types[block.flag];
  if (type === undefined) {
    throw new WharfError("ARCHIVE_INVALID", `"${name}" is of an unknown type "${block.flag}"`);
  }
  return {
    name,
    type,
    // Only files have a body: some writers give a link the size of what it points to.
    size: type === "file" ? size : 0,
    linkName: take("linkpath") ?? long.linkName ?? block.linkName,
    mode: block.mode & 0o7777,
    uid: number("uid") ?? block.uid,
    gid: number("gid") ?? block.gid,
    userName: take("uname") ?? block.userName,
    groupName: take("gname") ?? block.groupName,
    mtime: number("mtime") ?? block.mtime,
    major: block.major,
    minor: block.minor,
    records,
  };
}

function recordNumber(key: string, value: string): number {
  const grammar = key === "mtime" ? /^-?[0-9]+(\.[0-9]*)?$/ : /^[0-9]+$/;
  const number = Number(value);
  if (!grammar.test(value) || Math.abs(number) > Number.MAX_SAFE_INTEGER) {
    throw new WharfError("ARCHIVE_INVALID", `an extended header's ${key} is not a number`);
  }
  return number;
}

function cString(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeText(end < 0 ? bytes : bytes.subarray(0, end));
}

function truncated(subject: string, name: string): WharfError {
  return new WharfError("ARCHIVE_INVALID", `${subject}: ends in the middle of ${name}`);
}
