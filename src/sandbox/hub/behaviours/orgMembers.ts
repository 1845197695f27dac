/** Members of an organization. There is always an owner left. */
import type * as declared from "../../../hub/operations/orgMembers.ts";
import { type Account, profileOf } from "../../accounts/accounts.ts";
import { isLastOwner, leave, setRole, teamsOf } from "../../accounts/membership.ts";
import type { Role } from "../../accounts/permissions.ts";
import { csvLine } from "../../csv.ts";
import { orgSubject, record } from "../../events/audit.ts";
import type { State } from "../../state/state.ts";
import { type Behaviours, type Context, Reply } from "../context.ts";
import { containing, pageOfList } from "../pages.ts";
import { badRequest, notFound } from "../refusal.ts";
import { organizationFor } from "./found.ts";
import { capitalized } from "./orgs.ts";

interface Row extends Account {
  readonly role: Role;
  readonly member_since: string;
}

export const orgMembers: Behaviours<typeof declared> = {
  list(context, { org_name, search, role, type = "all", invites = false, ...paging }) {
    const { org } = organizationFor(context, org_name);
    const people = type === "invitee" ? [] : members(context.state, org, { search, role });
    const asked = type === "invitee" || (invites && type === "all" && role === undefined);
    const everybody = [
      ...people.map((row) => shown(context.state, org, row)),
      ...(asked ? invitees(context.state, org, search) : []),
    ];
    return pageOfList(context, paging, everybody, 25);
  },

  export(context, { org_name }) {
    const { org } = organizationFor(context, org_name, "owner");
    const people = members(context.state, org, {}).map((row) => {
      const { full_name, username, email, role, groups } = shown(context.state, org, row);
      const joined = `${row.member_since.replace("T", " ").replace("Z", "")} +0000 UTC`;
      return [full_name, username, email, "User", role, groups.join(", "), joined];
    });
    const guests = invited(context.state, org).map(({ invitee, role, team }) => {
      const names = invitee.includes("@") ? ["", invitee] : [invitee, ""];
      return ["", ...names, "Invitee", capitalized(role), team, ""];
    });
    const header = ["Name", "Username", "Email", "Type", "Role", "Teams", "Date Joined"];
    const csv = [header, ...people, ...guests].map(csvLine).join("\n");
    return new Reply(200, `${csv}\n`, {
      "content-type": "text/csv",
      "content-disposition": `attachment;filename="${org.name}-members-${context.now}.csv"`,
    });
  },

  update(context, { org_name, username, role }) {
    const { org } = organizationFor(context, org_name, "owner");
    const row = find(context, org, username);
    if (role !== "owner") keepOwner(context.state, org, row);
    setRole(context.state, org, row, role);
    record(context, "org.member.role.change", orgSubject(org, row.name), {
      from: row.role,
      to: role,
    });
    return shown(context.state, org, find(context, org, username));
  },

  delete(context, { org_name, username }) {
    const { state } = context;
    const { org } = organizationFor(context, org_name, "owner");
    const row = find(context, org, username);
    keepOwner(state, org, row);
    leave(state, org, row);
    record(context, "org.member.remove", orgSubject(org, row.name));
  },
};

function members(
  state: State,
  org: Account,
  { search, role }: { search?: string | undefined; role?: Role | undefined },
): Row[] {
  return state.all<Row>(
    `SELECT a.*, role, m.joined AS member_since FROM members m JOIN accounts a ON a.number = account
     WHERE org = ?1 AND (?2 IS NULL OR role = ?2)
       AND (a.name LIKE ?3 ESCAPE '\\' OR full_name LIKE ?3 ESCAPE '\\' OR email LIKE ?3 ESCAPE '\\')
     ORDER BY a.name`,
    org.number,
    role ?? null,
    containing(search),
  );
}

function find(context: Context, org: Account, username: string): Row {
  const row = members(context.state, org, {}).find(({ name }) => name === username.toLowerCase());
  if (!row) throw notFound(`${username} is no member of ${org.name}`);
  return row;
}

/** @throws HubRefusal where this is the last owner */
function keepOwner(state: State, org: Account, row: Row): void {
  if (isLastOwner(state, org, row))
    throw badRequest("the last owner of an organization has to stay");
}

function shown(state: State, org: Account, row: Row) {
  return {
    ...profileOf(row),
    email: row.email,
    role: capitalized(row.role),
    groups: teamsOf(state, org, row),
    is_guest: false,
    primary_email: row.email,
    ...(row.last_login !== null && {
      last_logged_in_at: row.last_login,
      last_seen_at: row.last_login,
    }),
    last_desktop_version: "",
  };
}

interface Invited {
  readonly id: string;
  readonly invitee: string;
  readonly team: string;
  readonly role: string;
  readonly created: string;
}

function invited(state: State, org: Account, search?: string): Invited[] {
  return state.all<Invited>(
    "SELECT * FROM invites WHERE org = ? AND invitee LIKE ? ESCAPE '\\' ORDER BY rowid",
    org.number,
    containing(search),
  );
}

function invitees(state: State, org: Account, search: string | undefined) {
  return invited(state, org, search).map(({ id, invitee, team, created }) => ({
    id,
    username: invitee.includes("@") ? "" : invitee,
    full_name: "",
    email: invitee.includes("@") ? invitee : "",
    date_joined: created,
    type: "User",
    role: "Invitee",
    groups: team === "" ? [] : [team],
  }));
}
