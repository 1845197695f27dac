/** The people of an organization as its directory knows them: who belongs to it, and who was switched off. */
import { timingSafeEqual } from "node:crypto";

import { type State, written } from "../state/state.ts";
import { type Account, createAccount, findAccount } from "./accounts.ts";
import { join, joinTeam, leave } from "./membership.ts";
import { hashToken, newToken } from "./secrets.ts";

/** Whom the directory sends is in this team. Source: Docker Hub API, "scim". */
const team = "company";

export interface Person extends Account {
  readonly given: string | null;
  readonly family: string | null;
  /** When the directory has last said something of them. */
  readonly modified: string | null;
  /** When they joined; null for who is switched off. */
  readonly member_since: string | null;
}

export interface PersonName {
  readonly givenName?: string | undefined;
  readonly familyName?: string | undefined;
}

/** The token of an organization's directory, as long as no other was made. */
function firstScimToken(org: string): string {
  return `${org}-scim-token`;
}

/** Each organization, with the token of its directory as long as that is the first one. */
export function directories(state: State): { organization: string; scimToken: string | null }[] {
  return state
    .all<{ organization: string; renewed: number }>(
      `SELECT name AS organization, EXISTS (SELECT 1 FROM scim_tokens WHERE org = number) AS renewed
       FROM accounts WHERE type = 'Organization' ORDER BY name`,
    )
    .map(({ organization, renewed }) => ({
      organization,
      scimToken: renewed ? null : firstScimToken(organization),
    }));
}

/** A new token for the directory; the one before does not count any more. */
export function renewScimToken(state: State, org: Account): string {
  const token = newToken("");
  state.run("INSERT OR REPLACE INTO scim_tokens VALUES (?, ?)", org.number, hashToken(token));
  return token;
}

/** Whose directory has this token. */
export function organizationOfScimToken(state: State, token: string): Account | undefined {
  const hash = hashToken(token);
  const row = state.one<{ name: string }>(
    "SELECT name FROM accounts JOIN scim_tokens ON org = number WHERE hash = ?",
    hash,
  );
  if (row) return findAccount(state, row.name);
  const name = /^(.+)-scim-token$/.exec(token)?.[1] ?? "";
  const org = findAccount(state, name);
  if (org?.type !== "Organization") return undefined;
  if (state.one("SELECT 1 FROM scim_tokens WHERE org = ?", org.number)) return undefined;
  const wanted = Buffer.from(hashToken(firstScimToken(org.name)));
  return timingSafeEqual(Buffer.from(hash), wanted) ? org : undefined;
}

export function people(state: State, org: Account): Person[] {
  return state.all<Person>(
    `SELECT a.*, s.given, s.family, s.modified, m.joined AS member_since FROM accounts a
     LEFT JOIN members m ON m.account = a.number AND m.org = ?1
     LEFT JOIN scim_users s ON s.account = a.number AND s.org = ?1
     WHERE m.account IS NOT NULL OR s.account IS NOT NULL ORDER BY a.number`,
    org.number,
  );
}

/** Docker's id of an account as a UUID of version 4, which a directory's are. */
export function directoryId({ id }: Account): string {
  const variant = "89ab"[Number.parseInt(id.charAt(16), 16) & 3] ?? "8";
  return [
    id.slice(0, 8),
    id.slice(8, 12),
    `4${id.slice(13, 16)}`,
    `${variant}${id.slice(17, 20)}`,
    id.slice(20, 32),
  ].join("-");
}

export function accountByMail(state: State, mail: string): Account | undefined {
  return state.one<Account>(
    "SELECT * FROM accounts WHERE type = 'User' AND lower(email) = lower(?)",
    mail,
  );
}

/** A user whom the directory has brought, with the password `NAME-password`. @param time milliseconds since 1970 */
export function createByMail(state: State, email: string, name: PersonName, time: number): Account {
  const docker = freeName(state, email);
  const fullName = [name.givenName, name.familyName].filter(Boolean).join(" ");
  return createAccount(
    state,
    { name: docker, fullName, email, password: `${docker}-password` },
    time,
  );
}

/** Takes somebody in, or back. @param time milliseconds since 1970 */
export function enable(state: State, org: Account, account: Account, time: number): void {
  join(state, org, account, "member", time);
  joinTeam(state, org, account, team);
  note(state, org, account, {}, time);
}

/** Takes somebody out of the organization; the directory goes on knowing them. @param time milliseconds since 1970 */
export function disable(state: State, org: Account, account: Account, time: number): void {
  leave(state, org, account);
  note(state, org, account, {}, time);
}

/** Notes what the directory says of a name; what it does not say stays. @param time milliseconds since 1970 */
export function note(
  state: State,
  org: Account,
  account: Account,
  { givenName, familyName }: PersonName,
  time: number,
): void {
  state.run(
    `INSERT INTO scim_users VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO UPDATE SET
       given = coalesce(?3, given), family = coalesce(?4, family), modified = ?5`,
    org.number,
    account.number,
    givenName ?? null,
    familyName ?? null,
    written(time),
  );
}

/** A Docker ID after a mail address: letters and digits, four at least. */
function freeName(state: State, email: string): string {
  const local = email
    .split("@", 1)[0]!
    .toLowerCase()
    .replace(/[^a-z0-9]/g, "")
    .slice(0, 24);
  const base = local.length < 4 ? `${local}user` : local;
  let name = base;
  for (let number = 2; findAccount(state, name); number += 1) name = base + number;
  return name;
}
