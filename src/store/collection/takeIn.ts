/** Layouts that the catalogue does not know: made by another tool, or left when the catalogue was lost. */
import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { isError } from "../../errors.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import type { ManifestRecord } from "../admission.ts";
import { BlobFolder } from "../disk/blobFolder.ts";
import { diskError } from "../disk/failure.ts";
import type { Entries } from "../layout/entries.ts";
import { IndexFile } from "../layout/indexFile.ts";
import { LayoutManifests } from "../layout/manifests.ts";
import type { Catalog } from "./catalog.ts";
import { repositoryName, RepositoryRecords } from "./records.ts";

/**
 * Takes all layouts below `folder` into the catalogue that are not in it.
 * @throws WharfError LAYOUT_INVALID where one is damaged; nothing of it is changed
 */
export async function takeIn(folder: string, catalog: Catalog): Promise<void> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw diskError(error, folder);
  });
  for (const entry of names) {
    const name = repositoryName(entry);
    if (name === undefined) continue;
    const records = new RepositoryRecords(catalog, name);
    if (records.exists()) continue;
    const layout = join(folder, entry);
    const file = new IndexFile(layout);
    if (!(await file.check())) continue;
    const blobs = new BlobFolder(layout);
    await blobs.checkFolders();
    const { entries } = await file.read();
    const found = await collect(entries, new LayoutManifests(layout, blobs));
    // What was interrupted before anything was confirmed has an empty index.
    if (found.size === 0) continue;
    await catalog.write(() => {
      for (const record of found.values()) records.put(record);
      for (const tag of entries.tags()) {
        const digest = entries.find(tag)?.digest;
        if (digest !== undefined && found.has(digest)) records.tag(digest, tag);
      }
    });
  }
}

/** All manifests that an index leads to. What is missing or no manifest is left out. */
async function collect(
  entries: Entries,
  manifests: LayoutManifests,
): Promise<Map<Digest, ManifestRecord>> {
  const found = new Map<Digest, ManifestRecord>();
  const due: Descriptor[] = entries.roots();
  for (let next = due.pop(); next !== undefined; next = due.pop()) {
    if (found.has(next.digest)) continue;
    try {
      const record = await manifests.record(next.digest, next.mediaType);
      found.set(next.digest, record);
      due.push(...record.children);
    } catch (error) {
      if (!isError(error, "MANIFEST_NOT_FOUND", "DIGEST_MISMATCH", "DIGEST_INVALID")) throw error;
    }
  }
  return found;
}
