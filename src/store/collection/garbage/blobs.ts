/** Removes the blobs of a repository that nothing needs any more. */
import { join } from "node:path";

import type { Digest } from "../../../reference/descriptor.ts";
import { digestsIn } from "./files.ts";
import { announceRetiring, settle } from "../retiring.ts";
import { countLink, retire } from "./retire.ts";
import type { Idle } from "./retire.ts";
import { isYoung, pageSize } from "./sweep.ts";
import type { Sweep } from "./sweep.ts";

/**
 * In a dry run `candidates` are what would be released; `listed` are the indexes of referrers that we made for other
 * tools, which no manifest names.
 */
const tables = `
  CREATE TEMP TABLE IF NOT EXISTS candidates (
    repository INTEGER NOT NULL, digest TEXT NOT NULL, manifest INTEGER NOT NULL,
    PRIMARY KEY (repository, digest)) STRICT, WITHOUT ROWID;
  CREATE TEMP TABLE IF NOT EXISTS listed (digest TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`;

/** Removes what was released by manifests that are gone. */
export async function sweepReleased(sweep: Sweep): Promise<void> {
  const { catalog, repository, dryRun } = sweep;
  catalog.execute(tables);
  catalog.run("DELETE FROM temp.candidates");
  if (dryRun) await fillCandidates(sweep);
  const source = dryRun ? "temp.candidates" : "released";
  const page = (last: string) =>
    catalog.all(
      `SELECT digest, manifest FROM ${source} WHERE repository = ? AND digest > ?
       ORDER BY digest LIMIT ${pageSize}`,
      repository,
      last,
    );
  for (let rows = page(""); rows.length > 0; rows = page(String(rows.at(-1)?.["digest"]))) {
    const candidates = rows.map(({ digest, manifest }) => ({
      digest: String(digest),
      isManifest: manifest === 1,
    }));
    await sweepPage(sweep, candidates);
    await sweep.pace.pause();
  }
}

/** Removes what no manifest names and none ever has. */
export async function sweepUnreferenced(sweep: Sweep): Promise<void> {
  const { catalog, repository } = sweep;
  catalog.execute(tables);
  catalog.run("DELETE FROM temp.listed");
  catalog.run(
    `INSERT OR IGNORE INTO temp.listed SELECT json_extract(descriptor, '$.digest') FROM listings
     WHERE repository = ? AND descriptor IS NOT NULL`,
    repository,
  );
  const isKnown = (digest: Digest) =>
    ["temp.candidates", "temp.listed"].some(
      (table) => catalog.get(`SELECT 1 FROM ${table} WHERE digest = ?`, digest) !== undefined,
    );
  for await (const digests of digestsIn(join(sweep.folder, "blobs"), pageSize)) {
    const page = digests.filter((digest) => !isKnown(digest));
    await sweepPage(
      sweep,
      page.map((digest) => ({ digest, isManifest: false })),
    );
    await sweep.pace.pause();
  }
}

/** Empties what was only needed for one repository. */
export function clearCandidates(catalog: Sweep["catalog"]): void {
  catalog.execute(tables);
  for (const table of ["candidates", "listed"]) catalog.run(`DELETE FROM temp.${table}`);
}

async function sweepPage(sweep: Sweep, candidates: readonly Idle[]): Promise<void> {
  const { catalog, pool, dryRun } = sweep;
  if (dryRun) {
    for (const candidate of candidates)
      if (!isNeeded(sweep, candidate.digest)) countLink(sweep, candidate);
    return;
  }
  // Most of what lies in a folder is needed; others may write while we find that out.
  const idle = candidates.filter(({ digest }) => !isNeeded(sweep, digest));
  const settled = candidates.filter((candidate) => !idle.includes(candidate));
  const due = idle.filter(({ digest }) => !isYoung(sweep, digest));
  if (due.length === 0 && !settled.some(({ digest }) => isReleased(sweep, digest))) return;
  const announced = due.map(({ digest }) => digest);
  if (due.length > 0) await announceRetiring(sweep, announced);
  const shared: Digest[] = [];
  const work = () => {
    for (const { digest } of settled) if (isNeeded(sweep, digest)) forget(sweep, digest);
    for (const candidate of due) {
      const { digest } = candidate;
      // Somebody may have pushed a manifest since. While we write, none can; and each looks, in its turn, whether what
      // it names is still here.
      const fate = isNeeded(sweep, digest) ? "needed" : retire(sweep, candidate);
      if (fate !== "young") forget(sweep, digest);
      if (fate === "gone") shared.push(digest);
    }
    settle(sweep, announced);
  };
  // What a power cut brings back is found to be gone already.
  await catalog.write(work, { durable: false });
  await Promise.all(shared.map((digest) => pool.drop(digest)));
}

/** Whether a manifest that stays names it, or is it. */
function isNeeded({ catalog, repository }: Sweep, digest: Digest): boolean {
  const stays = "NOT IN (SELECT id FROM temp.doomed)";
  const row = catalog.get(
    `SELECT 1 FROM (SELECT ? AS repository, ? AS digest) b WHERE
       EXISTS (SELECT 1 FROM uses u
         WHERE u.repository = b.repository AND u.digest = b.digest AND u.manifest ${stays})
       OR EXISTS (SELECT 1 FROM manifests m
         WHERE m.repository = b.repository AND m.digest = b.digest AND m.id ${stays})
       OR EXISTS (SELECT 1 FROM children c
         JOIN manifests p ON p.repository = c.repository AND p.digest = c.parent
         WHERE c.repository = b.repository AND c.digest = b.digest AND p.id ${stays})`,
    repository,
    digest,
  );
  return row !== undefined;
}

function isReleased({ catalog, repository }: Sweep, digest: Digest): boolean {
  const sql = "SELECT 1 FROM released WHERE repository = ? AND digest = ?";
  return catalog.get(sql, repository, digest) !== undefined;
}

function forget({ catalog, repository }: Sweep, digest: Digest): void {
  catalog.run("DELETE FROM released WHERE repository = ? AND digest = ?", repository, digest);
}

/** What is released, and what the doomed would release. */
async function fillCandidates(sweep: Sweep): Promise<void> {
  const { catalog, repository } = sweep;
  const insert = "INSERT OR IGNORE INTO temp.candidates (repository, digest, manifest)";
  catalog.run(`${insert} SELECT * FROM released WHERE repository = ?`, repository);
  const page = `SELECT id, digest FROM temp.doomed WHERE id > ? ORDER BY id LIMIT ${pageSize}`;
  for (let last = 0; ;) {
    const end = catalog.get(`SELECT max(id) AS id FROM (${page})`, last)?.["id"];
    if (end == null) return;
    // As a manifest, also where it is there already as what an index names.
    const replace = "INSERT OR REPLACE INTO temp.candidates";
    catalog.run(`${replace} SELECT ?, digest, 1 FROM (${page})`, repository, last);
    catalog.run(
      `${insert} SELECT u.repository, u.digest, 0 FROM (${page}) p JOIN uses u ON u.manifest = p.id`,
      last,
    );
    catalog.run(
      `${insert} SELECT c.repository, c.digest, 0 FROM (${page}) p
       JOIN children c ON c.repository = ? AND c.parent = p.digest`,
      last,
      repository,
    );
    last = Number(end);
    await sweep.pace.pause();
  }
}
