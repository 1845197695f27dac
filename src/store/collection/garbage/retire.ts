/** Takes a blob's name out of a repository, or counts what that would free. */
import { rmSync } from "node:fs";

import type { Digest } from "../../../reference/descriptor.ts";
import { diskError, failedWith } from "../../disk/failure.ts";
import { announce } from "../../disk/steps.ts";
import type { Catalog } from "../catalog.ts";
import { isRetiring } from "../retiring.ts";
import { look } from "./files.ts";
import type { Sweep } from "./sweep.ts";

/** What became of it: it was confirmed of late, was not there, or is gone, and so may be the pool's name of it. */
export type Fate = "young" | "missing" | "gone";

/** A blob that nothing needs. */
export interface Idle {
  readonly digest: Digest;
  /** Whether it is a manifest's own bytes. */
  readonly isManifest: boolean;
}

/**
 * Removes the name: inside a `catalog.write`, so that no manifest comes in between and nobody puts another file there;
 * and only once it is announced, so that nobody relies on it unseen: see `disk/turns.ts`.
 */
export function retire(sweep: Sweep, { digest, isManifest }: Idle): Fate {
  const { blobs, pool, limit, freed } = sweep;
  if (!isRetiring(sweep, digest)) return "young";
  const path = blobs.path(digest);
  const found = look(path);
  if (found === undefined) return "missing";
  if (found.mtimeMs >= limit) return "young";
  const isShared = look(pool.path(digest))?.ino === found.ino;
  if (!remove(path)) return "missing";
  if (!isManifest) freed.blobs += 1;
  if (found.nlink - (isShared ? 1 : 0) === 1) freed.bytes += found.size;
  return "gone";
}

/** Files that have several names, and how many of them would be gone. */
const links = `CREATE TEMP TABLE IF NOT EXISTS links (file TEXT PRIMARY KEY, gone INTEGER NOT NULL) STRICT, WITHOUT ROWID`;

/** Forgets what was counted. */
export function clearLinks(catalog: Catalog): void {
  catalog.execute(links);
  catalog.run("DELETE FROM temp.links");
}

/** Counts what {@link retire} would free: the bytes of a file with its last name. */
export function countLink({ blobs, pool, limit, freed, catalog }: Sweep, idle: Idle): void {
  const found = look(blobs.path(idle.digest));
  if (found === undefined || found.mtimeMs >= limit) return;
  const isShared = look(pool.path(idle.digest))?.ino === found.ino;
  const row = catalog.get(
    `INSERT INTO temp.links (file, gone) VALUES (?, 1)
     ON CONFLICT DO UPDATE SET gone = gone + 1 RETURNING gone`,
    String(found.ino),
  );
  if (!idle.isManifest) freed.blobs += 1;
  if (found.nlink - (isShared ? 1 : 0) === row?.["gone"]) freed.bytes += found.size;
}

/** @returns whether it was there: somebody may delete it, who takes no turn for that */
function remove(path: string): boolean {
  try {
    announce("remove", path);
    rmSync(path);
    return true;
  } catch (error) {
    if (failedWith(error, "ENOENT")) return false;
    throw diskError(error, path);
  }
}
