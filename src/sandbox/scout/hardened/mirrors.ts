/** Repositories of an organization that mirror hardened ones. */
import type { State } from "../../state/state.ts";

export interface MirrorRow {
  readonly id: string;
  /** Name of the hardened repository. */
  readonly source: string;
  readonly namespace: string;
  readonly name: string;
}

export function mirrorsOf(state: State, org: number): MirrorRow[] {
  return state.all<MirrorRow>(
    `SELECT m.id, m.source, a.name AS namespace, r.name FROM scout_mirrors m
     JOIN repositories r ON r.id = m.repository JOIN accounts a ON a.number = r.owner
     WHERE m.org = ? ORDER BY r.name`,
    org,
  );
}

export function isMirror(state: State, repository: number): boolean {
  return state.one("SELECT 1 FROM scout_mirrors WHERE repository = ?", repository) !== undefined;
}
