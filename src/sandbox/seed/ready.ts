/** Our images as they were built once, which starting need not do again: what they are, and their bytes. */
import { brotliDecompressSync } from "node:zlib";

import type { Digest } from "../../reference/descriptor.ts";
import type { SeedImage } from "./images.ts";
import { prepared } from "./prepared.ts";

/** As scripts/prepare-seed.ts writes them. */
export interface Ready {
  /** By the names that seeds have for them. */
  readonly images: Readonly<Record<string, SeedImage>>;
  /** By digest; a character is a byte. */
  readonly contents: Readonly<Record<Digest, string>>;
  /** How the passwords of our accounts are kept, which are no secrets. */
  readonly passwords: Readonly<Record<string, string>>;
}

let read: Ready | undefined;

export function ready(): Ready {
  return (read ??= JSON.parse(
    brotliDecompressSync(Buffer.from(prepared, "base64")).toString(),
  ) as Ready);
}
