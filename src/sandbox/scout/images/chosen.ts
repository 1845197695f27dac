/** Which images of a stream a question is about. */
import type { Account } from "../../accounts/accounts.ts";
import { ownersTeam } from "../../accounts/membership.ts";
import { type Asked, hubHost, pathOf } from "../asked.ts";
import { badInput, missing } from "../refusal.ts";
import type { Image } from "./image.ts";

/** What the filters of the schema have in common. */
export interface ImageFilter {
  /** A part of the path of a repository. */
  readonly repoName?: string | null;
  readonly repos?: readonly { readonly hostName: string; readonly repoName: string }[] | null;
  /** Names of teams: the repositories that one of them has a permission for, its owners for all. */
  readonly hubTeams?: readonly string[] | null;
  readonly kvs?: readonly unknown[] | null;
}

export interface Filtered {
  readonly filter?: ImageFilter | null;
  readonly orgFilters?: readonly unknown[] | null;
}

/**
 * Tells of an image whether a filter lets it through.
 * @throws ScoutRefusal NOT_FOUND for a team that is not there; BAD_USER_INPUT for properties, which nothing here has
 */
export function chosenBy(
  asked: Asked,
  organization: Account,
  { filter, orgFilters }: Filtered,
): (image: Pick<Image, "repository">) => boolean {
  const { repoName, repos, hubTeams, kvs } = filter ?? {};
  if (orgFilters?.length || kvs?.length)
    throw badInput("the sandbox's images have no properties to filter by: kvs, orgFilters");
  const paths =
    repos && new Set(repos.flatMap((each) => (each.hostName === hubHost ? [each.repoName] : [])));
  const ofTeams = hubTeams && repositoriesOfTeams(asked, organization, hubTeams);
  return ({ repository }) =>
    (repoName == null || pathOf(repository).includes(repoName)) &&
    (!paths || paths.has(pathOf(repository))) &&
    (!ofTeams || ofTeams.has(repository.id));
}

function repositoriesOfTeams(
  { state }: Asked,
  { number }: Account,
  names: readonly string[],
): Set<number> {
  const found = new Set<number>();
  for (const name of new Set(names)) {
    const team = state.one<{ id: number }>(
      "SELECT id FROM teams WHERE org = ? AND name = ?",
      number,
      name,
    );
    if (!team) throw missing(`there is no team ${name}`);
    const rows = state.all<{ repository: number }>(
      name === ownersTeam
        ? "SELECT id AS repository FROM repositories WHERE owner = ?"
        : "SELECT repository FROM team_permissions WHERE team = ?",
      name === ownersTeam ? number : team.id,
    );
    for (const { repository } of rows) found.add(repository);
  }
  return found;
}
