/** Who belongs to an organization. Whoever owns it is in its team `owners`, and the other way round. */
import { randomUUID } from "node:crypto";

import { type State, written } from "../state/state.ts";
import type { Account } from "./accounts.ts";
import { type Role, roleOf } from "./permissions.ts";

export const ownersTeam = "owners";

/** Does nothing for who belongs to it already. @param time milliseconds since 1970 */
export function join(state: State, org: Account, account: Account, role: Role, time: number): void {
  const { changes } = state.run(
    "INSERT OR IGNORE INTO members VALUES (?, ?, ?, ?)",
    org.number,
    account.number,
    role,
    written(time),
  );
  if (changes === 0) return;
  tellOwners(state, org, account, role);
  // Who is there waits for nothing.
  state.run(
    "DELETE FROM invites WHERE org = ? AND invitee IN (?, ?)",
    org.number,
    account.name,
    account.email.toLowerCase(),
  );
}

export function setRole(state: State, org: Account, account: Account, role: Role): void {
  state.run(
    "UPDATE members SET role = ? WHERE org = ? AND account = ?",
    role,
    org.number,
    account.number,
  );
  tellOwners(state, org, account, role);
}

/** Takes somebody out of an organization and of its teams. */
export function leave(state: State, org: Account, account: Account): void {
  state.run("DELETE FROM members WHERE org = ? AND account = ?", org.number, account.number);
  state.run(
    "DELETE FROM team_members WHERE account = ? AND team IN (SELECT id FROM teams WHERE org = ?)",
    account.number,
    org.number,
  );
}

/** Puts a member into a team, which is made where there is none. */
export function joinTeam(state: State, org: Account, account: Account, team: string): void {
  state.run(
    "INSERT OR IGNORE INTO teams (uuid, org, name) VALUES (?, ?, ?)",
    randomUUID(),
    org.number,
    team,
  );
  state.run(
    "INSERT OR IGNORE INTO team_members SELECT id, ? FROM teams WHERE org = ? AND name = ?",
    account.number,
    org.number,
    team,
  );
  if (team === ownersTeam) setRole(state, org, account, "owner");
}

/** Names of the teams of an organization that somebody is in. */
export function teamsOf(state: State, org: Account, account: Account): string[] {
  const rows = state.all<{ name: string }>(
    "SELECT name FROM teams JOIN team_members ON team = id WHERE org = ? AND account = ? ORDER BY name",
    org.number,
    account.number,
  );
  return rows.map(({ name }) => name);
}

/** Whether somebody is the only owner that an organization has. */
export function isLastOwner(state: State, org: Account, account: Account): boolean {
  const others = state.count(
    "SELECT count(*) AS count FROM members WHERE org = ? AND role = 'owner' AND account <> ?",
    org.number,
    account.number,
  );
  return others === 0 && roleOf(state, org, account) === "owner";
}

function tellOwners(state: State, org: Account, account: Account, role: Role): void {
  const sql =
    role === "owner"
      ? "INSERT OR IGNORE INTO team_members SELECT id, ?1 FROM teams WHERE org = ?2 AND name = ?3"
      : "DELETE FROM team_members WHERE account = ?1 AND team IN (SELECT id FROM teams WHERE org = ?2 AND name = ?3)";
  state.run(sql, account.number, org.number, ownersTeam);
}
