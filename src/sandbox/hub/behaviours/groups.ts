/** Teams of an organization. */
import { randomUUID } from "node:crypto";

import type * as declared from "../../../hub/operations/groups.ts";
import { type Account, profileOf } from "../../accounts/accounts.ts";
import { isLastOwner, joinTeam, ownersTeam, setRole } from "../../accounts/membership.ts";
import { roleOf } from "../../accounts/permissions.ts";
import { orgSubject, record } from "../../events/audit.ts";
import type { State } from "../../state/state.ts";
import { type Behaviours, type Context, Reply } from "../context.ts";
import { containing, pageOfList } from "../pages.ts";
import { badRequest, conflict, notFound } from "../refusal.ts";
import { accountNamed, organizationFor } from "./found.ts";

interface Row {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly description: string;
  readonly member_count: number;
}

const select = `
  SELECT id, uuid, name, description, (SELECT count(*) FROM team_members WHERE team = id) AS member_count
  FROM teams WHERE org = ?1 `;

export const groups: Behaviours<typeof declared> = {
  list(context, { org_name, username, search, ...paging }) {
    const { org } = organizationFor(context, org_name);
    const rows = context.state.all<Row>(
      `${select} AND name LIKE ?2 ESCAPE '\\'
        AND (?3 IS NULL OR id IN (SELECT team FROM team_members WHERE account = ?3)) ORDER BY name`,
      org.number,
      containing(search),
      username === undefined ? null : accountNamed(context, username).number,
    );
    return pageOfList(context, paging, rows.map(shown));
  },

  create(context, { org_name, name, description = "" }) {
    const { org } = organizationFor(context, org_name, "owner");
    checkName(context.state, org, name);
    context.state.run(
      "INSERT INTO teams (uuid, org, name, description) VALUES (?, ?, ?, ?)",
      randomUUID(),
      org.number,
      name,
      description,
    );
    record(context, "org.team.create", orgSubject(org), { team: name });
    return new Reply(201, shown(findTeam(context.state, org, name)));
  },

  get(context, { org_name, group_name }) {
    const { org } = organizationFor(context, org_name);
    return shown(findTeam(context.state, org, group_name));
  },

  replace: (context, { description = "", ...input }) => change(context, { ...input, description }),
  update: change,

  delete(context, { org_name, group_name }) {
    const { org, team } = forOwner(context, org_name, group_name);
    keepOwners(team);
    context.state.run("DELETE FROM teams WHERE id = ?", team.id);
    record(context, "org.team.delete", orgSubject(org), { team: team.name });
  },

  listMembers(context, { org_name, group_name, search, ...paging }) {
    const { org, role } = organizationFor(context, org_name);
    const team = findTeam(context.state, org, group_name);
    const rows = context.state.all<Account>(
      `SELECT a.* FROM team_members JOIN accounts a ON a.number = account
       WHERE team = ?1 AND (a.name LIKE ?2 ESCAPE '\\' OR full_name LIKE ?2 ESCAPE '\\'
         OR (?3 AND email LIKE ?2 ESCAPE '\\')) ORDER BY a.name`,
      team.id,
      containing(search),
      role === "owner" ? 1 : 0,
    );
    return pageOfList(
      context,
      paging,
      rows.map((row) => ({ ...profileOf(row), ...(role === "owner" && { email: row.email }) })),
    );
  },

  addMember(context, { org_name, group_name, member }) {
    const { org, team } = forOwner(context, org_name, group_name);
    const account = accountNamed(context, member);
    if (roleOf(context.state, org, account) === undefined)
      throw badRequest(`${member} is no member of ${org.name}`);
    const isNew = !isIn(context.state, team, account);
    joinTeam(context.state, org, account, team.name);
    if (isNew)
      record(context, "org.team.member.add", orgSubject(org, account.name), { team: team.name });
  },

  deleteMember(context, { org_name, group_name, username }) {
    const { org, team } = forOwner(context, org_name, group_name);
    const account = accountNamed(context, username);
    if (!isIn(context.state, team, account)) throw notFound(`${username} is not in ${group_name}`);
    if (team.name === ownersTeam) {
      if (isLastOwner(context.state, org, account))
        throw badRequest("the last owner of an organization has to stay");
      setRole(context.state, org, account, "member");
    }
    context.state.run(
      "DELETE FROM team_members WHERE team = ? AND account = ?",
      team.id,
      account.number,
    );
    record(context, "org.team.member.remove", orgSubject(org, account.name), { team: team.name });
  },
};

/** @throws HubRefusal 404 */
export function findTeam(state: State, org: Account, name: string): Row {
  const row = state.one<Row>(`${select} AND name = ?2`, org.number, name.toLowerCase());
  if (!row) throw notFound(`team ${name} not found`);
  return row;
}

function forOwner(context: Context, orgName: string, name: string): { org: Account; team: Row } {
  const { org } = organizationFor(context, orgName, "owner");
  return { org, team: findTeam(context.state, org, name) };
}

function change(
  context: Context,
  input: {
    org_name: string;
    group_name: string;
    name?: string | undefined;
    description?: string | undefined;
  },
) {
  const { org, team } = forOwner(context, input.org_name, input.group_name);
  const { name = team.name, description = team.description } = input;
  if (name !== team.name) {
    keepOwners(team);
    checkName(context.state, org, name);
  }
  context.state.run(
    "UPDATE teams SET name = ?, description = ? WHERE id = ?",
    name,
    description,
    team.id,
  );
  record(context, "org.team.update", orgSubject(org), { team: name });
  return shown(findTeam(context.state, org, name));
}

function isIn(state: State, { id }: Row, { number }: Account): boolean {
  const sql = "SELECT 1 FROM team_members WHERE team = ? AND account = ?";
  return state.one(sql, id, number) !== undefined;
}

/** @throws HubRefusal 400 for the team that every organization has */
function keepOwners({ name }: Row): void {
  if (name === ownersTeam) throw badRequest(`the team ${ownersTeam} has to stay`);
}

/** @throws HubRefusal 400, or 409 for a name that is taken */
function checkName(state: State, org: Account, name: string): void {
  if (!/^[a-z0-9][a-z0-9_-]{2,29}$/.test(name))
    throw badRequest("a team's name is 3 to 30 of lower-case letters, digits, - and _");
  if (state.one("SELECT 1 FROM teams WHERE org = ? AND name = ?", org.number, name))
    throw conflict(`team ${name} already exists`);
}

function shown({ id, uuid, name, description, member_count }: Row) {
  return { id, uuid, name, description, member_count };
}
