/** Which hosts belong together. */
import { createRequire } from "node:module";
import { isIP } from "node:net";

type Parse = (typeof import("tldts"))["getDomain"];
let getDomain: Parse | undefined;

/**
 * Whether two addresses are of one site: the same registrable domain by the public suffix list, its private part
 * included (users of github.io are strangers to each other); for addresses and localhost the same host, on any port.
 * What is https on one side is never one site with http on the other.
 *
 * @example
 * sameSite(new URL("https://registry-1.docker.io"), new URL("https://auth.docker.io")) // true
 */
export function sameSite(a: URL, b: URL): boolean {
  if (a.protocol !== b.protocol) return false;
  if (a.hostname === b.hostname) return true;
  if (isLiteral(a.hostname) || isLiteral(b.hostname)) return false;
  // Loaded late: the list costs milliseconds, and most hosts never send us elsewhere.
  getDomain ??= (createRequire(import.meta.url)("tldts") as typeof import("tldts")).getDomain;
  const domain = getDomain(a.hostname, { allowPrivateDomains: true });
  return domain !== null && domain === getDomain(b.hostname, { allowPrivateDomains: true });
}

function isLiteral(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, "")) !== 0 || /(?:^|\.)localhost$/.test(hostname);
}
