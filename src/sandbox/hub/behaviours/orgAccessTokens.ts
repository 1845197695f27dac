/**
 * Access tokens of organizations: owners make them, with a session that a password has opened.
 * Source of the limits: Docker's docs, "Create and manage organization access tokens".
 */
import { randomUUID } from "node:crypto";

import type * as declared from "../../../hub/operations/orgAccessTokens.ts";
import type { Account } from "../../accounts/accounts.ts";
import { isPath, isScope, type Resource } from "../../accounts/scopes.ts";
import { hashToken, newToken } from "../../accounts/secrets.ts";
import { orgSubject, record } from "../../events/audit.ts";
import { findByPath } from "../../repositories.ts";
import { written, writtenMoment } from "../../state/state.ts";
import { type Behaviours, type Context, Reply, signedIn } from "../context.ts";
import { pageOf } from "../pages.ts";
import { badRequest, forbidden, invalidFields, notFound } from "../refusal.ts";
import { organizationFor } from "./found.ts";

interface Row {
  readonly id: string;
  readonly label: string;
  readonly description: string;
  readonly resources: string;
  readonly is_active: number;
  readonly creator: string;
  readonly created: string;
  readonly last_used: string | null;
  readonly expires: string | null;
}

/** Tokens of an organization, those that do not count any more among them. */
const limits: Readonly<Record<string, number>> = { free: 0, team: 10, business: 100 };
const longestDescription = 200;
/** Repositories and patterns of a token. */
const mostRepositories = 50;
/** Milliseconds for which a token may live at most, if it ends at all. */
const year = 366 * 24 * 3600_000;

export const orgAccessTokens: Behaviours<typeof declared> = {
  list(context, { org_name, ...paging }) {
    const { number } = owned(context, org_name);
    const { count, ...page } = pageOf(context, paging, countOf(context, number), (limit, offset) =>
      context.state
        .all<Row>(
          "SELECT * FROM org_access_tokens WHERE org = ? ORDER BY created DESC, id LIMIT ? OFFSET ?",
          number,
          limit,
          offset,
        )
        .map((row) => entryOf(row)),
    );
    return { total: count, ...page };
  },

  create(context, { org_name, label, description = "", resources = [], expires_at = null }) {
    const org = owned(context, org_name);
    const { state, now } = context;
    const limit = limits[org.plan] ?? 10;
    if (limit === 0) throw forbidden("organization access tokens need a Docker Team subscription");
    if (countOf(context, org.number) >= limit)
      throw badRequest(`${org.name} has ${limit} access tokens, as many as its plan allows`);
    const expires = expires_at === null ? undefined : Date.parse(expires_at);
    if (expires !== undefined && (expires <= now || expires > now + year))
      throw wrong("expires_at", "is not within a year from now");
    checkDescription(description);
    checkResources(context, org, resources);
    const id = randomUUID();
    const secret = newToken("dckr_oat_");
    state.run(
      `INSERT INTO org_access_tokens (id, org, hash, label, description, resources, creator, created, expires)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      id,
      org.number,
      hashToken(secret),
      label,
      description,
      JSON.stringify(resources),
      signedIn(context).account.name,
      written(now),
      expires_at === null ? null : writtenMoment(expires_at),
    );
    record(context, "org.access_token.create", orgSubject(org), { label });
    const { created_by: _, ...shown } = tokenOf(find(context, org, id));
    return new Reply(201, { ...shown, token: secret });
  },

  get: (context, { org_name, access_token_id }) =>
    tokenOf(find(context, owned(context, org_name), access_token_id)),

  update(context, { org_name, access_token_id, label, description, resources, is_active }) {
    const org = owned(context, org_name);
    const row = find(context, org, access_token_id);
    if (row.expires !== null && Date.parse(row.expires) <= context.now)
      throw badRequest("an access token that has expired can only be deleted");
    if (description !== undefined) checkDescription(description);
    if (resources) checkResources(context, org, resources);
    context.state.run(
      "UPDATE org_access_tokens SET label = ?, description = ?, resources = ?, is_active = ? WHERE id = ?",
      label ?? row.label,
      description ?? row.description,
      resources ? JSON.stringify(resources) : row.resources,
      (is_active ?? row.is_active === 1) ? 1 : 0,
      row.id,
    );
    record(context, "org.access_token.update", orgSubject(org), { label: label ?? row.label });
    return tokenOf(find(context, org, access_token_id));
  },

  delete(context, { org_name, access_token_id }) {
    const org = owned(context, org_name);
    const { id, label } = find(context, org, access_token_id);
    context.state.run("DELETE FROM org_access_tokens WHERE id = ?", id);
    record(context, "org.access_token.delete", orgSubject(org), { label });
  },
};

function owned(context: Context, name: string): Account {
  return organizationFor(context, name, "owner").org;
}

function countOf({ state }: Context, org: number): number {
  return state.count("SELECT count(*) AS count FROM org_access_tokens WHERE org = ?", org);
}

function find({ state }: Context, org: Account, id: string): Row {
  const row = state.one<Row>(
    "SELECT * FROM org_access_tokens WHERE id = ? AND org = ?",
    id,
    org.number,
  );
  if (!row) throw notFound("access token not found");
  return row;
}

function checkDescription(text: string): void {
  if (text.length > longestDescription)
    throw wrong("description", `has more than ${longestDescription} characters`);
}

/** @throws HubRefusal 400 for what is not the organization's, and for scopes of another kind */
function checkResources({ state }: Context, org: Account, resources: readonly Resource[]): void {
  if (resources.filter(({ type }) => type === "TYPE_REPO").length > mostRepositories)
    throw wrong("resources", `names more than ${mostRepositories} repositories`);
  for (const { type, path, scopes } of resources) {
    if (!isPath(type, path, org.name))
      throw wrong("resources", `${path} is nothing of ${org.name}'s`);
    if (type === "TYPE_REPO" && !path.includes("*") && !findByPath(state, path))
      throw wrong("resources", `there is no repository ${path}`);
    const unknown = scopes.find((scope) => !isScope(type, scope));
    if (unknown !== undefined) throw wrong("resources", `${unknown} is no scope of ${type}`);
    if (scopes.length === 0) throw wrong("resources", `${path} has no scopes`);
  }
}

function wrong(field: string, message: string) {
  return invalidFields({ area: "orgAccessTokens", isRead: false }, { [field]: [message] });
}

function entryOf(row: Row) {
  return {
    id: row.id,
    label: row.label,
    description: row.description,
    created_by: row.creator,
    is_active: row.is_active === 1,
    created_at: row.created,
    expires_at: row.expires,
    last_used_at: row.last_used,
  };
}

function tokenOf(row: Row) {
  const resources = JSON.parse(row.resources) as Resource[];
  return { ...entryOf(row), resources: resources.map((resource) => ({ ...resource })) };
}
