/** Invitations. No mail is sent: who is invited joins by the control of the sandbox. */
import { randomUUID } from "node:crypto";

import type * as declared from "../../../hub/operations/invites.ts";
import { type Account, findAccount, nameOf } from "../../accounts/accounts.ts";
import { accountByMail } from "../../accounts/directory.ts";
import { join, joinTeam } from "../../accounts/membership.ts";
import { type Role, roleOf } from "../../accounts/permissions.ts";
import { orgSubject, record } from "../../events/audit.ts";
import type { State } from "../../state/state.ts";
import { written } from "../../state/state.ts";
import { type Behaviours, type Context, Reply, signedIn } from "../context.ts";
import { badRequest, notFound } from "../refusal.ts";
import { organizationFor } from "./found.ts";
import { findTeam } from "./groups.ts";

interface Row {
  readonly id: string;
  readonly inviter: string;
  readonly invitee: string;
  readonly org: string;
  readonly team: string;
  readonly role: string;
  readonly created: string;
}

const select = `
  SELECT i.id, u.name AS inviter, invitee, o.name AS org, team, role, created
  FROM invites i JOIN accounts u ON u.number = inviter JOIN accounts o ON o.number = org `;

export const invites: Behaviours<typeof declared> = {
  list(context, { org_name }) {
    const { org } = organizationFor(context, org_name, "owner");
    const rows = context.state.all<Row>(`${select} WHERE org = ? ORDER BY i.rowid`, org.number);
    return { data: rows.map(shown) };
  },

  create(context, { org: name, invitees, team: asked = "", role = "member", dry_run = false }) {
    const { state, now } = context;
    const { org } = organizationFor(context, name, "owner");
    if (!["owner", "editor", "member"].includes(role)) throw badRequest(`there is no role ${role}`);
    const team = asked === "" ? "" : findTeam(state, org, asked).name;
    const outcomes = [...new Set(invitees)].map((invitee) => {
      const account = invitee.includes("@")
        ? accountByMail(state, invitee)
        : findAccount(state, invitee);
      const isKnown = account?.type === "User";
      if (!isKnown && !/^[^\s@]+@[^\s@]+$/.test(invitee))
        return { invitee, status: "invalid_email_or_docker_id" };
      if (account && roleOf(state, org, account) !== undefined)
        return { invitee, status: "existing_org_member" };
      const guest = invitee.toLowerCase();
      if (state.one("SELECT 1 FROM invites WHERE org = ? AND invitee = ?", org.number, guest))
        return { invitee, status: "existing_invite" };
      if (dry_run) return { invitee, status: "invited" };
      const id = randomUUID();
      state.run(
        "INSERT INTO invites (id, org, inviter, invitee, team, role, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
        id,
        org.number,
        signedIn(context).account.number,
        guest,
        team,
        role,
        written(now),
      );
      record(context, "org.member.invite.send", orgSubject(org, invitee), { role });
      return { invitee, status: "invited", invite: shown(find(state, id)) };
    });
    return new Reply(202, { invitees: outcomes });
  },

  delete(context, { id }) {
    context.state.run("DELETE FROM invites WHERE id = ?", owned(context, id).id);
  },

  resend(context, { id }) {
    const { org, invitee, role } = owned(context, id);
    context.state.run("UPDATE invites SET sent = sent + 1 WHERE id = ?", id);
    const { number, name } = findAccount(context.state, org)!;
    record(context, "org.member.invite.send", orgSubject({ number, name }, invitee), { role });
    return new Reply(204, undefined);
  },
};

/**
 * What happens when somebody follows the link of an invitation.
 * @param username who does, where the invitation went to a mail address; without it, whose address that is
 * @throws HubRefusal 404 for an invitation or a user that there is not
 */
export function acceptInvite(state: State, id: string, username: string | undefined, now: number) {
  const row = find(state, id);
  const org = findAccount(state, row.org)!;
  const account = guestOf(state, row, username);
  if (account?.type !== "User") throw notFound(`there is no user ${username ?? row.invitee}`);
  state.transaction(() => {
    join(state, org, account, row.role satisfies string as Role, now);
    // The team may be gone by now.
    if (row.team !== "" && hasTeam(state, org, row.team)) joinTeam(state, org, account, row.team);
    state.run("DELETE FROM invites WHERE id = ?", id);
    record({ state, now, identity: { account } }, "org.member.add", orgSubject(org, account.name), {
      role: row.role,
    });
  });
}

function guestOf(state: State, { invitee }: Row, username: string | undefined) {
  if (!invitee.includes("@")) {
    const isOther = username !== undefined && nameOf(username) !== nameOf(invitee);
    return isOther ? undefined : findAccount(state, invitee);
  }
  return username === undefined ? accountByMail(state, invitee) : findAccount(state, username);
}

function hasTeam(state: State, org: Account, name: string): boolean {
  const sql = "SELECT 1 FROM teams WHERE org = ? AND name = ?";
  return state.one(sql, org.number, name) !== undefined;
}

/** An invitation of an organization that whoever asks owns. */
function owned(context: Context, id: string): Row {
  const row = find(context.state, id);
  organizationFor(context, row.org, "owner");
  return row;
}

function find(state: State, id: string): Row {
  const row = state.one<Row>(`${select} WHERE i.id = ?`, id);
  if (!row) throw notFound(`invite ${id} not found`);
  return row;
}

function shown({ id, inviter, invitee, org, team, role, created }: Row) {
  return { id, inviter_username: inviter, invitee, org, team, role, created_at: created };
}
