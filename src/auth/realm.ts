/** To whom credentials of a registry may be shown. */
import { type HostSettings, registryUrl } from "../config.ts";
import { WharfError } from "../errors.ts";
import { sameSite } from "../http/sites.ts";
import { isLoopback, isPrivateAddress } from "../reference/hosts.ts";

/** The registry that credentials are for. */
export interface Audience {
  /** As in a reference: `docker.io`. */
  readonly registry: string;
  /** Where it is, as far as its site goes. */
  readonly site: URL;
  /** `tokenRealms` of the registry. */
  readonly trusted: readonly string[];
  /** Whether plain http to a host (`HOST[:PORT]`) is said to be in order. */
  plainHttp(host: string): boolean;
}

/**
 * Describes a registry.
 *
 * @param url an address of it, which on this machine may be http without being configured
 */
export function audienceOf(
  registry: string,
  url: URL,
  hosts: (registry: string) => HostSettings,
): Audience {
  const settings = hosts(registry);
  const site = registryUrl(registry, settings);
  if (settings.url === undefined && url.protocol === "http:" && isLoopback(site.hostname)) {
    site.protocol = "http:";
  }
  return {
    registry,
    site,
    trusted: settings.tokenRealms ?? [],
    plainHttp: (host) => settings.plainHttp === true || hosts(host).plainHttp === true,
  };
}

/** A token service, and why credentials must not go there, if so. */
export interface Realm {
  readonly url: URL;
  readonly withheld?: Withheld;
}

/** Why credentials are kept back, and what would change that. */
export interface Withheld {
  readonly reason: string;
  readonly hint: string;
}

/**
 * Reads the `realm` of a bearer challenge.
 *
 * @param from address of the answer with the challenge: a realm may be relative to it
 * @throws WharfError RESPONSE_INVALID where it is no web address; LOCATION_REFUSED where a public registry names a private one
 */
export function readRealm(realm: string, from: URL, audience: Audience): Realm {
  const url = URL.canParse(realm, from.href) ? new URL(realm, from) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") {
    throw new WharfError(
      "RESPONSE_INVALID",
      `${audience.registry} names a token service that is no plain http or https address`,
    );
  }
  url.hash = "";
  const { site } = audience;
  if (
    isPrivateAddress(url.hostname) &&
    !isPrivateAddress(site.hostname) &&
    !isListed(url, audience)
  ) {
    throw new WharfError(
      "LOCATION_REFUSED",
      `${audience.registry} names a token service at a private address, ${url.host}`,
      { hint: listingHint(url, audience) },
    );
  }
  const withheld = withhold(url, audience);
  return { url, ...(withheld && { withheld }) };
}

/** Why the registry's credentials must not go to an address; `undefined` where they may. */
export function withhold(url: URL, audience: Audience): Withheld | undefined {
  const { registry, site } = audience;
  if (url.protocol === "http:" && !isLoopback(url.hostname) && !audience.plainHttp(url.host)) {
    return {
      reason: `the credentials of ${registry} were not sent to ${url.host} over plain http`,
      hint: `If the network in between can be trusted, say \`--plain-http=${url.host}\`.`,
    };
  }
  if (isDockerHub(site, url)) return undefined;
  // From http to https nothing is lost.
  const upgraded = site.protocol === "http:" && url.protocol === "https:";
  const from = upgraded ? new URL(`https://${site.host}`) : site;
  if (sameSite(from, url) || (isListed(url, audience) && !isDowngrade(site, url))) return undefined;
  return {
    reason: `the credentials of ${registry} were not sent to ${url.origin}, which is another site`,
    hint: isDowngrade(site, url)
      ? "Find out why the registry sends its users from https to http."
      : listingHint(url, audience),
  };
}

/** The pair that is met most: known without loading the list of public suffixes, which takes 13 ms. */
function isDockerHub(site: URL, url: URL): boolean {
  return site.origin === "https://registry-1.docker.io" && url.origin === "https://auth.docker.io";
}

function isDowngrade(from: URL, to: URL): boolean {
  return from.protocol === "https:" && to.protocol === "http:";
}

/** `tokenRealms` holds hosts (`auth.example.com`, with a port where it has one) or addresses, matched by origin and start of the path. */
function isListed(url: URL, audience: Audience): boolean {
  return audience.trusted.some((entry) => {
    if (!entry.includes("://")) return entry.toLowerCase() === url.host;
    if (!URL.canParse(entry)) return false;
    const listed = new URL(entry);
    const folder = listed.pathname.endsWith("/") ? listed.pathname : `${listed.pathname}/`;
    return listed.origin === url.origin && `${url.pathname}/`.startsWith(folder);
  });
}

function listingHint(url: URL, { registry }: Audience): string {
  return `If you trust ${url.host}, list it under \`tokenRealms\` of ${registry} in the configuration.`;
}
