/** Notes what manifests name that were pushed before the catalogue knew of it. */
import type { Digest } from "../../../reference/descriptor.ts";
import { digestOf, parseDigest } from "../../../reference/digest.ts";
import { manifestLimit } from "../../../reference/manifest.ts";
import { isError } from "../../../errors.ts";
import { recordOf } from "../../admission.ts";
import { descriptorOf, noteUses } from "../records.ts";
import { pageSize } from "./sweep.ts";
import type { Sweep } from "./sweep.ts";

/** @returns manifests that cannot be read: nobody can tell which blobs they need */
export async function noteManifests(sweep: Sweep): Promise<Digest[]> {
  const { catalog, repository } = sweep;
  const unreadable: Digest[] = [];
  const page = (last: number) =>
    catalog.all(
      `SELECT id, digest, media_type, size FROM manifests
       WHERE repository = ? AND noted = 0 AND id > ? ORDER BY id LIMIT ${pageSize}`,
      repository,
      last,
    );
  for (let rows = page(0); rows.length > 0; rows = page(Number(rows.at(-1)?.["id"]))) {
    const found: { manifest: number; blobs: readonly Digest[] }[] = [];
    for (const row of rows) {
      const blobs = await blobsOf(sweep, row);
      if (blobs === undefined) unreadable.push(String(row["digest"]));
      else found.push({ manifest: Number(row["id"]), blobs });
    }
    await catalog.write(() => {
      for (const { manifest, blobs } of found) {
        // It may have been deleted meanwhile, or pushed again.
        const sql = "UPDATE manifests SET noted = 1 WHERE id = ? AND noted = 0";
        if (catalog.run(sql, manifest) > 0) noteUses(catalog, { repository, manifest }, blobs);
      }
    });
    await sweep.pace.pause();
  }
  return unreadable;
}

async function blobsOf(
  { blobs }: Sweep,
  row: Record<string, string | number | null>,
): Promise<readonly Digest[] | undefined> {
  const descriptor = descriptorOf(row);
  try {
    const bytes = await blobs.readWhole(descriptor.digest, manifestLimit);
    if (bytes === undefined) return undefined;
    if (digestOf(bytes, parseDigest(descriptor.digest).algorithm) !== descriptor.digest)
      return undefined;
    return recordOf(bytes, descriptor).blobs;
  } catch (error) {
    if (isError(error, "MANIFEST_INVALID", "MANIFEST_TOO_LARGE")) return undefined;
    throw error;
  }
}
