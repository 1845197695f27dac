/** The certificate that a token brings along in `x5c` (RFC 7515, section 4.1.6), followed to one that is trusted. */
import { type KeyObject, X509Certificate } from "node:crypto";

/** Certificates of a chain; real ones have two or three. */
const limit = 8;

/**
 * The key of the first certificate, where each is signed by the next, the last by a root (or is one), and all are valid
 * now; undefined where that is not so. Source: RFC 5280, section 6, without what concerns names.
 *
 * @param chain certificates in base64 DER, as the token's header has them
 * @param now milliseconds since 1970
 */
export function keyOfChain(
  chain: unknown,
  roots: readonly X509Certificate[],
  now: number,
): KeyObject | undefined {
  const certificates = readChain(chain);
  let at = certificates?.[0];
  if (!at || !certificates) return undefined;
  const key = at.publicKey;
  const others = new Set(certificates.slice(1));
  for (;;) {
    const { fingerprint256 }: X509Certificate = at;
    if (!isValid(at, now)) return undefined;
    if (roots.some((root) => root.fingerprint256 === fingerprint256)) return key;
    const issued: X509Certificate = at;
    const isIssuer = (other: X509Certificate) => issues(other, issued) && isValid(other, now);
    if (roots.some(isIssuer)) return key;
    at = [...others].find(isIssuer);
    if (!at) return undefined;
    others.delete(at);
  }
}

function readChain(chain: unknown): X509Certificate[] | undefined {
  if (!Array.isArray(chain) || chain.length > limit) return undefined;
  try {
    return chain.map((text) => new X509Certificate(Buffer.from(String(text), "base64")));
  } catch {
    return undefined;
  }
}

function issues(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function isValid({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now && now <= Date.parse(validTo);
}
