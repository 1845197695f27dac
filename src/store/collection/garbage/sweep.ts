/** One run over one repository: what all parts of the collector work with. */
import { setImmediate, setTimeout } from "node:timers/promises";

import { interrupted } from "../../../errors.ts";
import type { Digest } from "../../../reference/descriptor.ts";
import type { BlobFolder } from "../../disk/blobFolder.ts";
import type { Pool } from "../../disk/pool.ts";
import type { Catalog } from "../catalog.ts";
import type { RepositoryRecords } from "../records.ts";
import { look } from "./files.ts";

/** Rows that are read at once, and files that are removed at once: some milliseconds of work, between which others run. */
export const pageSize = 50;

/** How many times as long as it works a gentle run rests, and how many milliseconds at most: waiting for a disk is no work. */
const rest = 3;
const longestRest = 20;

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
  /** What was confirmed then or later stays; milliseconds since 1970. May become earlier during a run, never later. */
  readonly limit: number;
  /** Whether nothing is removed. */
  readonly dryRun: boolean;
  readonly freed: Freed;
  readonly pace: Pace;
}

/** Lets others have their turn. */
export class Pace {
  readonly #gentle: boolean;
  readonly #signal: AbortSignal | undefined;
  #began = performance.now();

  constructor({
    gentle = false,
    signal,
  }: {
    gentle?: boolean | undefined;
    signal?: AbortSignal | undefined;
  }) {
    this.#gentle = gentle;
    this.#signal = signal;
  }

  /**
   * Lets whatever else waits in this process run. What a request does is a dozen journeys to the disk, each of which comes
   * back to this thread: if it found us at work each time, it would take a dozen of our pages. So a gentle run rests.
   * @throws WharfError INTERRUPTED
   */
  async pause(): Promise<void> {
    const worked = performance.now() - this.#began;
    if (this.#gentle) await setTimeout(Math.min(rest * worked, longestRest));
    else await setImmediate();
    if (this.#signal?.aborted) throw interrupted(this.#signal);
    this.#began = performance.now();
  }
}

/** Whether somebody relied on the file of late; a file that is not there nobody does. */
export function isYoung({ blobs, limit }: Sweep, digest: Digest): boolean {
  return (look(blobs.path(digest))?.mtimeMs ?? -Infinity) >= limit;
}
