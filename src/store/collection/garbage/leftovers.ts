/** Bytes in the pool that no repository has: somebody was killed between removing the last name and this one. */
import type { Pool } from "../../disk/pool.ts";
import { digestsIn, look } from "./files.ts";
import { pageSize } from "./sweep.ts";
import type { Freed, Sweep } from "./sweep.ts";

export async function sweepLeftovers(
  pool: Pool,
  { dryRun, pace }: Pick<Sweep, "dryRun" | "pace">,
): Promise<Freed> {
  const freed: Freed = { manifests: 0, blobs: 0, bytes: 0 };
  for await (const page of digestsIn(pool.folder, pageSize)) {
    for (const digest of page) {
      const found = look(pool.path(digest));
      if (found?.nlink !== 1) continue;
      if (!dryRun && !(await pool.drop(digest))) continue;
      freed.blobs += 1;
      freed.bytes += found.size;
    }
    await pace.pause();
  }
  return freed;
}
