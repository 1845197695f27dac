/** What a request is about, as far as whoever asks may know of it. */
import { type Account, findAccount } from "../../accounts/accounts.ts";
import { atLeast, type Level, levelOf, type Role, roleOf } from "../../accounts/permissions.ts";
import { findRepository, type RepositoryRow } from "../../repositories.ts";
import { type Context, signedIn } from "../context.ts";
import { forbidden, notFound } from "../refusal.ts";

export interface RepositoryInput {
  readonly namespace: string;
  readonly repository: string;
}

/**
 * A repository that one may use like this.
 * @throws HubRefusal 404 for one that may not even be seen, 403 for one that may only be seen
 */
export function repositoryFor(
  context: Context,
  { namespace, repository }: RepositoryInput,
  wanted: Level,
): RepositoryRow {
  const row = findRepository(context.state, namespace, repository);
  const level = row ? levelOf(context.state, context.identity, row) : "none";
  if (!row || level === "none") throw notFound();
  // What an organization's token may do was looked at before: its scopes are no levels.
  const byScopes = context.identity?.orgToken !== undefined;
  if (!byScopes && !atLeast(level, wanted)) throw forbidden("access to the resource is forbidden");
  return row;
}

export function accountNamed({ state }: Context, name: string): Account {
  const account = findAccount(state, name);
  if (!account) throw notFound();
  return account;
}

/**
 * An organization, and what whoever asks is there.
 * @param wanted the least role that will do
 * @throws HubRefusal 404 for none, 403 for strangers and for those with too little a role
 */
export function organizationFor(
  context: Context,
  name: string,
  wanted: Role = "member",
): { org: Account; role: Role } {
  const org = findAccount(context.state, name);
  if (!org || org.type !== "Organization") throw notFound();
  const { account, orgToken } = signedIn(context);
  const itself = orgToken !== undefined && account.number === org.number;
  const role = itself ? "owner" : roleOf(context.state, org, account);
  if (role === undefined || (wanted === "owner" && role !== "owner")) throw forbidden();
  return { org, role };
}
