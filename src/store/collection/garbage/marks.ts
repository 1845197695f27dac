/**
 * Which manifests of a repository stay where untagged ones go. In temporary tables, so that memory does not grow with
 * the repository; in pages, so that others run in between.
 *
 * A manifest stays that has a tag; that was pushed, has lost its tag or was confirmed within the grace period, and what
 * such a one refers to; that refers to something which is not here (`docs/registry-server.md` says why); that an index
 * which stays names; and that refers to one which stays. All others are doomed.
 */
import type { Digest } from "../../../reference/descriptor.ts";
import type { Catalog } from "../catalog.ts";
import { isYoung, pageSize } from "./sweep.ts";
import type { Sweep } from "./sweep.ts";

/**
 * `marked` stay; `due` are those whose children and referrers are still to be marked. A mark takes its manifest out of
 * `doomed`. There, `blockers` is how many others of the doomed name it. `relied` are those whose subject is marked.
 */
const tables = `
  CREATE TEMP TABLE IF NOT EXISTS marked (digest TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE IF NOT EXISTS relied (digest TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE IF NOT EXISTS due (place INTEGER PRIMARY KEY, digest TEXT NOT NULL) STRICT;
  CREATE TEMP TABLE IF NOT EXISTS doomed (
    id INTEGER PRIMARY KEY, digest TEXT NOT NULL UNIQUE, subject TEXT,
    blockers INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE INDEX IF NOT EXISTS temp.doomed_blockers ON doomed (blockers);
  CREATE TEMP TRIGGER IF NOT EXISTS marked_stays AFTER INSERT ON marked BEGIN
    INSERT INTO due (digest) VALUES (new.digest);
    DELETE FROM doomed WHERE digest = new.digest;
  END;
`;

/** Makes the tables, or empties them. */
export function clearMarks(catalog: Catalog): void {
  catalog.execute(tables);
  for (const table of ["marked", "relied", "due", "doomed"])
    catalog.run(`DELETE FROM temp.${table}`);
}

/**
 * Fills `doomed`.
 * @returns the count of changes from which on {@link markChanges} has to look
 */
export async function doom(sweep: Sweep): Promise<number> {
  clearMarks(sweep.catalog);
  const count = countOf(sweep);
  await markRoots(sweep);
  while (markNext(sweep)) await sweep.pace.pause();
  await fillDoomed(sweep);
  await countBlockers(sweep);
  return count;
}

/**
 * Marks what was pushed, tagged or untagged since `count`: inside a `catalog.write` nothing more can come.
 * @returns the count up to which it has looked
 */
export function markChanges(sweep: Sweep, count: number): number {
  const { catalog, repository } = sweep;
  const now = countOf(sweep);
  if (now === count) return now;
  const sql = "SELECT digest, subject FROM manifests WHERE repository = ? AND changed > ?";
  for (const row of catalog.all(sql, repository, count)) spare(sweep, String(row["digest"]));
  return now;
}

/** Takes a manifest, and what is to stay for its sake, out of the doomed. */
export function spare(sweep: Sweep, digest: Digest): void {
  markYoung(sweep, digest);
  while (markNext(sweep));
}

/** How often the repository has been changed. */
export function countOf({ catalog, repository }: Sweep): number {
  const row = catalog.get("SELECT changed FROM repositories WHERE id = ?", repository);
  return Number(row?.["changed"]);
}

async function markRoots(sweep: Sweep): Promise<void> {
  const { catalog, repository, limit } = sweep;
  const page = (last: string) =>
    catalog.all(
      `SELECT m.digest, m.since,
         EXISTS (SELECT 1 FROM tags t WHERE t.repository = m.repository AND t.digest = m.digest)
         OR (m.subject IS NOT NULL AND NOT EXISTS (
           SELECT 1 FROM manifests s WHERE s.repository = m.repository AND s.digest = m.subject))
         AS stays
       FROM manifests m WHERE m.repository = ? AND m.digest > ? ORDER BY m.digest LIMIT ${pageSize}`,
      repository,
      last,
    );
  for (let rows = page(""); rows.length > 0; rows = page(String(rows.at(-1)?.["digest"]))) {
    for (const row of rows) {
      const digest = String(row["digest"]);
      if (row["stays"] === 1) mark(sweep, digest);
      else if (Number(row["since"]) >= limit || isYoung(sweep, digest)) markYoung(sweep, digest);
    }
    await sweep.pace.pause();
  }
}

function mark({ catalog }: Sweep, digest: Digest): void {
  catalog.run("INSERT OR IGNORE INTO temp.marked VALUES (?)", digest);
}

/**
 * Marks one that somebody relies on, and what it refers to: were the subject collected first, the referrer would be
 * left behind as one that waits for its subject.
 */
function markYoung(sweep: Sweep, digest: Digest): void {
  const { catalog, repository } = sweep;
  const sql = "SELECT subject FROM manifests WHERE repository = ? AND digest = ?";
  for (let next: unknown = digest; typeof next === "string";) {
    mark(sweep, next);
    const isNew = catalog.run("INSERT OR IGNORE INTO temp.relied VALUES (?)", next) > 0;
    next = isNew ? catalog.get(sql, repository, next)?.["subject"] : undefined;
  }
}

/** Marks what a page of those that are due lead to. @returns whether there were any */
function markNext({ catalog, repository }: Sweep): boolean {
  const page = catalog.all(`SELECT place, digest FROM temp.due ORDER BY place LIMIT ${pageSize}`);
  for (const { digest } of page) {
    catalog.run(
      "INSERT OR IGNORE INTO temp.marked SELECT digest FROM children WHERE repository = ? AND parent = ?",
      repository,
      digest as string,
    );
    catalog.run(
      "INSERT OR IGNORE INTO temp.marked SELECT digest FROM manifests WHERE repository = ? AND subject = ?",
      repository,
      digest as string,
    );
  }
  catalog.run("DELETE FROM temp.due WHERE place <= ?", page.at(-1)?.["place"] ?? 0);
  return page.length > 0;
}

async function fillDoomed(sweep: Sweep): Promise<void> {
  const { catalog, repository } = sweep;
  const page = `SELECT id, digest, subject FROM manifests
    WHERE repository = ? AND digest > ? ORDER BY digest LIMIT ${pageSize}`;
  for (let last = ""; ;) {
    const end = catalog.get(`SELECT max(digest) AS digest FROM (${page})`, repository, last);
    if (end?.["digest"] == null) return;
    catalog.run(
      `INSERT INTO temp.doomed (id, digest, subject) SELECT id, digest, subject FROM (${page}) p
       WHERE NOT EXISTS (SELECT 1 FROM temp.marked k WHERE k.digest = p.digest)`,
      repository,
      last,
    );
    last = String(end["digest"]);
    await sweep.pace.pause();
  }
}

async function countBlockers(sweep: Sweep): Promise<void> {
  const { catalog, repository } = sweep;
  for (let last = 0; ;) {
    const rows = catalog.all(
      `SELECT id FROM temp.doomed WHERE id > ? ORDER BY id LIMIT ${pageSize}`,
      last,
    );
    const end = rows.at(-1)?.["id"];
    if (end === undefined) return;
    catalog.run(
      `UPDATE temp.doomed SET blockers =
         (SELECT count(*) FROM children c JOIN temp.doomed p ON p.digest = c.parent
          WHERE c.repository = ? AND c.digest = doomed.digest)
         + (SELECT count(*) FROM manifests m JOIN temp.doomed r ON r.id = m.id
            WHERE m.repository = ? AND m.subject = doomed.digest)
       WHERE id > ? AND id <= ?`,
      repository,
      repository,
      last,
      end,
    );
    last = Number(end);
    await sweep.pace.pause();
  }
}
