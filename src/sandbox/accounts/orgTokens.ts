/** Access tokens of organizations: what counts, and what a session that one of them opened may do. */
import type { RepositoryRow } from "../repositories.ts";
import { type State, written } from "../state/state.ts";
import type { Account } from "./accounts.ts";
import type { Level } from "./permissions.ts";
import { allowOrganization, allowRepository, nameRepository, type Resource } from "./scopes.ts";

export interface OrgToken {
  readonly id: string;
  readonly resources: readonly Resource[];
}

interface Row {
  readonly id: string;
  readonly resources: string;
}

const counts = "is_active = 1 AND (expires IS NULL OR expires > ?1)";

/** The token of an organization that hashes to this, noted as used now. @param time milliseconds since 1970 */
export function useOrgToken(
  state: State,
  org: Account,
  hash: string,
  time: number,
): OrgToken | undefined {
  const row = state.one<Row>(
    `UPDATE org_access_tokens SET last_used = ?1 WHERE hash = ?2 AND org = ?3 AND ${counts}
     RETURNING id, resources`,
    written(time),
    hash,
    org.number,
  );
  return row && read(row);
}

/** The token with which a session was opened, as long as it counts. @param time milliseconds since 1970 */
export function orgTokenOf(state: State, id: string, time: number): OrgToken | undefined {
  const row = state.one<Row>(
    `SELECT id, resources FROM org_access_tokens WHERE id = ?2 AND ${counts}`,
    written(time),
    id,
  );
  return row && read(row);
}

/** What the scopes make of a repository, in the words of teams' permissions. Another's is seen where everybody sees it. */
export function levelByToken(org: Account, { resources }: OrgToken, row: RepositoryRow): Level {
  const open: Level = row.is_private ? "none" : "read";
  if (row.owner !== org.number) return open;
  const place = placeOf(row);
  if (allowRepository(resources, place, "repository-admin")) return "admin";
  if (allowRepository(resources, place, "repository-edit")) return "write";
  const named = nameRepository(resources, place.path);
  return named || allowOrganization(resources, "repository-list") ? "read" : open;
}

export function placeOf({ namespace, name, is_private }: RepositoryRow) {
  return { path: `${namespace}/${name}`, isPrivate: is_private === 1 };
}

function read({ id, resources }: Row): OrgToken {
  return { id, resources: JSON.parse(resources) as Resource[] };
}
