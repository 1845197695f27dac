/**
 * Which proxy stands before a host: `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, each in lower or upper
 * case, as curl and Go read them. Like Go, and unlike curl, localhost and loopback addresses never take one.
 */
import { BlockList, isIP } from "node:net";
import { WharfError } from "../errors.ts";
import { isLoopback } from "../reference/hosts.ts";

export interface Proxy {
  /** Without user and password. */
  readonly url: URL;
  readonly hostname: string;
  readonly port: number;
  /** Whether the proxy itself is spoken to over TLS. */
  readonly secure: boolean;
  /** Value of `Proxy-Authorization`. */
  readonly authorization?: string;
}

export type ProxyFor = (url: URL) => Proxy | undefined;

/**
 * Reads the proxy variables.
 * @returns a function that throws WharfError CONFIG_INVALID where a request needs a proxy whose address makes no sense
 */
export function proxiesOf(environment: NodeJS.ProcessEnv): ProxyFor {
  const all = read(environment, "all_proxy");
  const http = read(environment, "http_proxy") ?? all;
  const https = read(environment, "https_proxy") ?? all;
  if (!http && !https) return () => undefined;
  const exempt = exemptions(read(environment, "no_proxy")?.value ?? "");
  const parsed = new Map<Variable, Proxy>();
  return function proxyFor(url) {
    const variable = url.protocol === "https:" ? https : http;
    if (!variable || isLoopback(url.hostname) || exempt(url)) return undefined;
    let proxy = parsed.get(variable);
    if (!proxy) {
      proxy = parseProxy(variable);
      parsed.set(variable, proxy);
    }
    return proxy;
  };
}

interface Variable {
  readonly name: string;
  readonly value: string;
}

function read(environment: NodeJS.ProcessEnv, lower: string): Variable | undefined {
  for (const name of [lower, lower.toUpperCase()]) {
    const value = environment[name]?.trim();
    if (value) return { name, value };
  }
  return undefined;
}

function parseProxy({ name, value }: Variable): Proxy {
  const text = value.includes("://") ? value : `http://${value}`;
  if (!URL.canParse(text) || !/^https?:/i.test(text)) {
    // The value may hold a password, so it is not shown.
    throw new WharfError("CONFIG_INVALID", `${name} is not the address of an http or https proxy`, {
      hint: "Write http://[USER:PASSWORD@]HOST[:PORT]; SOCKS is not supported.",
    });
  }
  const url = new URL(text);
  const login = `${decode(url.username)}:${decode(url.password)}`;
  const authorization = `Basic ${Buffer.from(login).toString("base64")}`;
  url.username = "";
  url.password = "";
  const secure = url.protocol === "https:";
  return {
    url,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: portOf(url),
    secure,
    ...(login !== ":" && { authorization }),
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What `no_proxy` exempts, entries between commas or spaces: `*`; a domain, which stands for its subdomains too (`.a.b`
 * for them alone); an address; a range `10.0.0.0/8`. Names and addresses may have a port.
 */
function exemptions(list: string): (url: URL) => boolean {
  const entries = list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== "");
  if (entries.includes("*")) return () => true;
  const ranges = new BlockList();
  for (const entry of entries) addRange(ranges, entry);
  const names = entries.map(parseEntry);
  return function exempt(url) {
    const hostname = url.hostname.replace(/^\[|\]$/g, "").replace(/\.$/, "");
    const family = isIP(hostname);
    if (family !== 0 && ranges.check(hostname, family === 4 ? "ipv4" : "ipv6")) return true;
    return names.some(
      ({ name, subdomains, port }) =>
        (port === undefined || port === portOf(url)) &&
        ((hostname === name && !subdomains) || (family === 0 && hostname.endsWith(`.${name}`))),
    );
  };
}

function addRange(ranges: BlockList, entry: string): void {
  const [network = "", prefix = ""] = entry.split("/");
  const family = isIP(network);
  const bits = Number(prefix);
  if (family === 0 || !/^\d{1,3}$/.test(prefix) || bits > (family === 4 ? 32 : 128)) return;
  ranges.addSubnet(network, bits, family === 4 ? "ipv4" : "ipv6");
}

function parseEntry(entry: string): { name: string; subdomains: boolean; port?: number } {
  const bare = isIP(entry) === 6 ? undefined : /^(.*):(\d{1,5})$/.exec(entry);
  const name = (bare?.[1] ?? entry).replace(/^\[|\]$/g, "");
  return {
    name: name.replace(/^\*?\./, "").replace(/\.$/, ""),
    subdomains: /^\*?\./.test(name),
    ...(bare && { port: Number(bare[2]) }),
  };
}

function portOf(url: URL): number {
  if (url.port !== "") return Number(url.port);
  return url.protocol === "https:" ? 443 : 80;
}
