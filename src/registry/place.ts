/** Addresses that a registry names: upload locations and next pages. */
import { WharfError } from "../errors.ts";
import type { HttpResponse } from "../http/http.ts";
import { redactUrl } from "../http/redact.ts";
import { sameSite } from "../http/sites.ts";
import { isPrivateAddress } from "../reference/hosts.ts";

/** Where to go on. */
export interface Place {
  readonly url: URL;
  /** Whether it is the registry's own site, so that our credentials may go there. */
  readonly own: boolean;
}

/**
 * Reads an address out of a registry's answer: absolute or relative, its query kept as it is.
 *
 * @param base the registry's address, which decides what is its own
 * @throws WharfError LOCATION_REFUSED for anything but http(s), from https to http, and from a public to a private address
 */
export function placeOf(response: HttpResponse, address: string, base: URL): Place {
  const url = parse(address, response.url);
  const refuse = (why: string, hint?: string) =>
    new WharfError(
      "LOCATION_REFUSED",
      `${response.method} ${redactUrl(response.url)}: the registry names ${url ? redactUrl(url) : "what is no address"}: ${why}`,
      hint === undefined ? {} : { hint },
    );
  if (!url) throw refuse("it cannot be read");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refuse("it is not http");
  if (url.username !== "" || url.password !== "") throw refuse("it holds credentials");
  if (base.protocol === "https:" && url.protocol === "http:") {
    throw refuse(
      "from https to http is refused",
      "Tell the registry its outer address, or say `--plain-http=HOST` if it has no TLS.",
    );
  }
  const own = url.origin === base.origin || sameSite(base, url);
  if (!own && isPrivateAddress(url.hostname) && !isPrivateAddress(base.hostname)) {
    throw refuse("from a public host to a private address is refused");
  }
  return { url, own };
}

/** @param base where the answer came from: RFC 3986, section 5.2 */
function parse(address: string, base: URL): URL | undefined {
  try {
    return new URL(address, base);
  } catch {
    return undefined;
  }
}
