/** Takes a blob's name out of a repository, or counts what that would free. */
import { linkSync, renameSync, rmSync } from "node:fs";

import type { Digest } from "../../../reference/descriptor.ts";
import { diskError, failedWith } from "../../disk/failure.ts";
import { announce } from "../../disk/steps.ts";
import type { Catalog } from "../catalog.ts";
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
 * Removes the name; inside a `catalog.write`, so that no manifest comes in between.
 *
 * Somebody may be told that the blob is here after we have looked at its time. Who does that sets the time before, and
 * under its name: so the file is set aside first, and looked at again. From then on nobody finds it to set its time, and
 * nobody is told; who was told before is seen now, and the name comes back.
 */
export function retire(sweep: Sweep, { digest, isManifest }: Idle): Fate {
  const { blobs, pool, limit, freed } = sweep;
  const path = blobs.path(digest);
  const before = look(path);
  if (before === undefined) return "missing";
  if (before.mtimeMs >= limit) return "young";
  const aside = sweep.temporary();
  if (!setAside(path, aside)) return "missing";
  const found = look(aside);
  const shared = look(pool.path(digest));
  if (found === undefined || found.mtimeMs >= limit) {
    putBack(aside, path);
    return "young";
  }
  try {
    remove(aside);
  } catch (error) {
    // The next run finds it where it was.
    putBack(aside, path);
    throw error;
  }
  if (!isManifest) freed.blobs += 1;
  const isShared = shared?.ino === found.ino;
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

function remove(path: string): void {
  try {
    announce("remove", path);
    rmSync(path);
  } catch (error) {
    throw diskError(error, path);
  }
}

/** @returns whether it was there */
function setAside(path: string, aside: string): boolean {
  try {
    announce("rename", path);
    renameSync(path, aside);
    return true;
  } catch (error) {
    if (failedWith(error, "ENOENT")) return false;
    throw diskError(error, path);
  }
}

/** Gives a file its name again, unless somebody has pushed it again already. */
function putBack(aside: string, path: string): void {
  try {
    announce("link", path);
    linkSync(aside, path);
  } catch (error) {
    if (!failedWith(error, "EEXIST")) {
      // Not every file system has links.
      if (look(path) === undefined) renameSync(aside, path);
      return;
    }
  }
  rmSync(aside, { force: true });
}
