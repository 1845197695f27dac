/** Users and organizations. */
import { createHash } from "node:crypto";

import { type State, written } from "../state/state.ts";
import { type OrgToken, useOrgToken } from "./orgTokens.ts";
import { hashPassword, hashToken, isPassword } from "./secrets.ts";

export interface Account {
  /** What other tables call it. */
  readonly number: number;
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly name: string;
  readonly type: "User" | "Organization";
  readonly full_name: string;
  readonly company: string;
  readonly location: string;
  readonly email: string;
  /** official, verified_publisher, open_source or none. */
  readonly badge: string;
  /** free is limited in pulls. */
  readonly plan: string;
  readonly joined: string;
  readonly password: string | null;
  /** Secret of the second factor, base 32. */
  readonly totp: string | null;
  readonly totp_step: number;
  readonly last_login: string | null;
}

/** What a session, or a token for the registry, was opened with. */
export interface Identity {
  readonly account: Account;
  /** The personal access token; undefined for a password. */
  readonly token?: { readonly uuid: string; readonly scopes: readonly string[] };
  /** The organization's access token; the account is the organization. */
  readonly orgToken?: OrgToken;
  /** Id of the session, where there is one. */
  readonly session?: { readonly id: string; readonly expires: number };
}

export interface NewAccount {
  readonly name: string;
  readonly type?: Account["type"];
  readonly fullName?: string;
  readonly company?: string;
  readonly location?: string;
  /** @default NAME@example.com, for a user */
  readonly email?: string;
  readonly badge?: string;
  readonly plan?: string;
  readonly password?: string;
  readonly totp?: string;
}

export function findAccount(state: State, name: string): Account | undefined {
  return state.one<Account>("SELECT * FROM accounts WHERE name = ?", nameOf(name));
}

/** Those of a seed that are there: a folder may have begun with another one. */
export function accountsThere<One extends { readonly name: string }>(
  accounts: readonly One[],
  state: State,
): One[] {
  return accounts.filter(({ name }) => findAccount(state, name) !== undefined);
}

/** Names are lower case; `_` is how Docker's pages write the namespace of official images. */
export function nameOf(name: string): string {
  return name === "_" ? "library" : name.toLowerCase();
}

/** @param time milliseconds since 1970 */
export function createAccount(state: State, account: NewAccount, time: number): Account {
  const {
    name,
    type = "User",
    fullName = "",
    company = "",
    location = "",
    plan = "free",
  } = account;
  state.run(
    `INSERT INTO accounts (id, name, type, full_name, company, location, email, badge, plan, joined, password, totp)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    idOf("account", name),
    name,
    type,
    fullName,
    company,
    location,
    account.email ?? (type === "User" ? `${name}@example.com` : ""),
    account.badge ?? "none",
    plan,
    written(time),
    account.password === undefined ? null : hashPassword(account.password),
    account.totp ?? null,
  );
  return findAccount(state, name)!;
}

/**
 * Whose password or access token that is; undefined where it is neither, or the token does not count any more. An
 * organization has tokens only.
 * @param time milliseconds since 1970
 */
export function identify(
  state: State,
  name: string,
  secret: string,
  time: number,
): Identity | undefined {
  const account = findAccount(state, name);
  if (!account) return undefined;
  if (account.type === "Organization") {
    const orgToken = useOrgToken(state, account, hashToken(secret), time);
    return orgToken && { account, orgToken };
  }
  const token = usableToken(state, account, hashToken(secret), time);
  if (token) return { account, token };
  return account.password !== null && isPassword(secret, account.password)
    ? { account }
    : undefined;
}

/** Whether a password alone is not enough: the account has a second factor. */
export function needsCode({ account, token }: Identity): boolean {
  return account.totp !== null && !token;
}

/** What makes a personal access token count; `?1` is now. */
const counts = "is_active = 1 AND (expires IS NULL OR expires > ?1)";

interface TokenRow {
  readonly uuid: string;
  /** JSON. */
  readonly scopes: string;
}

function usableToken(state: State, account: Account, hash: string, time: number) {
  const row = state.one<TokenRow>(
    `UPDATE access_tokens SET last_used = ?1 WHERE hash = ?2 AND account = ?3 AND ${counts}
     RETURNING uuid, scopes`,
    written(time),
    hash,
    account.number,
  );
  return row && tokenIn(row);
}

/** Whose personal access token that is, noted as used now. @param time milliseconds since 1970 */
export function accountOfToken(state: State, secret: string, time: number): Account | undefined {
  const row = state.one<{ account: number }>(
    `UPDATE access_tokens SET last_used = ?1 WHERE hash = ?2 AND ${counts} RETURNING account`,
    written(time),
    hashToken(secret),
  );
  return row && state.one<Account>("SELECT * FROM accounts WHERE number = ?", row.account);
}

/** The token with which a session was opened, as long as it counts. */
export function tokenOf(state: State, uuid: string, time: number): Identity["token"] | undefined {
  const row = state.one<TokenRow>(
    `SELECT uuid, scopes FROM access_tokens WHERE uuid = ?2 AND ${counts}`,
    written(time),
    uuid,
  );
  return row && tokenIn(row);
}

function tokenIn({ uuid, scopes }: TokenRow) {
  return { uuid, scopes: JSON.parse(scopes) as string[] };
}

/** An id that is the same in every sandbox: 32 hexadecimal digits. */
export function idOf(kind: string, name: string): string {
  return createHash("sha256").update(`${kind} ${name}`).digest("hex").slice(0, 32);
}

/** The same as a UUID. */
export function uuidOf(kind: string, name: string): string {
  return idOf(kind, name).replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/** What everybody may know of an account. */
export function profileOf(account: Account) {
  return {
    id: account.id,
    uuid: account.id,
    username: account.name,
    full_name: account.full_name,
    location: account.location,
    company: account.company,
    profile_url: "",
    date_joined: account.joined,
    gravatar_url: `https://www.gravatar.com/avatar/${createHash("md5").update(account.email).digest("hex")}?s=80&r=g&d=mm`,
    gravatar_email: "",
    type: account.type,
  };
}
