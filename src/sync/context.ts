/** What the parts of a run share. */
import type { Batch } from "../transfer/batch.ts";
import type { CopyEvent } from "../transfer/event.ts";
import type { Hosts } from "../transfer/slots.ts";
import type { Budgets } from "./budgets.ts";
import type { SyncEvent } from "./event.ts";
import type { Landed } from "./landed.ts";
import type { Door } from "./pool.ts";
import type { PrunePlan } from "./prune.ts";
import type { Selections } from "./selections.ts";
import type { Stores } from "./stores.ts";

export interface Context {
  readonly stores: Stores;
  readonly budgets: Budgets;
  readonly hosts: Hosts;
  readonly landed: Landed;
  readonly selections: Selections;
  /** Images and repositories at once. */
  readonly jobs: number;
  readonly images: Door;
  /** Ends the run: the caller's abort, or the first failure where that is wished. */
  readonly batch: Batch;
  readonly failFast: boolean;
  readonly dryRun: boolean;
  /** Tags that the target has are left alone. */
  readonly missing: boolean;
  readonly plans: PrunePlan[];
  readonly tell: (event: SyncEvent) => void;
  readonly onCopy: ((event: CopyEvent, target: string) => void) | undefined;
  /** Where not the user's. */
  readonly cacheFolder: string | undefined;
  readonly now: () => Date;
}
