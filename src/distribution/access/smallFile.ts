/** Files that say who may do what: small, read whole. */
import { open } from "node:fs/promises";

import { configError } from "../../config/fields.ts";
import { diskError } from "../../store/disk/failure.ts";

/** Bytes. Ten thousand users or certificates fit, and a wrong path to a disk image does not fill the memory. */
const limit = 4 << 20;

export interface SmallFile {
  readonly text: string;
  /** Differs once the file has been changed or replaced. */
  readonly version: string;
}

/** @throws WharfError FILE_NOT_FOUND, FILE_FAILED, CONFIG_INVALID where it is too large */
export async function readSmallFile(path: string): Promise<SmallFile> {
  try {
    const handle = await open(path);
    try {
      // Looked at first: what changes while it is read differs from this afterwards.
      const stat = await handle.stat({ bigint: true });
      if (stat.size > limit) throw configError(path, `has more than ${limit} bytes`);
      const text = await handle.readFile("utf8");
      return { text, version: versionOf(stat) };
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw diskError(error, path);
  }
}

/** What `SmallFile.version` is made of. */
export function versionOf(stat: {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}): string {
  return `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}
