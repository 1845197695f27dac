/** Which hosts belong together. */
import { createRequire } from "node:module";
import { isIP } from "node:net";

let registrableDomain: ((hostname: string) => string | null) | undefined;

/**
 * Whether two addresses are of one site: the same registrable domain by the public suffix list; for addresses and
 * localhost the same host, on any port. What is https on one side is never the same site as http on the other.
 */
export function sameSite(a: URL, b: URL): boolean {
  if (a.protocol !== b.protocol) return false;
  if (a.hostname === b.hostname) return true;
  if (isLiteral(a.hostname) || isLiteral(b.hostname)) return false;
  // Loaded late: the list costs milliseconds, and most hosts never send us elsewhere.
  registrableDomain ??= (createRequire(import.meta.url)("tldts") as typeof import("tldts"))
    .getDomain as (hostname: string) => string | null;
  const domain = registrableDomain(a.hostname);
  return domain !== null && domain === registrableDomain(b.hostname);
}

function isLiteral(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, "")) !== 0 || hostname === "localhost";
}
