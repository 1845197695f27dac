/**
 * Names in a tar are bytes, ours are strings. UTF-8 becomes what it says; each byte that is not UTF-8 becomes a lone
 * surrogate U+DC80 to U+DCFF, which valid text cannot hold, so that every name comes out again as it went in.
 */
import { isUtf8 } from "node:buffer";

const escapeBase = 0xdc00;

export function decodeText(bytes: Uint8Array): string {
  if (bytes.byteLength === 0) return "";
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (isUtf8(buffer)) return buffer.toString("utf8");
  let text = "";
  for (let at = 0; at < buffer.length;) {
    const length = [1, 2, 3, 4].find((count) => isCharacter(buffer, at, count));
    text +=
      length === undefined
        ? String.fromCharCode(escapeBase + (buffer[at] ?? 0))
        : buffer.toString("utf8", at, at + length);
    at += length ?? 1;
  }
  return text;
}

export function encodeText(text: string): Uint8Array {
  if (!/\p{Surrogate}/u.test(text)) return Buffer.from(text, "utf8");
  const pieces = [...text].map((character) => {
    const code = character.charCodeAt(0);
    const escaped =
      character.length === 1 && code >= escapeBase + 0x80 && code <= escapeBase + 0xff;
    return escaped ? Buffer.of(code - escapeBase) : Buffer.from(character, "utf8");
  });
  return Buffer.concat(pieces);
}

function isCharacter(buffer: Buffer, at: number, count: number): boolean {
  return at + count <= buffer.length && isUtf8(buffer.subarray(at, at + count));
}
