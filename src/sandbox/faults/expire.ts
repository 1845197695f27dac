/** Tokens that have expired: the same claims, signed by the same key, ended a minute ago. */
import { decodeProtectedHeader, SignJWT } from "jose";

import { claimsOf } from "../caller.ts";
import type { Keys } from "../keys.ts";

/** Seconds for which it was good. */
const life = 300;
const ago = 60;

/**
 * Replaces the tokens in an answer.
 * @param body JSON; what has no tokens stays as it is
 * @param now milliseconds since 1970
 */
export async function expireTokens(body: Buffer, keys: Keys, now: number): Promise<Buffer> {
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString());
  } catch {
    return body;
  }
  if (typeof answer !== "object" || answer === null) return body;
  const fields = answer as Record<string, unknown>;
  let found = false;
  for (const name of ["token", "access_token"]) {
    const token = fields[name];
    const claims = typeof token === "string" ? claimsOf(token) : undefined;
    if (!claims) continue;
    fields[name] = await resigned(token as string, claims, keys, now);
    found = true;
  }
  return found ? Buffer.from(JSON.stringify(fields)) : body;
}

async function resigned(
  token: string,
  claims: Readonly<Record<string, unknown>>,
  keys: Keys,
  now: number,
): Promise<string> {
  const { alg = "RS256", ...header } = decodeProtectedHeader(token);
  const { privateKey } = await (alg === "RS256" ? keys.hub() : keys.registry());
  const end = Math.floor(now / 1000) - ago;
  const begin = end - life;
  return new SignJWT({ ...claims, iat: begin, exp: end, ...("nbf" in claims && { nbf: begin }) })
    .setProtectedHeader({ ...header, alg })
    .sign(privateKey);
}
