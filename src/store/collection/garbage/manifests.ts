/** Removes the manifests that are doomed, and leaves what they named to `blobs.ts`. */
import type { Descriptor, Digest } from "../../../reference/descriptor.ts";
import { descriptorOf } from "../records.ts";
import { announceRetiring, isRetiring, settle } from "../retiring.ts";
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
    const page = nextPage(sweep);
    const digests = page.map(({ descriptor }) => descriptor.digest);
    // Who is told that one of them is here is seen by us, or sees us: see `disk/turns.ts`.
    await announceRetiring(sweep, digests);
    freed.manifests += await catalog.write(() => {
      // What was pushed or tagged while we looked, in whichever process, is seen here at the latest.
      count = markChanges(sweep, count);
      const removed = removePage(sweep, page);
      settle(sweep, digests);
      count = countOf(sweep);
      return removed;
    });
    await sweep.pace.pause();
  }
}

/** One of the doomed. */
interface Doomed {
  readonly id: number;
  readonly descriptor: Descriptor;
  readonly subject: Digest | undefined;
  /** When it was pushed, or last lost a tag; milliseconds since 1970. */
  readonly since: number;
}

/** Those that nothing else of the doomed names. */
function nextPage({ catalog }: Sweep): Doomed[] {
  const rows = catalog.all(
    `SELECT d.id, d.subject, m.since, m.digest, m.media_type, m.size FROM temp.doomed d
     JOIN manifests m ON m.id = d.id WHERE d.blockers = 0 LIMIT ${pageSize}`,
  );
  return rows.map((row) => ({
    id: Number(row["id"]),
    descriptor: descriptorOf(row),
    subject: row["subject"] === null ? undefined : String(row["subject"]),
    since: Number(row["since"]),
  }));
}

/** @returns how many were removed */
function removePage(sweep: Sweep, page: readonly Doomed[]): number {
  const { catalog, repository, records } = sweep;
  let removed = 0;
  for (const { id, descriptor, subject, since } of page) {
    const { digest } = descriptor;
    if (!isDoomed(sweep, digest) || !isRetiring(sweep, digest)) continue;
    if (since >= sweep.limit) spare(sweep, digest);
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
    catalog.run("DELETE FROM temp.doomed WHERE id = ?", id);
    if (records.remove(digest)) removed += 1;
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
