/**
 * The token service of the registry, as auth.docker.io is one.
 * Source: distribution, "Token Authentication Specification", "OAuth2 Token Authentication".
 */
import { findAccount, type Identity, needsCode, tokenOf } from "../accounts/accounts.ts";
import { mayPushNew, registryActions } from "../accounts/permissions.ts";
import { hashToken, newToken } from "../accounts/secrets.ts";
import { forgetWrong, type Refused, signIn } from "../accounts/signIn.ts";
import type { Keys } from "../keys.ts";
import { findByPath, isHubPath, ownerOf } from "../repositories.ts";
import type { State } from "../state/state.ts";
import { service, signToken, tokenLife } from "./signing.ts";

/** Seconds. */
const refreshLife = 30 * 24 * 3600;

export interface TokenRequest {
  /** The registry that the token is for, as its challenge calls it. */
  readonly service: string;
  readonly scopes: readonly string[];
  /** User and password, or personal access token. */
  readonly basic?: { readonly user: string; readonly password: string } | undefined;
  readonly refreshToken?: string | undefined;
  /** Whether a refresh token is wanted. */
  readonly offline: boolean;
}

export interface TokenAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a token for the registry says of its owner. */
export interface Grant {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

export async function answerToken(
  state: State,
  keys: Keys,
  now: number,
  request: TokenRequest,
): Promise<TokenAnswer> {
  const identity = state.transaction(() => whoever(state, request, now));
  if (identity && "wait" in identity) return refusal(identity);
  const access = request.scopes.flatMap((scope) => granted(state, identity, scope));
  const token = await signToken(keys, {
    subject: identity?.account.name ?? "",
    audience: request.service,
    access,
    now,
  });
  return {
    status: 200,
    body: {
      token,
      access_token: token,
      expires_in: tokenLife,
      issued_at: new Date(now).toISOString(),
      // An organization's token is its own refresh token.
      ...(request.offline &&
        identity &&
        !identity.orgToken && { refresh_token: refreshToken(state, identity, now) }),
    },
  };
}

/** A token with which others can be had, until it ends or the personal access token behind it does. */
export function refreshToken(state: State, { account, token }: Identity, now: number): string {
  const secret = newToken("dckrr_");
  state.run("DELETE FROM refresh_tokens WHERE expires <= ?", now);
  state.run(
    "INSERT INTO refresh_tokens VALUES (?, ?, ?, ?)",
    hashToken(secret),
    account.number,
    token?.uuid ?? null,
    now + refreshLife * 1000,
  );
  return secret;
}

function refusal({ wait }: Refused): TokenAnswer {
  if (wait === 0) return { status: 401, body: { details: "incorrect username or password" } };
  return {
    status: 429,
    body: { details: "too many failed login attempts for username or IP address" },
    headers: { "retry-after": String(Math.ceil(wait / 1000)) },
  };
}

const nobody: Refused = { wait: 0 };

function whoever(
  state: State,
  { basic, refreshToken: refresh }: TokenRequest,
  now: number,
): Identity | undefined | Refused {
  if (basic) {
    const identity = signIn(state, basic.user, basic.password, now);
    if ("wait" in identity) return identity;
    // There is no place for the code of a second factor: such an account needs a token.
    if (needsCode(identity)) return nobody;
    forgetWrong(state, basic.user);
    return identity;
  }
  if (refresh === undefined) return undefined;
  const row = state.one<{ name: string; access_token: string | null }>(
    `SELECT name, access_token FROM refresh_tokens JOIN accounts ON number = account
     WHERE hash = ? AND expires > ?`,
    hashToken(refresh),
    now,
  );
  const account = row && findAccount(state, row.name);
  if (!account) return nobody;
  if (row.access_token === null) return { account };
  const token = tokenOf(state, row.access_token, now);
  return token ? { account, token } : nobody;
}

function granted(state: State, identity: Identity | undefined, scope: string): Grant[] {
  const [, type = "", name = "", wanted = ""] = /^([^:]+):(.+):([^:]*)$/.exec(scope) ?? [];
  if (type !== "repository") return [];
  const allowed = allowedActions(state, identity, name);
  const actions = wanted === "*" ? allowed : wanted.split(",").filter((a) => allowed.includes(a));
  return actions.length === 0 ? [] : [{ type, name, actions }];
}

function allowedActions(
  state: State,
  identity: Identity | undefined,
  path: string,
): readonly string[] {
  // Under another name it would be content that Hub knows nothing of.
  if (!isHubPath(path)) return [];
  const repository = findByPath(state, path);
  if (repository) return registryActions(state, identity, repository);
  const owner = ownerOf(state, path);
  return owner && mayPushNew(state, identity, owner, path) ? ["pull", "push"] : [];
}

/** What was asked, from a query and the field `Authorization`, or from a form. */
export function readTokenRequest(
  fields: URLSearchParams,
  authorization: string | undefined,
): TokenRequest {
  const asked = {
    service: fields.get("service") || service,
    scopes: fields.getAll("scope").flatMap((scope) => scope.split(" ").filter(Boolean)),
    offline: fields.get("offline_token") === "true" || fields.get("access_type") === "offline",
  };
  const user = fields.get("username");
  if (fields.get("grant_type") === "password" && user !== null)
    return { ...asked, basic: { user, password: fields.get("password") ?? "" } };
  const refreshToken = fields.get("refresh_token") ?? undefined;
  const basic = basicOf(authorization);
  return { ...asked, basic, ...(refreshToken !== undefined && { refreshToken }) };
}

function basicOf(authorization: string | undefined): TokenRequest["basic"] {
  const encoded = /^Basic +(\S+) *$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString();
  const [user = "", ...rest] = text.split(":");
  return { user, password: rest.join(":") };
}
