/** The numbers of a run, entry by entry. */
import type { Failure, SyncEvent } from "./event.ts";

/** What became of the images of an entry. */
export interface Counts {
  /** Repositories that were looked at. */
  readonly repositories: number;
  /** Images that were looked at. */
  readonly images: number;
  readonly new: number;
  readonly updated: number;
  readonly same: number;
  readonly kept: number;
  /** Images that failed, were not tried after a failure that concerned all, and repositories that could not be listed. */
  readonly failed: number;
  /** Tags that were deleted; in a dry run, that would be. */
  readonly pruned: number;
  /** Bytes of blobs that were sent. */
  readonly bytes: number;
  /** Signatures, SBOMs and the like that went along. */
  readonly referrers: number;
}

/** What a run could not do, and what it cost. */
export interface Failed {
  /** An image or repository of the target. */
  readonly target: string;
  /** Why. */
  readonly error: Failure;
  /** Images that were not tried because of it. */
  readonly left: number;
}

/** Failures that are kept whole; of more there is only the number. */
const failureLimit = 1000;

const nothing: Counts = {
  repositories: 0,
  images: 0,
  new: 0,
  updated: 0,
  same: 0,
  kept: 0,
  failed: 0,
  pruned: 0,
  bytes: 0,
  referrers: 0,
};

export class Tally {
  readonly failures: Failed[] = [];
  readonly #entries: { -readonly [Count in keyof Counts]: number }[] = [];
  readonly #dryRun: boolean;

  constructor(entries: number, { dryRun = false }: { readonly dryRun?: boolean } = {}) {
    for (let i = 0; i < entries; i += 1) this.#entries.push({ ...nothing });
    this.#dryRun = dryRun;
  }

  /** Numbers of each entry, in the order of the file. */
  get entries(): readonly Counts[] {
    return this.#entries;
  }

  get totals(): Counts {
    const sum = { ...nothing } as { -readonly [Count in keyof Counts]: number };
    for (const counts of this.#entries)
      for (const name of Object.keys(sum) as (keyof Counts)[]) sum[name] += counts[name];
    return sum;
  }

  count(event: SyncEvent): void {
    const counts = this.#entries[event.entry]!;
    switch (event.type) {
      case "repository":
        if (event.state === "begun") counts.repositories += 1;
        else {
          counts.failed += event.left;
          this.#fail(event.target, event.error, event.left);
        }
        break;
      case "image":
        counts.images += 1;
        counts[event.state] += 1;
        counts.bytes += event.totals?.bytes.copied ?? 0;
        counts.referrers += event.totals?.referrers ?? 0;
        if (event.error) this.#fail(event.target, event.error, 0);
        break;
      case "prune":
        if (event.state === (this.#dryRun ? "planned" : "deleted")) counts.pruned += 1;
        if (event.error === undefined) break;
        counts.failed += 1;
        this.#fail(event.target, event.error, 0);
        break;
      case "note":
    }
  }

  #fail(target: string, error: Failure, left: number): void {
    if (this.failures.length < failureLimit) this.failures.push({ target, error, left });
  }
}
