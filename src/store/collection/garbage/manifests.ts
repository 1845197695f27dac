/** Removes the manifests that are doomed, and leaves what they named to `blobs.ts`. */
import type { Descriptor } from "../../../reference/descriptor.ts";
import { manifestLimit } from "../../../reference/manifest.ts";
import { recordOf } from "../../admission.ts";
import { descriptorOf } from "../records.ts";
import { countOf, doom, markChanges, spare } from "./marks.ts";
import { isYoung, pageSize } from "./sweep.ts";
import type { Sweep } from "./sweep.ts";

/**
 * Removes what no tag leads to; where nothing is to be removed, only finds it.
 *
 * What names something goes before what it names. So nobody ever finds an index without its images; and whoever is
 * killed in between leaves no referrer whose subject is gone, which would be kept for ever.
 */
export async function sweepManifests(sweep: Sweep): Promise<void> {
  const { catalog, freed } = sweep;
  let count = await doom(sweep);
  if (sweep.dryRun) {
    markChanges(sweep, count);
    freed.manifests += Number(catalog.get("SELECT count(*) AS n FROM temp.doomed")?.["n"]);
    return;
  }
  while (catalog.get("SELECT 1 FROM temp.doomed WHERE blockers = 0") !== undefined) {
    const removed = await catalog.write(() => {
      // What was pushed or tagged while we looked, in whichever process, is seen here at the latest.
      count = markChanges(sweep, count);
      const gone = removePage(sweep);
      count = countOf(sweep);
      return gone;
    });
    freed.manifests += removed.length - (await restore(sweep, removed));
    await sweep.pace.pause();
  }
}

function removePage(sweep: Sweep): Descriptor[] {
  const { catalog, repository, records } = sweep;
  const page = catalog.all(
    `SELECT d.id, d.subject, m.digest, m.media_type, m.size FROM temp.doomed d
     JOIN manifests m ON m.id = d.id WHERE d.blockers = 0 LIMIT ${pageSize}`,
  );
  const removed: Descriptor[] = [];
  for (const row of page) {
    const descriptor = descriptorOf(row);
    const { digest } = descriptor;
    const subject = row["subject"] === null ? undefined : String(row["subject"]);
    if (!isDoomed(sweep, digest)) continue;
    // A look at the subject protects it, and with it what refers to it.
    for (const one of [digest, ...(subject === undefined ? [] : [subject])])
      if (isYoung(sweep, one)) spare(sweep, one);
    if (!isDoomed(sweep, digest)) continue;
    catalog.run(
      `UPDATE temp.doomed SET blockers = blockers - 1
       WHERE digest IN (SELECT digest FROM children WHERE repository = ? AND parent = ?)`,
      repository,
      digest,
    );
    if (subject !== undefined) {
      const sql = "UPDATE temp.doomed SET blockers = blockers - 1 WHERE digest = ?";
      catalog.run(sql, subject);
    }
    catalog.run("DELETE FROM temp.doomed WHERE id = ?", row["id"] ?? null);
    records.remove(digest);
    removed.push(descriptor);
  }
  // Those that were deleted by somebody else meanwhile.
  catalog.run(
    "DELETE FROM temp.doomed WHERE blockers = 0 AND NOT EXISTS (SELECT 1 FROM manifests m WHERE m.id = doomed.id)",
  );
  return removed;
}

function isDoomed({ catalog }: Sweep, digest: string): boolean {
  return catalog.get("SELECT 1 FROM temp.doomed WHERE digest = ?", digest) !== undefined;
}

/**
 * Puts back what somebody was told is here between our look and the removal. Whoever confirms a manifest sets its file's
 * time before looking whether it is here; so what was found before it was removed has its new time by now.
 * @returns how many
 */
async function restore(sweep: Sweep, removed: readonly Descriptor[]): Promise<number> {
  const { blobs, catalog, records } = sweep;
  let restored = 0;
  for (const descriptor of removed) {
    if (!isYoung(sweep, descriptor.digest)) continue;
    const bytes = await blobs.readWhole(descriptor.digest, manifestLimit);
    if (bytes === undefined) continue;
    await catalog.write(() => {
      if (records.find(descriptor.digest) === undefined) records.put(recordOf(bytes, descriptor));
    });
    restored += 1;
  }
  return restored;
}
