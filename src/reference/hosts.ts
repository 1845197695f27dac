/** Hosts of registries: their names, aliases and addresses. */
import { WharfError } from "../errors.ts";
import { canonicalHost } from "./address.ts";
import { quoted } from "./digest.ts";

export { isLoopback, isPrivateAddress } from "./address.ts";

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

/** Characters of a HOST argument: a host, a path, and a long token as password. */
const hostLimit = 8192;

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
  // Whatever stands before the last '@' may hold a password, even where the rest makes no sense.
  const shown = text.slice(text.lastIndexOf("@") + 1);
  if (text.length > hostLimit) throw registryError(shown, `is longer than ${hostLimit} characters`);
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]{0,30}):\/\//.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https")
    throw registryError(shown, `has the scheme ${quoted(scheme)}; http and https are known`);
  const [, authority = "", rest = ""] =
    /^([^/?#]*)(.*)$/s.exec(scheme === undefined ? text : text.slice(scheme.length + 3)) ?? [];
  const at = authority.lastIndexOf("@");
  if (rest.includes("@"))
    throw registryError(
      shown,
      "stands behind a '/', '?' or '#', which must be % escaped in a password",
    );
  const registry = parseRegistry(withoutDefaultPort(authority.slice(at + 1), scheme));
  const pathPrefix = parsePrefix(rest, registry);
  const [, username, password] =
    /^([^:]*)(?::(.*))?$/s.exec(authority.slice(0, Math.max(at, 0))) ?? [];
  return {
    registry,
    host: hostAddress(registry).host,
    ...(scheme !== undefined && { scheme }),
    ...(pathPrefix !== "" && { pathPrefix }),
    ...(username && { username: decode(username, registry) }),
    ...(password && { password: decode(password, registry) }),
  };
}

function withoutDefaultPort(address: string, scheme: string | undefined): string {
  const port = scheme === "http" ? ":80" : scheme === "https" ? ":443" : undefined;
  return port !== undefined && address.endsWith(port) ? address.slice(0, -port.length) : address;
}

function parsePrefix(text: string, address: string): string {
  if (/[?#]/.test(text)) throw registryError(address, "must not have a query or fragment");
  const prefix = text.replace(/\/$/, "").replace(/(?:^|\/)v[12]$/, "");
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
