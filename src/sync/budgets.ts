/** The pulls that each source still allows, over a whole run. */
import { join } from "node:path";

import type { PullLimit } from "../registry/pullLimit.ts";
import { PullBudget, type PullCount, type PullWait } from "../transfer/budget.ts";
import { openShelf, type DiskShelf } from "../transfer/budgetShelf.ts";
import { guardPulls } from "../transfer/plan.ts";

/** How many pulls must be left at registries that count them, and how long to wait for more. */
export interface BudgetOptions {
  /** Pulls that must be left at each registry. @default 0 */
  readonly keep?: number;
  /** Milliseconds to wait for more, all waits together. @default 0: what needs more fails */
  readonly wait?: number;
  /** Called when a wait begins. */
  readonly onWait?: (registry: string, wait: PullWait) => void;
}

/** What was taken from a registry that counts pulls. */
export interface PullReport {
  readonly registry: string;
  readonly pulls: PullCount;
  /** What it stated last. */
  readonly limit: PullLimit;
}

export class Budgets {
  readonly #budgets = new Map<string, PullBudget>();
  readonly #options: BudgetOptions;
  readonly #shelf: DiskShelf;

  /** @param folder for caches @default the user's */
  constructor(options: BudgetOptions, folder?: string) {
    this.#options = options;
    this.#shelf = openShelf(folder === undefined ? undefined : join(folder, "manifests"));
  }

  /** Watches over the pulls from a registry. @param store one of its repositories */
  guard(store: object, registry: string): void {
    const { onWait, ...options } = this.#options;
    const known = this.#budgets.get(registry);
    const tell = onWait && ((wait: PullWait) => onWait(registry, wait));
    const budget =
      known ?? new PullBudget({ ...options, shelf: this.#shelf, ...(tell && { onWait: tell }) });
    this.#budgets.set(registry, budget);
    guardPulls(store, budget);
  }

  /** Whether the registry, as far as it was asked, counts pulls. */
  counts(registry: string): boolean {
    return this.#budgets.get(registry)?.limit !== undefined;
  }

  /** Registries that count pulls. */
  get reports(): PullReport[] {
    return Array.from(this.#budgets, ([registry, { count, limit }]) => {
      return limit === undefined ? [] : [{ registry, pulls: count, limit }];
    }).flat();
  }

  close(): Promise<void> {
    return this.#shelf.close();
  }
}
