/** Tokens for registries, signed, and what others need to check them. Source: distribution, "Token Authentication Implementation". */
import { randomUUID } from "node:crypto";

import { SignJWT } from "jose";

import { libtrustId } from "../../distribution/access/tokens/keyId.ts";
import type { Keys } from "../keys.ts";
import { derOf } from "./certificate.ts";

export const issuer = "sandbox.wharfinger";
/** What the sandbox's own registry is called, as registry-1.docker.io is. */
export const service = "registry.docker.io";

/** Seconds, as Docker's hold. */
export const tokenLife = 300;

export interface TokenContent {
  /** Name of the account; empty for nobody. */
  readonly subject: string;
  /** The registry that it is for. */
  readonly audience: string;
  readonly access: readonly object[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Signs a token. It names its key as libtrust does, which distribution 2 goes by, and once somebody has asked for the
 * certificate it has that too, which distribution 3 goes by.
 */
export async function signToken(
  keys: Keys,
  { subject, audience, access, now }: TokenContent,
): Promise<string> {
  const { privateKey, publicKey } = await keys.registry();
  const certificate = keys.knownCertificate();
  const seconds = Math.floor(now / 1000);
  return new SignJWT({ access })
    .setProtectedHeader({
      typ: "JWT",
      alg: "ES256",
      kid: libtrustId(publicKey),
      ...(certificate !== undefined && { x5c: [derOf(certificate)] }),
    })
    .setIssuer(issuer)
    .setSubject(subject)
    .setAudience(audience)
    .setNotBefore(seconds)
    .setIssuedAt(seconds)
    .setExpirationTime(seconds + tokenLife)
    .setJti(randomUUID())
    .sign(privateKey);
}

/** The public key as a set of JSON Web Keys (RFC 7517), under the name that tokens give it. */
export async function keySet(keys: Keys): Promise<{ readonly keys: readonly object[] }> {
  const { publicKey } = await keys.registry();
  const jwk = publicKey.export({ format: "jwk" });
  return { keys: [{ ...jwk, use: "sig", alg: "ES256", kid: libtrustId(publicKey) }] };
}
