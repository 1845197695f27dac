/** One run over one repository: what all parts of the collector work with. */
import { setImmediate } from "node:timers/promises";

import { interrupted } from "../../../errors.ts";
import type { Digest } from "../../../reference/descriptor.ts";
import type { BlobFolder } from "../../disk/blobFolder.ts";
import type { Pool } from "../../disk/pool.ts";
import type { Catalog } from "../catalog.ts";
import type { RepositoryRecords } from "../records.ts";
import { look } from "./files.ts";

/** Rows that are read at once, and files that are removed at once: some milliseconds of work, between which others run. */
export const pageSize = 200;

/** What was freed, or would be. */
export interface Freed {
  manifests: number;
  /** Configurations, layers and other blobs; manifests do not count here. */
  blobs: number;
  /** Bytes of the disk, those of manifests included. What another repository still has frees none. */
  bytes: number;
}

export interface Sweep {
  readonly catalog: Catalog;
  readonly pool: Pool;
  /** The repository's number in the catalogue. */
  readonly repository: number;
  readonly name: string;
  /** The folder of its layout. */
  readonly folder: string;
  readonly records: RepositoryRecords;
  readonly blobs: BlobFolder;
  /** What was confirmed then or later stays; milliseconds since 1970. */
  readonly limit: number;
  /** Whether nothing is removed. */
  readonly dryRun: boolean;
  readonly freed: Freed;
  readonly signal: AbortSignal | undefined;
}

/**
 * Lets whatever else waits in this process run.
 * @throws WharfError INTERRUPTED
 */
export async function pause({ signal }: Pick<Sweep, "signal">): Promise<void> {
  await setImmediate();
  if (signal?.aborted) throw interrupted(signal);
}

/** Whether somebody relied on the file of late; a file that is not there nobody does. */
export function isYoung({ blobs, limit }: Sweep, digest: Digest): boolean {
  return (look(blobs.path(digest))?.mtimeMs ?? -Infinity) >= limit;
}
