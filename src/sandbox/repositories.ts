/** Repositories as both halves know them. */
import { checkRepositoryName } from "../reference/name.ts";
import { type Account, findAccount, nameOf } from "./accounts/accounts.ts";
import { type State, written } from "./state/state.ts";
import { matching } from "./tagRules.ts";

export interface RepositoryRow {
  readonly id: number;
  /** Number of the account. */
  readonly owner: number;
  /** Name of the account. */
  readonly namespace: string;
  readonly name: string;
  readonly description: string;
  readonly full_description: string;
  readonly is_private: number;
  /** 1 active, 0 inactive. */
  readonly status: number;
  readonly pulls: number;
  readonly stars: number;
  readonly registered: string;
  readonly updated: string | null;
  readonly modified: string | null;
  readonly immutable: number;
  /** JSON: regular expressions. */
  readonly rules: string;
  /** JSON: slugs and names. */
  readonly categories: string;
}

/** To be continued with WHERE; the tables are `r` and `a`. */
export const selectRepositories = `
  SELECT r.*, a.name AS namespace,
    (SELECT count(*) FROM stars WHERE repository = r.id) AS stars
  FROM repositories r JOIN accounts a ON a.number = r.owner `;

export function findRepository(
  state: State,
  namespace: string,
  name: string,
): RepositoryRow | undefined {
  return state.one<RepositoryRow>(
    `${selectRepositories} WHERE a.name = ? AND r.name = ?`,
    nameOf(namespace),
    name.toLowerCase(),
  );
}

/** By the name that the registry has for it, such as `library/nginx`. */
export function findByPath(state: State, path: string): RepositoryRow | undefined {
  const [namespace, name] = splitPath(path);
  return findRepository(state, namespace, name);
}

/** Namespace and name; the namespace of official images may be left out. */
export function splitPath(path: string): [namespace: string, name: string] {
  const slash = path.indexOf("/");
  return slash < 0 ? ["library", path] : [path.slice(0, slash), path.slice(slash + 1)];
}

/** Whether this is how the registry calls a repository of Hub: namespace and name, and nothing below. */
export function isHubPath(path: string): boolean {
  if (path.split("/").length !== 2) return false;
  try {
    return checkRepositoryName(path) === path;
  } catch {
    return false;
  }
}

export function ownerOf(state: State, path: string): Account | undefined {
  return findAccount(state, splitPath(path)[0]);
}

export interface NewRepository {
  readonly name: string;
  readonly description?: string | undefined;
  readonly full_description?: string | undefined;
  readonly is_private?: boolean | undefined;
}

/** @param time milliseconds since 1970 */
export function createRepository(
  state: State,
  owner: Account,
  repository: NewRepository,
  time: number,
): RepositoryRow {
  state.run(
    `INSERT INTO repositories (owner, name, description, full_description, is_private, registered, modified)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)`,
    owner.number,
    repository.name,
    repository.description ?? "",
    repository.full_description ?? "",
    repository.is_private ? 1 : 0,
    written(time),
  );
  return findRepository(state, owner.name, repository.name)!;
}

/** What a tag names now. @param repository its number */
export function digestAt(state: State, repository: number, tag: string): string | undefined {
  const sql = "SELECT digest FROM tags WHERE repository = ? AND name = ?";
  return state.one<{ digest: string }>(sql, repository, tag)?.digest;
}

/** Whether a tag of the repository has to stay as it is; so it has where its rules take too long to tell. */
export function isImmutable(repository: RepositoryRow, tag: string): boolean {
  if (repository.immutable === 0) return false;
  const rules = JSON.parse(repository.rules) as string[];
  return rules.length === 0 || matching(rules, [tag])?.length !== 0;
}
