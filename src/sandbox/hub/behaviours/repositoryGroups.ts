/** What teams may do with a repository. */
import type * as declared from "../../../hub/operations/repositoryGroups.ts";
import type { Behaviours, Context } from "../context.ts";
import { badRequest, notFound } from "../refusal.ts";
import { type RepositoryInput, repositoryFor } from "./found.ts";

interface Row {
  readonly group_id: number;
  readonly group_name: string;
  readonly permission: string;
}

export const repositoryGroups: Behaviours<typeof declared> = {
  assign(context, { group_id, permission, ...input }) {
    const { state } = context;
    const { id, owner } = repositoryFor(context, input, "admin");
    if (!state.one("SELECT 1 FROM teams WHERE id = ? AND org = ?", group_id, owner))
      throw notFound(`team ${group_id} not found`);
    if (find(context, id, group_id)) throw badRequest("the team has access already");
    state.run("INSERT INTO team_permissions VALUES (?, ?, ?)", id, group_id, permission);
    return shown(context, id, group_id);
  },

  get: (context, { group_id, ...input }) =>
    shown(context, repositoryFor(context, input, "admin").id, group_id),

  update(context, { group_id, permission, ...input }) {
    const id = assigned(context, input, group_id);
    context.state.run(
      "UPDATE team_permissions SET permission = ? WHERE repository = ? AND team = ?",
      permission,
      id,
      group_id,
    );
    return shown(context, id, group_id);
  },

  delete(context, { group_id, ...input }) {
    context.state.run(
      "DELETE FROM team_permissions WHERE repository = ? AND team = ?",
      assigned(context, input, group_id),
      group_id,
    );
  },
};

function assigned(context: Context, input: RepositoryInput, team: number): number {
  const { id } = repositoryFor(context, input, "admin");
  shown(context, id, team);
  return id;
}

function find({ state }: Context, repository: number, team: number): Row | undefined {
  return state.one<Row>(
    `SELECT team AS group_id, name AS group_name, permission
     FROM team_permissions JOIN teams ON id = team WHERE repository = ? AND team = ?`,
    repository,
    team,
  );
}

function shown(context: Context, repository: number, team: number) {
  const row = find(context, repository, team);
  if (!row) throw notFound("the team has no access");
  return { ...row };
}
