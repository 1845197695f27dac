/** Addresses: which are this machine, and which are not on the public internet. */

/**
 * Whether a host is this machine: localhost and names below it (RFC 6761), 127.0.0.0/8, ::1.
 *
 * @param host name or address, with or without brackets and port
 */
export function isLoopback(host: string): boolean {
  const name = bareHost(host);
  if (name === "localhost" || name.endsWith(".localhost")) return true;
  const bytes = addressBytes(name);
  return bytes !== undefined && (bytes.length === 4 ? bytes[0] === 127 : isAll(bytes, 0, 15, 1));
}

/**
 * Whether a host is an address that is not on the public internet: private, loopback, link-local, carrier-grade NAT,
 * unspecified, multicast, in IPv4 or IPv6 or one inside the other. Names are not looked up; `localhost` counts.
 * Source: IANA's special-purpose address registries (RFC 6890).
 *
 * @param host name or address, with or without brackets and port
 */
export function isPrivateAddress(host: string): boolean {
  const name = bareHost(host);
  if (isLoopback(name)) return true;
  const bytes = addressBytes(name);
  if (bytes === undefined) return false;
  return bytes.length === 4 ? isPrivate4(bytes) : isPrivate6(bytes);
}

function isPrivate4([a = 0, b = 0, c = 0]: readonly number[]): boolean {
  return (
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 100 && b >= 64 && b < 128) ||
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) ||
    (a === 192 && b === 0 && c === 0) ||
    a >= 224
  );
}

function isPrivate6(bytes: readonly number[]): boolean {
  const [a = 0, b = 0] = bytes;
  if (isAll(bytes, 0, 16)) return true;
  if ((a & 0xfe) === 0xfc || a === 0xff) return true;
  // Link-local fe80::/10 and the older site-local fec0::/10.
  if (a === 0xfe && b >= 0x80) return true;
  // NAT64 of one's own network, 64:ff9b:1::/48 (RFC 8215).
  if (bytes.slice(0, 6).join() === "0,100,255,155,0,1") return true;
  const inner = innerIpv4(bytes);
  return inner !== undefined && isPrivate4(inner);
}

/** The IPv4 address that an IPv6 one stands for: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056). */
function innerIpv4(bytes: readonly number[]): readonly number[] | undefined {
  if (isAll(bytes, 0, 10) && bytes[10] === bytes[11] && (bytes[10] === 0xff || bytes[10] === 0))
    return bytes.slice(12);
  if (bytes.slice(0, 4).join() === "0,100,255,155" && isAll(bytes, 4, 12)) return bytes.slice(12);
  if (bytes[0] === 0x20 && bytes[1] === 0x02) return bytes.slice(2, 6);
  return undefined;
}

function isAll(bytes: readonly number[], from: number, to: number, last?: number): boolean {
  for (let i = from; i < to; i++) if (bytes[i] !== 0) return false;
  return last === undefined || bytes[to] === last;
}

/** Host without port, brackets, zone and the root's dot; lower case. */
function bareHost(host: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(host)?.[1];
  const bare = bracketed ?? (/^[^:]*:\d+$/.test(host) ? host.slice(0, host.indexOf(":")) : host);
  return bare.replace(/%.*$/s, "").replace(/\.$/, "").toLowerCase();
}

/** 4 or 16 bytes of an address, or undefined for a name. Reads all spellings that a URL may have. */
function addressBytes(name: string): number[] | undefined {
  const host = canonicalHost(name.includes(":") ? `[${name}]` : name);
  if (host === undefined) return undefined;
  if (!host.startsWith("["))
    return /^\d+(?:\.\d+){3}$/.test(host) ? host.split(".").map(Number) : undefined;
  const [head = "", tail] = host.slice(1, -1).split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":"));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const zeros = Array<string>(8 - left.length - right.length).fill("0");
  return [...left, ...zeros, ...right].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 0xff];
  });
}

/** The host as a URL would hold it, undefined where it cannot. */
export function canonicalHost(host: string): string | undefined {
  if (/[^\w.:[\]-]/.test(host)) return undefined;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
}
