/** One request to Scout: who asks, and what was found out for it already. */
import { type Account, findAccount, type Identity } from "../accounts/accounts.ts";
import { atLeast, levelOf, type Role, roleOf } from "../accounts/permissions.ts";
import type { Content } from "../registry/content.ts";
import { findByPath, type RepositoryRow, selectRepositories } from "../repositories.ts";
import type { State } from "../state/state.ts";
import { forbidden, missing, unauthenticated } from "./refusal.ts";
import type { Blobs } from "./sbom/blobs.ts";

/** Host of the registry, as Docker Scout calls it. */
export const hubHost = "hub.docker.com";

/** The input type `Context`. */
export interface ContextInput {
  readonly namespace?: string | null;
  readonly organization?: string | null;
}

export interface Asked {
  readonly state: State;
  readonly content: Content;
  readonly blobs: Blobs;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly identity: Identity | undefined;
  /** What was computed for this request, by its name. */
  readonly known: Map<string, unknown>;
}

/** Computes once in a request. */
export function once<Value>({ known }: Asked, name: string, compute: () => Value): Value {
  if (!known.has(name)) known.set(name, compute());
  return known.get(name) as Value;
}

/** @throws ScoutRefusal UNAUTHENTICATED */
export function signedIn({ identity }: Asked): Identity {
  if (!identity) throw unauthenticated();
  return identity;
}

/**
 * The account that a context names: an organization of whoever asks, or themselves. Undefined where it names none.
 * @throws ScoutRefusal UNAUTHENTICATED; FORBIDDEN for one that they do not belong to
 */
export function organizationOf(asked: Asked, context: ContextInput): Account | undefined {
  const { account } = signedIn(asked);
  const name = context.organization ?? context.namespace;
  if (name === undefined || name === null || name === "") return undefined;
  const organization = findAccount(asked.state, name);
  // Whoever does not belong to it does not learn whether it is there.
  if (!organization || !rightsIn(asked, organization, account)) throw forbidden();
  return organization;
}

/** @throws ScoutRefusal as {@link organizationOf}, and where none is named */
export function namedOrganization(asked: Asked, context: ContextInput): Account {
  const organization = organizationOf(asked, context);
  if (!organization) throw forbidden("this needs an organization");
  return organization;
}

/** @throws ScoutRefusal FORBIDDEN for whoever is no owner or editor of it */
export function managedOrganization(asked: Asked, context: ContextInput): Account {
  const organization = namedOrganization(asked, context);
  const { account, token, orgToken } = signedIn(asked);
  if (orgToken) throw forbidden("an organization access token reads only");
  const role = rightsIn(asked, organization, account);
  if (role !== "owner" && role !== "editor") throw forbidden("this takes an owner or an editor");
  if (token && !token.scopes.includes("repo:admin") && !token.scopes.includes("repo:write"))
    throw forbidden("the access token reads only");
  return organization;
}

/** The role in an organization; whoever asks is the owner of what is their own. */
function rightsIn({ state }: Asked, organization: Account, account: Account): Role | undefined {
  if (organization.number === account.number) return "owner";
  return roleOf(state, organization, account);
}

/** The repositories of an organization that whoever asks may read. */
export function repositoriesOf(asked: Asked, { number }: Account): readonly RepositoryRow[] {
  return once(asked, `repositories ${number}`, () =>
    asked.state
      .all<RepositoryRow>(`${selectRepositories} WHERE r.owner = ? ORDER BY r.name`, number)
      .filter((row) => atLeast(levelOf(asked.state, asked.identity, row), "read")),
  );
}

/** Public repositories that hold an image, whose digest is given. */
export function publicRepositoriesWith(asked: Asked, digest: string): readonly RepositoryRow[] {
  return asked.state.all<RepositoryRow>(
    `${selectRepositories} WHERE r.is_private = 0
     AND r.id IN (SELECT repository FROM manifests WHERE digest = ?) ORDER BY r.id`,
    digest,
  );
}

/** A repository by its name, as far as whoever asks may read it. @throws ScoutRefusal NOT_FOUND */
export function readable(asked: Asked, path: string): RepositoryRow {
  const row = findByPath(asked.state, path);
  if (!row || !atLeast(levelOf(asked.state, asked.identity, row), "read"))
    throw missing(`there is no repository ${path}`);
  return row;
}

export const pathOf = ({ namespace, name }: Pick<RepositoryRow, "namespace" | "name">) =>
  `${namespace}/${name}`;
