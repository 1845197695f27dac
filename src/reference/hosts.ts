/** Hosts of registries: their names, aliases and addresses. */
import { WharfError } from "../errors.ts";
import { quoted } from "./digest.ts";

/** The registry that is meant where none is named. */
export const dockerHub = "docker.io";

/** Where Docker Hub's registry answers; `docker.io` itself is a web page. */
const dockerHubAddress = "registry-1.docker.io";

/** Other names of Docker Hub's registry, all folded into `docker.io`. */
export const dockerHubAliases: readonly string[] = ["index.docker.io", dockerHubAddress];

// RFC 1123 labels. Docker's grammar; the address parser below has the last word.
const label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
const hostPattern = new RegExp(
  `^(${label}(?:\\.${label})*|\\[[0-9A-Fa-f:.]{2,45}\\])(?::([0-9]{1,5}))?$`,
);

/**
 * The one spelling of a registry's name: `HOST[:PORT]`, lower case, addresses in their shortest form, Docker Hub's
 * aliases folded into `docker.io`. A host without dot and port keeps its case: upper case is what makes it a host.
 *
 * @throws WharfError REFERENCE_INVALID
 * @example
 * parseRegistry("Index.Docker.io") // "docker.io"
 */
export function parseRegistry(text: string): string {
  const match = text.length > 255 ? null : hostPattern.exec(text);
  if (!match) throw registryError(text, "is not HOST or HOST:PORT");
  const [, name = "", port] = match;
  const host = canonicalHost(name);
  // `127.1` and `0x7f.1` are addresses to a browser, names to others: who checks must see what is dialled.
  if (host === undefined || (!name.startsWith("[") && host !== name.toLowerCase()))
    throw registryError(text, "is neither a name nor an address", host);
  if (port === undefined && !/[.[]/.test(name) && host !== "localhost") return name;
  if (port === undefined) return dockerHubAliases.includes(host) ? dockerHub : host;
  const number = Number(port);
  if (number < 1 || number > 65_535) throw registryError(text, `has no valid port`);
  return `${host}:${number}`;
}

/** Where a registry is found. */
export interface HostAddress {
  /** `HOST[:PORT]` to connect to: `registry-1.docker.io`. */
  readonly host: string;
  /** Without port and brackets: `::1`. */
  readonly hostname: string;
  readonly port?: number;
}

/**
 * The address of a registry: `docker.io` and its aliases answer at `registry-1.docker.io`, all others at their name.
 *
 * @throws WharfError REFERENCE_INVALID
 */
export function hostAddress(registry: string): HostAddress {
  const name = parseRegistry(registry).toLowerCase();
  const host = name === dockerHub ? dockerHubAddress : name;
  const [, hostname = "", port] = /^(.*?)(?::(\d+))?$/.exec(host) ?? [];
  return {
    host,
    hostname: hostname.replace(/^\[|\]$/g, ""),
    ...(port !== undefined && { port: Number(port) }),
  };
}

/** What a HOST argument says. */
export interface ParsedHost {
  /** The registry's name, as in references: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  readonly scheme?: "http" | "https";
  /** `HOST[:PORT]` to connect to. */
  readonly host: string;
  /** Path in front of `/v2/`, without the slash at its end: `/proxy`. */
  readonly pathPrefix?: string;
  readonly username?: string;
  /** For this host only; never to be printed. */
  readonly password?: string;
}

/**
 * Parses a HOST argument: `ghcr.io`, `localhost:5000` or a URL, which may say scheme, path prefix, user and password.
 * The password appears in no error.
 *
 * @throws WharfError REFERENCE_INVALID
 * @example
 * parseHost("https://me:secret@example.com/proxy/") // { registry: "example.com", scheme: "https", pathPrefix: "/proxy", … }
 */
export function parseHost(text: string): ParsedHost {
  if (text.length > 4096) throw registryError("", "is longer than 4096 characters");
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]{0,30}):\/\//.exec(text)?.[1];
  const rest = scheme === undefined ? text : text.slice(scheme.length + 3);
  const slash = rest.search(/[/?#]/);
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const at = authority.lastIndexOf("@");
  const address = authority.slice(at + 1);
  const protocol = scheme?.toLowerCase();
  if (protocol !== undefined && protocol !== "http" && protocol !== "https")
    throw registryError(address, `has the scheme ${quoted(protocol)}; http and https are known`);
  const registry = parseRegistry(withoutDefaultPort(address, protocol));
  const pathPrefix = parsePrefix(slash < 0 ? "" : rest.slice(slash), address);
  const [, username, password] =
    /^([^:]*)(?::(.*))?$/s.exec(authority.slice(0, Math.max(at, 0))) ?? [];
  return {
    registry,
    host: hostAddress(registry).host,
    ...(protocol !== undefined && { scheme: protocol }),
    ...(pathPrefix !== "" && { pathPrefix }),
    ...(username && { username: decode(username, address) }),
    ...(password && { password: decode(password, address) }),
  };
}

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
function canonicalHost(host: string): string | undefined {
  if (/[^\w.:[\]-]/.test(host)) return undefined;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
}

function withoutDefaultPort(address: string, scheme: string | undefined): string {
  const port = scheme === "http" ? ":80" : scheme === "https" ? ":443" : undefined;
  return port !== undefined && address.endsWith(port) && !address.endsWith(`:${port}`)
    ? address.slice(0, -port.length)
    : address;
}

function parsePrefix(text: string, address: string): string {
  if (/[?#]/.test(text)) throw registryError(address, "must not have a query or fragment");
  const prefix = text.replace(/\/v[12]\/?$/, "").replace(/\/+$/, "");
  const parts = prefix.split("/").slice(1);
  if (parts.some((part) => !/^[\w.~%-]+$/.test(part) || /^(?:\.|%2e){1,2}$/i.test(part)))
    throw registryError(address, "has a path that is not plain");
  return prefix;
}

function decode(text: string, address: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw registryError(address, "has a user or password with a bad % escape");
  }
}

function registryError(text: string, why: string, proposal?: string): WharfError {
  return new WharfError("REFERENCE_INVALID", `Registry ${quoted(text)} ${why}`, {
    hint:
      proposal === undefined
        ? "Write for example ghcr.io, localhost:5000 or [::1]:5000."
        : `Did you mean ${quoted(proposal)}?`,
  });
}
