/** Which addresses lie on this machine or in a private network. */
import { BlockList, isIP } from "node:net";

/** RFC 6890 (special-purpose), RFC 1918, RFC 6598 (shared), RFC 4193, RFC 4291. */
const ranges = [
  ["0.0.0.0", 8, "ipv4"],
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["::", 127, "ipv6"],
  ["fc00::", 7, "ipv6"],
  ["fe80::", 10, "ipv6"],
] as const;

let list: BlockList | undefined;

/**
 * Whether a literal address is loopback, link-local, private or unspecified; IPv6 forms of such an IPv4
 * address (mapped, and NAT64's 64:ff9b::) count too. A name is none of these: it must be looked up.
 */
export function isPrivateAddress(address: string): boolean {
  const bare = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const family = isIP(bare);
  if (family === 0) return false;
  if (!list) {
    list = new BlockList();
    for (const [network, prefix, kind] of ranges) list.addSubnet(network, prefix, kind);
  }
  if (family === 4) return list.check(bare, "ipv4");
  const embedded = embeddedIpv4(bare);
  return embedded ? list.check(embedded, "ipv4") : list.check(bare, "ipv6");
}

function embeddedIpv4(address: string): string | undefined {
  const { hostname } = new URL(`http://[${address}]`);
  const match = /^\[(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(hostname);
  if (!match) return undefined;
  const [high = 0, low = 0] = match.slice(1).map((part) => Number.parseInt(part, 16));
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
