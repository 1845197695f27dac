/** How much a data directory holds. */
import { opendir } from "node:fs/promises";

import { diskError, failedWith } from "../disk/failure.ts";
import { isUploadId } from "../disk/uploads.ts";
import type { Workspace } from "../disk/workspace.ts";
import type { CollectionCounts } from "../store.ts";
import type { Catalog } from "./catalog.ts";

/** Names of folder entries that are read at once. */
const bufferSize = 1000;

/** @param pool the folder that has a name of each blob, and of each manifest */
export async function countCollection(
  catalog: Catalog,
  workspace: Workspace,
  pool: string,
): Promise<CollectionCounts> {
  const rows = (table: string, what = "*") =>
    Number(catalog.get(`SELECT count(${what}) AS count FROM ${table}`)?.["count"]);
  const uploads = (await workspace.list()).filter(isUploadId).length;
  const shared = (await entries(`${pool}/sha256`)) + (await entries(`${pool}/sha512`));
  return {
    repositories: rows("repositories"),
    manifests: rows("manifests"),
    tags: rows("tags"),
    blobs: Math.max(0, shared - rows("manifests", "DISTINCT digest")),
    uploads,
  };
}

async function entries(folder: string): Promise<number> {
  let count = 0;
  try {
    for await (const _ of await opendir(folder, { bufferSize })) count += 1;
  } catch (error) {
    if (!failedWith(error, "ENOENT")) throw diskError(error, folder);
  }
  return count;
}
