/** Personal access tokens. They cannot be managed with a session that one of them has opened. */
import { randomUUID } from "node:crypto";

import type * as declared from "../../../hub/operations/accessTokens.ts";
import type { Account } from "../../accounts/accounts.ts";
import { hashToken, newToken } from "../../accounts/secrets.ts";
import { written, writtenMoment } from "../../state/state.ts";
import { type Behaviours, type Context, Reply, signedIn } from "../context.ts";
import { type PageInput, pageOf } from "../pages.ts";
import { badRequest, notFound, wrongToken } from "../refusal.ts";

interface Row {
  readonly uuid: string;
  readonly label: string;
  readonly scopes: string;
  readonly is_active: number;
  readonly client: string;
  readonly address: string;
  readonly agent: string;
  readonly created: string;
  readonly last_used: string | null;
  readonly expires: string | null;
}

export const accessTokens: Behaviours<typeof declared> = {
  list,
  create: (context, { token_label, scopes, expires_at }) => {
    if (scopes.length === 0) throw badRequest("at least one scope is required");
    return create(context, token_label, scopes, expires_at);
  },
  get: (context, { uuid }) => shown(find(context, uuid)),
  update,
  delete: (context, { uuid }) => remove(context, uuid, 204),
  listLegacy: list,
  // Docker's hub-tool says is_active false of every token that it makes, and they work.
  createLegacy: (context, { token_label }) => create(context, token_label, ["repo:admin"]),
  getLegacy: (context, { uuid }) => shown(find(context, uuid)),
  updateLegacy: update,
  deleteLegacy: (context, { uuid }) => remove(context, uuid, 202),
};

function list(context: Context, input: PageInput) {
  const { number } = manager(context);
  const { state } = context;
  const count = state.count(
    "SELECT count(*) AS count FROM access_tokens WHERE account = ?",
    number,
  );
  const active = state.count(
    "SELECT count(*) AS count FROM access_tokens WHERE account = ? AND is_active = 1",
    number,
  );
  const page = pageOf(context, input, count, (limit, offset) =>
    state
      .all<Row>(
        "SELECT * FROM access_tokens WHERE account = ? ORDER BY created DESC, uuid LIMIT ? OFFSET ?",
        number,
        limit,
        offset,
      )
      .map((row) => shown(row)),
  );
  return { ...page, active_count: active };
}

function create(context: Context, label: string, scopes: readonly string[], expires?: string) {
  const { number } = manager(context);
  const { state, now } = context;
  if (expires !== undefined && Date.parse(expires) <= now)
    throw badRequest("expires_at must be in the future");
  const uuid = randomUUID();
  const secret = newToken("dckr_pat_");
  state.run(
    `INSERT INTO access_tokens (uuid, account, hash, label, scopes, client, address, agent, created, expires)
     VALUES (?, ?, ?, ?, ?, 'HUB', ?, ?, ?, ?)`,
    uuid,
    number,
    hashToken(secret),
    label,
    JSON.stringify(scopes),
    context.address,
    context.agent,
    written(now),
    expires === undefined ? null : writtenMoment(expires),
  );
  return new Reply(201, shown(find(context, uuid), secret));
}

function update(
  context: Context,
  {
    uuid,
    token_label,
    is_active,
  }: { uuid: string; token_label?: string | undefined; is_active?: boolean | undefined },
) {
  const row = find(context, uuid);
  context.state.run(
    "UPDATE access_tokens SET label = ?, is_active = ? WHERE uuid = ?",
    token_label ?? row.label,
    is_active === undefined ? row.is_active : is_active ? 1 : 0,
    uuid,
  );
  return shown(find(context, uuid));
}

function remove(context: Context, uuid: string, status: number) {
  find(context, uuid);
  context.state.run("DELETE FROM access_tokens WHERE uuid = ?", uuid);
  return new Reply(status, undefined);
}

function find(context: Context, uuid: string): Row {
  const { number } = manager(context);
  const row = context.state.one<Row>(
    "SELECT * FROM access_tokens WHERE uuid = ? AND account = ?",
    uuid,
    number,
  );
  if (!row) throw notFound("access token not found");
  return row;
}

/** @throws HubRefusal 403 for a session of a token */
function manager(context: Context): Account {
  const { account, token } = signedIn(context);
  if (token) throw wrongToken();
  return account;
}

/** The secret is shown where it is made, and never again. */
function shown(row: Row, secret = "") {
  return {
    uuid: row.uuid,
    client_id: row.client,
    creator_ip: row.address,
    creator_ua: row.agent,
    created_at: row.created,
    last_used: row.last_used,
    generated_by: "manual",
    is_active: row.is_active === 1,
    token: secret,
    token_label: row.label,
    scopes: JSON.parse(row.scopes) as string[],
    expires_at: row.expires,
  };
}
