/** The names that token services give to their keys. */
import { createHash, type KeyObject } from "node:crypto";

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/**
 * A key's id in the form of Docker's libtrust, as docker_auth, Harbor and others put it in `kid`: the first 240 bits of the
 * SHA-256 of the public key, in base 32, in twelve groups of four.
 */
export function libtrustId(key: KeyObject): string {
  const hash = createHash("sha256")
    .update(key.export({ type: "spki", format: "der" }))
    .digest();
  let text = "";
  for (let bit = 0; bit < 240; bit += 5) {
    const value = (hash.readUInt16BE(bit >> 3) >> (11 - (bit & 7))) & 31;
    text += alphabet[value];
  }
  return text.match(/.{4}/g)!.join(":");
}

/** A key's thumbprint (RFC 7638), as distribution 3 and many services use it for `kid`. */
export function thumbprint(key: KeyObject): string {
  const { kty, crv, e, n, x, y } = key.export({ format: "jwk" });
  const members = kty === "RSA" ? { e, kty, n } : { crv, kty, x, ...(y !== undefined && { y }) };
  return createHash("sha256").update(JSON.stringify(members)).digest("base64url");
}
