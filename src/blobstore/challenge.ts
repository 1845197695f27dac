/** What a registry's 401 asks for, and getting it: RFC 9110, section 11; distribution, "Token Authentication Specification". */
import { parseChallenges } from "../auth/challenge.ts";
import { type Demand, readDemand } from "../auth/demand.ts";
import { formatScopes } from "../auth/scope.ts";
import { hideSecrets } from "../auth/secrets.ts";
import { WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import { responseError } from "../http/errors.ts";
import type { HttpClient, HttpResponse } from "../http/http.ts";
import { redactUrl } from "../http/redact.ts";

/** An answer that refuses us; its body is left alone. */
export type Refusal = Pick<HttpResponse, "method" | "status" | "headers" | "url">;

export interface Challenged {
  readonly demand: Demand;
  /** What a token is to permit, word by word, where the registry says so. */
  readonly scopes: readonly string[];
}

export interface ReadChallengeOptions {
  /** As in references: `docker.io`. */
  readonly registry: string;
  /** Where its `/v2/` begins. */
  readonly base: URL;
  /** `HOST[:PORT]` of the token service, in place of what the registry says. */
  readonly authHost?: string | undefined;
}

/**
 * @throws WharfError RESPONSE_INVALID where the registry does not say what it wants; LOCATION_REFUSED, USAGE
 */
export function readChallenge(
  response: Refusal,
  { registry, base, authHost }: ReadChallengeOptions,
): Challenged {
  const given = parseChallenges(response.headers.getAll("www-authenticate"));
  const challenges = given.map((challenge) => {
    const realm = challenge.parameters.get("realm");
    if (challenge.scheme !== "bearer" || realm === undefined || !authHost) return challenge;
    const moved = new Map(challenge.parameters).set("realm", movedTo(authHost, realm, response));
    return { ...challenge, parameters: moved };
  });
  const { demand, scopes } = readDemand(challenges, response.url, {
    registry,
    site: base,
    trusted: authHost ? [hostOf(authHost, base)] : [],
    plainHttp: () => false,
  });
  if (demand) return { demand, scopes: formatScopes(scopes) };
  throw new WharfError(
    "RESPONSE_INVALID",
    `${response.method} ${redactUrl(response.url)}: the registry refuses us, and does not say how to sign in (${response.status})`,
    { method: response.method, url: redactUrl(response.url), status: response.status },
  );
}

/** The realm at another host. */
function movedTo(authHost: string, realm: string, { url: from }: Refusal): string {
  if (!URL.canParse(realm, from.href)) return realm;
  const url = new URL(realm, from);
  const host = hostOf(authHost, url);
  url.port = "";
  url.host = host;
  return url.href;
}

/** As an address of that scheme shows it: lower case, without the usual port. */
function hostOf(authHost: string, { protocol }: URL): string {
  const address = `${protocol}//${authHost}`;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url && url.username === "" && url.pathname === "/" && url.search === "" && url.hash === "")
    return url.host;
  throw new WharfError("USAGE", "The host of the token service is not HOST or HOST:PORT");
}

/** What is asked of a token service. */
export interface TokenQuestion extends Cancellable {
  readonly realm: URL;
  /** The registry, where the service is of another site. */
  readonly namedBy?: URL | undefined;
  readonly service?: string | undefined;
  readonly scopes: readonly string[];
  /** A whole `Authorization`; without it an anonymous token is asked for. */
  readonly authorization?: string | undefined;
}

/** A token that permits a hundred repositories, sent twice, has some 60 KiB. */
const answerLimit = 128 * 1024;

/** @throws WharfError UNAUTHORIZED where the service refuses; RESPONSE_INVALID where its answer is no token */
export async function askForToken(http: HttpClient, question: TokenQuestion): Promise<string> {
  const { realm, namedBy, service, scopes, authorization, signal } = question;
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  const response = await http.request({
    method: "GET",
    url,
    headers: { accept: "application/json", ...(authorization && { authorization }) },
    ...(namedBy && { namedBy }),
    ...(signal && { signal }),
  });
  if (response.status !== 200)
    throw hideSecrets(await responseError(response), authorization ? [authorization] : []);
  const answer = (await response.json(answerLimit)) as Readonly<Record<string, unknown>> | null;
  const token = [answer?.["access_token"], answer?.["token"]].find(
    (text): text is string => typeof text === "string" && text !== "",
  );
  // Anything else could not stand in a header.
  if (token !== undefined && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new WharfError(
    "RESPONSE_INVALID",
    `The token service ${url.origin} answered without a usable token`,
    { status: response.status },
  );
}
