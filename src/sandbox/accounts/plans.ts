/** How many private repositories a plan has, and how many of them are used. */
import type { State } from "../state/state.ts";
import type { Account } from "./accounts.ts";

/** As many as anybody could want. */
const plenty = 9999;

/** Source: Docker's docs, "Docker subscriptions and features". */
export function privateLimit({ plan }: Account): number {
  return plan === "free" ? 1 : plenty;
}

export function privateUsed(state: State, { number }: Account): number {
  const sql = "SELECT count(*) AS count FROM repositories WHERE owner = ? AND is_private = 1";
  return state.count(sql, number);
}

export function hasPrivateLeft(state: State, account: Account): boolean {
  return privateUsed(state, account) < privateLimit(account);
}
