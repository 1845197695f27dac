/** Walks over folders of blobs: `ALGORITHM/HEX`. */
import { lstatSync } from "node:fs";
import type { Stats } from "node:fs";
import { opendir } from "node:fs/promises";
import { join } from "node:path";

import type { Digest } from "../../../reference/descriptor.ts";
import { digestLength, isDigest } from "../../../reference/digest.ts";
import { diskError, failedWith } from "../../disk/failure.ts";

/** Digests of the files in such a folder, so many at a time. Files with other names are nobody's business here. */
export async function* digestsIn(folder: string, pageSize: number): AsyncGenerator<Digest[]> {
  for (const algorithm of Object.keys(digestLength)) {
    const path = join(folder, algorithm);
    const entries = await opendir(path).catch((error: unknown) => {
      if (failedWith(error, "ENOENT")) return undefined;
      throw diskError(error, path);
    });
    if (entries === undefined) continue;
    let page: Digest[] = [];
    for await (const { name } of entries) {
      const digest = `${algorithm}:${name}`;
      if (isDigest(digest)) page.push(digest);
      if (page.length < pageSize) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }
}

/** What is known of a file, at once; undefined where nothing is there, or no file. */
export function look(path: string): Stats | undefined {
  try {
    const found = lstatSync(path);
    return found.isFile() ? found : undefined;
  } catch (error) {
    if (failedWith(error, "ENOENT", "ENOTDIR")) return undefined;
    throw diskError(error, path);
  }
}
