/** Whether a token is by the token service, for us, and valid now (RFC 7519). */
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from "jose";
import type { KeyObject } from "node:crypto";

import { keyOfChain } from "./chain.ts";
import type { TrustedKeys } from "./keys.ts";

/** Seconds that clocks may differ, as much as distribution allows. */
export const leeway = 60;

/** Signatures by a pair of keys only: with a shared secret, whoever can check tokens can also make them. */
const curves: Readonly<Record<string, string>> = {
  ES256: "prime256v1",
  ES384: "secp384r1",
  ES512: "secp521r1",
};
const rsa = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
const edwards = ["EdDSA", "Ed25519"];
const algorithms = [...rsa, ...Object.keys(curves), ...edwards];

export interface Expectation {
  readonly issuer: string;
  /** The service's name, which must be in the audience. */
  readonly service: string;
}

/** Why a token does not count; the message says nothing of what is in it. */
export class InvalidToken extends Error {
  override readonly name = "InvalidToken";
}

/**
 * @param now milliseconds since 1970
 * @returns the claims
 * @throws InvalidToken
 */
export async function verifyToken(
  token: string,
  trusted: TrustedKeys,
  { issuer, service }: Expectation,
  now: number,
): Promise<JWTPayload> {
  let failure = "its signature is by none of the keys that are trusted";
  for (const key of candidates(token, trusted, now)) {
    try {
      const { payload } = await jwtVerify(token, key, {
        algorithms,
        issuer,
        audience: service,
        clockTolerance: leeway,
        requiredClaims: ["exp"],
        currentDate: new Date(now),
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWSSignatureVerificationFailed) continue;
      failure = reason(error);
      break;
    }
  }
  throw new InvalidToken(`the token is not valid: ${failure}`);
}

/** The keys that may have signed it: of its certificate, else by its name for the key, else all that could. */
function candidates(token: string, { keys, roots }: TrustedKeys, now: number): KeyObject[] {
  const { alg = "", kid, x5c } = headerOf(token);
  if (!algorithms.includes(alg)) throw new InvalidToken("the token's algorithm is not accepted");
  if (x5c !== undefined && roots.length > 0) {
    const key = keyOfChain(x5c, roots, now);
    if (!key) throw new InvalidToken("the token's certificate is not trusted, or not valid now");
    return fits(key, alg) ? [key] : [];
  }
  const called = kid === undefined ? [] : keys.filter(({ ids }) => ids.includes(kid));
  const possible =
    called.length > 0 ? called : keys.filter(({ named }) => kid === undefined || !named);
  return possible.map(({ key }) => key).filter((key) => fits(key, alg));
}

function headerOf(token: string): ReturnType<typeof decodeProtectedHeader> {
  try {
    return decodeProtectedHeader(token);
  } catch {
    throw new InvalidToken("the token is no JSON Web Token");
  }
}

function fits({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject, alg: string) {
  if (type === "rsa") return rsa.includes(alg) && (details?.modulusLength ?? 0) >= 2048;
  if (type === "ec") return curves[alg] === details?.namedCurve;
  return type === "ed25519" && edwards.includes(alg);
}

function reason(error: unknown): string {
  if (error instanceof errors.JWTExpired) return "it has expired";
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === "iss") return "it is by another issuer";
    if (error.claim === "aud") return "it is for another service";
    if (error.claim === "nbf") return "it is not valid yet";
    if (error.claim === "exp") return "it does not say when it expires";
    return `its claim ${error.claim} is wrong`;
  }
  return "it cannot be read";
}
