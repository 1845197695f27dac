/** Tokens as a token service makes them, for tests. */
import { generateKeyPairSync, type KeyObject } from "node:crypto";

import { type JWTHeaderParameters, type JWTPayload, SignJWT } from "jose";

export interface Grant {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

export interface TokenDetails {
  readonly key: KeyObject;
  readonly header?: Partial<JWTHeaderParameters>;
  readonly claims?: JWTPayload;
  readonly access?: readonly Grant[];
}

/** Moment at which the tests' tokens are valid: seconds since 1970. */
export const moment = 1_800_000_000;

/** A token that is good unless something else is said; a claim or header that is undefined is left out. */
export function makeToken({ key, header, claims, access = [] }: TokenDetails): Promise<string> {
  const alg = key.asymmetricKeyType === "ec" ? "ES256" : "RS256";
  const payload = {
    iss: "issuer",
    sub: "alice",
    aud: "service",
    nbf: moment - 10,
    iat: moment - 10,
    exp: moment + 300,
    jti: "1",
    access,
    ...claims,
  };
  return new SignJWT(payload).setProtectedHeader({ typ: "JWT", alg, ...header }).sign(key);
}

const newRsa = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
export const rsaPair = newRsa();
export const ecPair = generateKeyPairSync("ec", { namedCurve: "P-256" });

/** A public key in PEM. */
export const pemOf = (key: KeyObject): string =>
  key.export({ type: "spki", format: "pem" }).toString();

/** A certificate as `x5c` has it. */
export const derOf = (pem: string): string => pem.replace(/-----[^-]+-----|\s/g, "");
