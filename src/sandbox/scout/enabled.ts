/** Which repositories are analysed: those that were pushed while that was wished for, and those that somebody switched on. */
import type { Account } from "../accounts/accounts.ts";
import type { RepositoryRow } from "../repositories.ts";
import { type State, written } from "../state/state.ts";

interface Row {
  readonly enabled: number;
  readonly blocked: number;
}

type Named = Pick<RepositoryRow, "id" | "owner">;

export function isAnalysed(state: State, repository: Named): boolean {
  const row = rowOf(state, repository);
  if (row?.blocked === 1) return false;
  return row ? row.enabled === 1 : isEnabledOnPush(state, repository.owner);
}

export function isBlocked(state: State, repository: Named): boolean {
  return rowOf(state, repository)?.blocked === 1;
}

export function setAnalysed(state: State, repository: Named, enabled: boolean, now: number): void {
  state.run(
    `INSERT INTO scout_repositories (repository, enabled) VALUES (?1, ?2)
     ON CONFLICT DO UPDATE SET enabled = ?2`,
    repository.id,
    enabled ? 1 : 0,
  );
  note(state, repository.owner, now);
}

export function setBlocked(state: State, repository: Named, blocked: boolean, now: number): void {
  const enabled = isAnalysed(state, repository) ? 1 : 0;
  state.run(
    `INSERT INTO scout_repositories VALUES (?1, ?2, ?3)
     ON CONFLICT DO UPDATE SET blocked = ?3`,
    repository.id,
    enabled,
    blocked ? 1 : 0,
  );
  note(state, repository.owner, now);
}

/** Whether what is pushed from now on is analysed; it is, unless somebody said otherwise. */
export function isEnabledOnPush(state: State, org: number): boolean {
  return settingOf(state, org, "enableOnPush") !== "false";
}

/** Repositories that are there stay as they are. */
export function setEnabledOnPush(state: State, { number }: Account, enabled: boolean): void {
  state.run(
    `INSERT OR IGNORE INTO scout_repositories (repository, enabled)
     SELECT id, ?2 FROM repositories WHERE owner = ?1`,
    number,
    isEnabledOnPush(state, number) ? 1 : 0,
  );
  set(state, number, "enableOnPush", String(enabled));
}

/** When somebody last switched a repository on or off. */
export function lastChange(state: State, org: number): string | null {
  return settingOf(state, org, "enablementChanged") ?? null;
}

function note(state: State, org: number, now: number): void {
  set(state, org, "enablementChanged", written(now));
}

function rowOf(state: State, { id }: Named): Row | undefined {
  return state.one<Row>("SELECT enabled, blocked FROM scout_repositories WHERE repository = ?", id);
}

function settingOf(state: State, org: number, name: string): string | undefined {
  return state.one<{ value: string }>(
    "SELECT value FROM scout_settings WHERE org = ? AND name = ?",
    org,
    name,
  )?.value;
}

function set(state: State, org: number, name: string, value: string): void {
  state.run("INSERT OR REPLACE INTO scout_settings VALUES (?, ?, ?)", org, name, value);
}
