/** Who may do what: by ownership, role, team and the scopes of a token. */
import type { State } from "../state/state.ts";
import type { RepositoryRow } from "../repositories.ts";
import type { Account, Identity } from "./accounts.ts";
import { levelByToken, placeOf } from "./orgTokens.ts";
import { allowOrganization, allowRepository } from "./scopes.ts";

/** Each includes the ones before it. */
export const levels = ["none", "read", "write", "admin"] as const;
export type Level = (typeof levels)[number];
export type RegistryAction = "pull" | "push";
export type Role = "owner" | "editor" | "member";

export function atLeast(level: Level, wanted: Level): boolean {
  return levels.indexOf(level) >= levels.indexOf(wanted);
}

/** What somebody may do with a repository; `undefined` is whoever has not signed in. */
export function levelOf(
  state: State,
  identity: Identity | undefined,
  repository: RepositoryRow,
): Level {
  const open: Level = repository.is_private ? "none" : "read";
  if (!identity) return open;
  if (identity.orgToken) return levelByToken(identity.account, identity.orgToken, repository);
  const granted = ofAccount(state, identity.account, repository);
  const level = atLeast(granted, open) ? granted : open;
  const ceiling = ceilingOf(identity, repository.is_private === 1);
  return atLeast(level, ceiling) ? ceiling : level;
}

/**
 * Whether lists show a repository to somebody. To an organization's token they show what is private by a scope of its own,
 * whatever else it may do with it.
 */
export function isListed(
  state: State,
  identity: Identity | undefined,
  repository: RepositoryRow,
): boolean {
  if (identity?.orgToken && repository.is_private)
    return (
      repository.owner === identity.account.number &&
      allowOrganization(identity.orgToken.resources, "repository-list")
    );
  return levelOf(state, identity, repository) !== "none";
}

/** Whether somebody may create repositories in a namespace. */
export function mayCreate(state: State, identity: Identity | undefined, owner: Account): boolean {
  if (!identity) return false;
  if (identity.orgToken) return mayCreateByToken(identity, owner);
  return ceilingOf(identity, false) === "admin" && isHome(state, identity.account, owner);
}

/** What the registry lets somebody do with a repository that is there. */
export function registryActions(
  state: State,
  identity: Identity | undefined,
  repository: RepositoryRow,
): readonly RegistryAction[] {
  if (identity?.orgToken) {
    const { resources } = identity.orgToken;
    const place = placeOf(repository);
    // What others have is not written to, whatever a scope says.
    const own = repository.owner === identity.account.number;
    if (own && allowRepository(resources, place, "image-push")) return ["pull", "push"];
    return allowRepository(resources, place, "image-pull") ? ["pull"] : [];
  }
  const level = levelOf(state, identity, repository);
  if (atLeast(level, "write")) return ["pull", "push"];
  return atLeast(level, "read") ? ["pull"] : [];
}

/**
 * Whether a push may bring a repository into being: a personal token that may write is enough for that, an
 * organization's has to be for creating, too.
 */
export function mayPushNew(
  state: State,
  identity: Identity | undefined,
  owner: Account,
  path: string,
): boolean {
  if (!identity) return false;
  if (identity.orgToken) {
    const place = { path, isPrivate: false };
    return (
      mayCreateByToken(identity, owner) &&
      allowRepository(identity.orgToken.resources, place, "image-push")
    );
  }
  return atLeast(ceilingOf(identity, false), "write") && isHome(state, identity.account, owner);
}

export function roleOf(
  state: State,
  org: Pick<Account, "number">,
  account: Pick<Account, "number">,
): Role | undefined {
  return state.one<{ role: Role }>(
    "SELECT role FROM members WHERE org = ? AND account = ?",
    org.number,
    account.number,
  )?.role;
}

function mayCreateByToken({ account, orgToken }: Identity, owner: Account): boolean {
  if (!orgToken || account.number !== owner.number) return false;
  return allowOrganization(orgToken.resources, "repository-create");
}

function isHome(state: State, account: Account, owner: Account): boolean {
  if (account.number === owner.number) return true;
  const role = roleOf(state, owner, account);
  return role === "owner" || role === "editor";
}

function ofAccount(state: State, account: Account, { id, owner }: RepositoryRow): Level {
  if (account.number === owner) return "admin";
  const rows = state.all<{ level: Level }>(
    `SELECT 'admin' AS level FROM members WHERE org = ?1 AND account = ?2 AND role IN ('owner', 'editor')
     UNION ALL
     SELECT permission FROM team_permissions JOIN team_members USING (team) WHERE repository = ?3 AND account = ?2
     UNION ALL
     SELECT 'write' FROM collaborators WHERE repository = ?3 AND account = ?2`,
    owner,
    account.number,
    id,
  );
  return levels.findLast((level) => rows.some((row) => row.level === level)) ?? "none";
}

/** What a token's scopes leave of what its owner may. */
function ceilingOf({ token }: Identity, isPrivate: boolean): Level {
  if (!token) return "admin";
  const { scopes } = token;
  if (scopes.includes("repo:admin")) return "admin";
  if (scopes.includes("repo:write")) return "write";
  if (scopes.includes("repo:read")) return "read";
  return scopes.includes("repo:public_read") && !isPrivate ? "read" : "none";
}
