/**
 * The 512-byte header block of a tar entry, in and out.
 * Source: POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar manual, "Basic Tar Format", for base-256 numbers.
 */
import { WharfError } from "../../errors.ts";
import { decodeText, encodeText } from "./text.ts";

/** Bytes of a block; headers are one, bodies are padded to whole ones. */
export const blockSize = 512;

/** The fields of one block, before extended headers are applied to them. */
export interface HeaderBlock {
  readonly name: string;
  /** The type flag, one character; NUL (old tars) reads as "0". */
  readonly flag: string;
  /** Bytes of the body. */
  readonly size: number;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly userName: string;
  readonly groupName: string;
  readonly major: number;
  readonly minor: number;
}

/** Where each field stands: offset and length in bytes. */
const fields = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  flag: [156, 1],
  linkName: [157, 100],
  magic: [257, 8],
  userName: [265, 32],
  groupName: [297, 32],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
} as const satisfies Record<string, readonly [number, number]>;

type Field = keyof typeof fields;

/**
 * Reads a block.
 * @returns undefined for a block of zeros, which ends an archive
 * @throws WharfError ARCHIVE_INVALID, message without the archive's name
 */
export function decodeHeader(block: Uint8Array): HeaderBlock | undefined {
  const sums = checksums(block);
  if (sums.unsigned === emptyChecksum && block.every((byte) => byte === 0)) return undefined;
  const promised = decodeNumber(block, "checksum");
  if (promised !== sums.unsigned && promised !== sums.signed) {
    throw new WharfError("ARCHIVE_INVALID", "the header's checksum is wrong");
  }
  const magic = slice(block, "magic");
  const posix = startsWith(magic, "ustar\0");
  const text = (field: Field): string => decodeText(untilNul(slice(block, field)));
  const named = posix || startsWith(magic, "ustar ");
  const flag = block[fields.flag[0]] ?? 0;
  return {
    name: posix ? prefixed(block) : text("name"),
    flag: flag === 0 ? "0" : String.fromCharCode(flag),
    size: decodeNumber(block, "size"),
    linkName: text("linkName"),
    mode: decodeNumber(block, "mode"),
    uid: decodeNumber(block, "uid"),
    gid: decodeNumber(block, "gid"),
    mtime: decodeNumber(block, "mtime"),
    userName: named ? text("userName") : "",
    groupName: named ? text("groupName") : "",
    major: named ? decodeNumber(block, "major") : 0,
    minor: named ? decodeNumber(block, "minor") : 0,
  };
}

/** Writes a block. Text that is longer than its field is cut: extended headers carry it whole. */
export function encodeHeader(header: HeaderBlock): Uint8Array {
  const block = new Uint8Array(blockSize);
  const text = (field: Field, value: string): void => {
    const [offset, length] = fields[field];
    block.set(encodeText(value).subarray(0, length), offset);
  };
  text("name", header.name);
  encodeNumber(block, "mode", header.mode);
  encodeNumber(block, "uid", header.uid);
  encodeNumber(block, "gid", header.gid);
  encodeNumber(block, "size", header.size);
  encodeNumber(block, "mtime", header.mtime);
  text("flag", header.flag);
  text("linkName", header.linkName);
  text("magic", "ustar\x0000");
  text("userName", header.userName);
  text("groupName", header.groupName);
  encodeNumber(block, "major", header.major);
  encodeNumber(block, "minor", header.minor);
  text("checksum", `${checksums(block).unsigned.toString(8).padStart(6, "0")}\0 `);
  return block;
}

/** Whether a text fits its field of the block as it is; else it needs an extended header. */
export function fitsField(
  field: "name" | "linkName" | "userName" | "groupName",
  value: string,
): boolean {
  return value.length <= fields[field][1] && /^[ -~]*$/.test(value);
}

/** The checksum of a block of zeros: its own field counts as eight spaces. */
const emptyChecksum = 8 * 0x20;

/** Old tars summed signed bytes; both sums are in use. */
function checksums(block: Uint8Array): { unsigned: number; signed: number } {
  let unsigned = emptyChecksum;
  let high = 0;
  for (let at = 0; at < blockSize; at++) {
    const byte = block[at]!;
    unsigned += byte;
    high += byte >> 7;
  }
  for (const byte of slice(block, "checksum")) {
    unsigned -= byte;
    high -= byte >> 7;
  }
  return { unsigned, signed: unsigned - 256 * high };
}

/** The name behind its prefix. Star's variant of ustar has a shorter prefix, with times after it. */
function prefixed(block: Uint8Array): string {
  const name = untilNul(slice(block, "name"));
  const star = startsWith(block.subarray(508), "tar\0");
  const prefix = untilNul(slice(block, "prefix").subarray(0, star ? 131 : 155));
  return decodeText(prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from("/"), name]));
}

/** Octal digits, perhaps with spaces before them, up to a space or NUL. */
function decodeNumber(block: Uint8Array, field: Field): number {
  const [start, length] = fields[field];
  if ((block[start]! & 0x80) !== 0) return decodeBinary(slice(block, field), field);
  const end = start + length;
  let at = start;
  while (at < end && block[at] === 0x20) at++;
  let value = 0;
  for (; at < end; at++) {
    const digit = block[at]! - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  for (; at < end && block[at] !== 0; at++) {
    if (block[at] === 0x20) continue;
    throw new WharfError("ARCHIVE_INVALID", `the header's ${field} is not a number`);
  }
  return value;
}

/** Base-256: two's complement, the highest bit of the field set as a mark. */
function decodeBinary(bytes: Uint8Array, field: Field): number {
  const bits = bytes.length * 8 - 1;
  const unsigned = BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
  const value = Number(BigInt.asIntN(bits, unsigned));
  if (!Number.isSafeInteger(value) || (value < 0 && field !== "mtime")) {
    throw new WharfError("ARCHIVE_INVALID", `the header's ${field} is out of range`);
  }
  return value;
}

function encodeNumber(block: Uint8Array, field: Field, value: number): void {
  const [offset, length] = fields[field];
  const digits = value.toString(8).padStart(length - 1, "0");
  if (value >= 0 && digits.length < length) {
    block.set(encodeText(digits), offset);
    return;
  }
  const bits = BigInt(length * 8);
  const binary = BigInt.asUintN(Number(bits) - 1, BigInt(value)) | (1n << (bits - 1n));
  block.set(Buffer.from(binary.toString(16), "hex"), offset);
}

function slice(block: Uint8Array, field: Field): Uint8Array {
  const [offset, length] = fields[field];
  return block.subarray(offset, offset + length);
}

function untilNul(bytes: Uint8Array): Uint8Array {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

function startsWith(bytes: Uint8Array, text: string): boolean {
  return [...text].every((character, at) => bytes[at] === character.charCodeAt(0));
}
