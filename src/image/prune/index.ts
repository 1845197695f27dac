/** Deleting tags by rules. */
export { executePrune, type ExecuteOptions, type PruneEvent, type PruneResult } from "./execute.ts";
export { planPrune, type PrunePlan } from "./plan.ts";
export type { Loose } from "./reach.ts";
export type { Decision, KeepReason, PruneReason, PruneRules } from "./rules.ts";
