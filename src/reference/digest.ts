/**
 * Digests: `ALGORITHM:HEX`.
 * Source: OCI image-spec 1.1, "Digests"; of its registered algorithms those that registries use.
 */
import { WharfError } from "../errors.ts";
import type { Digest } from "./descriptor.ts";

export type DigestAlgorithm = "sha256" | "sha512";

/** Hexadecimal digits of each algorithm. */
export const digestLength: Readonly<Record<DigestAlgorithm, number>> = { sha256: 64, sha512: 128 };

const pattern = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** Whether `text` is a digest that can be verified: sha256 or sha512, lower case, of the right length. */
export function isDigest(text: string): text is Digest {
  return pattern.test(text);
}

/**
 * Takes a digest apart.
 *
 * @throws WharfError DIGEST_INVALID, and says what is wrong with it
 * @example
 * parseDigest("sha256:ba78…15ad") // { algorithm: "sha256", encoded: "ba78…15ad" }
 */
export function parseDigest(text: string): { algorithm: DigestAlgorithm; encoded: string } {
  if (!isDigest(text)) throw new WharfError("DIGEST_INVALID", `Digest ${complaint(text)}`);
  const colon = text.indexOf(":");
  return { algorithm: text.slice(0, colon) as DigestAlgorithm, encoded: text.slice(colon + 1) };
}

/**
 * The digest of bytes that are all here; `createDigester` is for those that stream.
 *
 * @example
 * digestOf(Buffer.from("abc")) // "sha256:ba7816bf…"
 */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm = "sha256"): Digest {
  // Asked for when used: who only parses names does not load OpenSSL.
  const { createHash } = process.getBuiltinModule("node:crypto");
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}`;
}

function complaint(text: string): string {
  const shown = quoted(text);
  const colon = text.indexOf(":");
  if (colon < 0) return `${shown} has no algorithm in front, such as "sha256:"`;
  const algorithm = text.slice(0, colon);
  if (algorithm !== "sha256" && algorithm !== "sha512")
    return `${shown} uses ${quoted(algorithm)}; only sha256 and sha512 are known`;
  const encoded = text.slice(colon + 1);
  const length = digestLength[algorithm];
  if (encoded.length !== length)
    return `${shown} has ${encoded.length} digits after the colon; ${algorithm} has ${length}`;
  if (isDigest(text.toLowerCase())) return `${shown} must be lower case`;
  return `${shown} has other characters than hexadecimal digits`;
}

/** What a caller wrote, fit for one line of a message on a terminal: quoted, escaped and not endless. */
export function quoted(text: string): string {
  const short = text.length > 160 ? `${text.slice(0, 150)}…` : text;
  return JSON.stringify(short).replace(
    /[\p{C}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u{${char.codePointAt(0)?.toString(16)}}`,
  );
}
