/** What a JSON Web Token says of itself (RFC 7519), without any verification: for notes and expiry, never for trust. */

/** The claims that registries and Docker Hub use; others are kept. */
export interface JwtClaims {
  /** Seconds since 1970 after which the token is void. */
  readonly exp?: number;
  /** Seconds since 1970. */
  readonly iat?: number;
  readonly sub?: string;
  readonly [claim: string]: unknown;
}

// A token of a registry with hundreds of grants has some 20 KiB.
const limit = 128 * 1024;

/** The claims of a token, or `undefined` where it is not a JWT. The signature is not looked at. */
export function readJwt(token: string): JwtClaims | undefined {
  const parts = token.split(".", 4);
  const payload = parts[1];
  if (token.length > limit || parts.length !== 3 || !payload) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null && !Array.isArray(claims)
      ? (claims as JwtClaims)
      : undefined;
  } catch {
    return undefined;
  }
}

/** When a token ends: milliseconds since 1970, or `undefined` where it does not say. */
export function jwtExpiry(token: string): number | undefined {
  const exp = readJwt(token)?.exp;
  return typeof exp === "number" && Number.isFinite(exp) ? exp * 1000 : undefined;
}

/** The user a token was made for: Docker Hub's claim, else the common ones, else the subject. */
export function jwtUsername(token: string): string | undefined {
  const claims = readJwt(token);
  if (claims === undefined) return undefined;
  const hub = claims["https://hub.docker.com"];
  const fromHub =
    typeof hub === "object" && hub !== null && "username" in hub ? hub.username : undefined;
  return [fromHub, claims["username"], claims["preferred_username"], claims.sub].find(
    (name): name is string => typeof name === "string" && name !== "",
  );
}
