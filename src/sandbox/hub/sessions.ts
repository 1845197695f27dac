/** Sessions of Hub: JSON Web Tokens, as Docker's are. */
import { randomUUID } from "node:crypto";
import { jwtVerify, SignJWT } from "jose";

import { findAccount, type Identity, tokenOf } from "../accounts/accounts.ts";
import { orgTokenOf } from "../accounts/orgTokens.ts";
import type { Keys } from "../keys.ts";
import type { State } from "../state/state.ts";
import { unauthorized } from "./refusal.ts";

const issuer = "https://login.docker.com/";
const audience = "https://hub.docker.com";

/** Seconds: of tokens minted as one should now, and of those of the older login. */
export const lives = { token: 600, login: 30 * 24 * 3600 } as const;

/** @param now milliseconds since 1970 @param life seconds */
export async function openSession(
  keys: Keys,
  { account, token, orgToken }: Identity,
  now: number,
  life: number,
): Promise<string> {
  const { privateKey } = await keys.hub();
  const seconds = Math.floor(now / 1000);
  const id = randomUUID();
  return new SignJWT({
    [audience]: {
      email: account.email,
      roles: [],
      session_id: id,
      username: account.name,
      uuid: account.id,
    },
    session_id: id,
    source: sourceOf(token?.uuid, orgToken?.id),
    ...(token && { scope: token.scopes.join(" ") }),
  })
    .setProtectedHeader({ alg: "RS256", typ: "JWT" })
    .setIssuer(issuer)
    .setSubject(account.id)
    .setAudience(audience)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + life)
    .setJti(id)
    .sign(privateKey);
}

function sourceOf(token: string | undefined, orgToken: string | undefined): Source {
  if (token !== undefined) return { id: token, type: "pat" };
  return orgToken === undefined ? { id: "", type: "pwd" } : { id: orgToken, type: "oat" };
}

/** What a session was opened with: the id of a token, or a password. */
interface Source {
  readonly id: string;
  readonly type: "pat" | "oat" | "pwd";
}

interface Claims {
  readonly name: string;
  readonly source: Source;
  readonly session: { readonly id: string; readonly expires: number };
}

/** Sessions that were found good, by their token; the signature of each is verified once. */
export class Sessions {
  readonly #keys: Keys;
  readonly #known = new Map<string, Claims>();

  constructor(keys: Keys) {
    this.#keys = keys;
  }

  /**
   * Who is behind `Authorization`: `Bearer …`, or `JWT …` as older clients write it.
   * @throws HubRefusal 401 for a token that does not count, or not any more
   */
  async identify(
    state: State,
    authorization: string | undefined,
    now: number,
  ): Promise<Identity | undefined> {
    if (authorization === undefined) return undefined;
    const jwt = /^(?:Bearer|JWT) +(\S+) *$/i.exec(authorization)?.[1];
    if (jwt === undefined) throw unauthorized("invalid authorization header");
    const { name, source, session } = await this.#verify(jwt, now);
    const ended = state.one("SELECT 1 FROM ended_sessions WHERE id = ?", session.id);
    const account = findAccount(state, name);
    if (session.expires <= now || ended || !account) throw unauthorized("token is expired");
    if (source.type === "pwd") return { account, session };
    if (source.type === "oat") {
      const orgToken = orgTokenOf(state, source.id, now);
      if (!orgToken) throw unauthorized("organization access token is not active");
      return { account, session, orgToken };
    }
    const token = tokenOf(state, source.id, now);
    if (!token) throw unauthorized("personal access token is not active");
    return { account, session, token };
  }

  async #verify(jwt: string, now: number): Promise<Claims> {
    const known = this.#known.get(jwt);
    if (known) return known;
    const { publicKey } = await this.#keys.hub();
    try {
      const { payload } = await jwtVerify(jwt, publicKey, {
        algorithms: ["RS256"],
        issuer,
        audience,
        requiredClaims: ["exp", "jti"],
        currentDate: new Date(now),
      });
      const { username } = payload[audience] as { username: string };
      const claims = {
        name: username,
        source: payload["source"] as Source,
        session: { id: payload.jti!, expires: payload.exp! * 1000 },
      };
      if (this.#known.size >= 1000) this.#known.clear();
      this.#known.set(jwt, claims);
      return claims;
    } catch {
      throw unauthorized("token is invalid or expired");
    }
  }
}
