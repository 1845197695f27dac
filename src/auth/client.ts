/** Requests that bring what the registry asks for: nothing, user and password, or a token. */
import type { Config, HostSettings } from "../config.ts";
import { WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import { responseError } from "../http/errors.ts";
import type { HttpClient, HttpRequest, HttpResponse, StreamBody } from "../http/http.ts";
import { parseChallenges } from "./challenge.ts";
import {
  anonymous,
  basicAuthorization,
  type Credentials,
  type CredentialSource,
} from "./credentials.ts";
import { type Demand, readDemand } from "./demand.ts";
import { type Audience, audienceOf, withhold, type Withheld } from "./realm.ts";
import { notSent, registryRefusal } from "./refusal.ts";
import { mergeScopes, type Scope, scopeSet, type ScopeSet } from "./scope.ts";
import { type HeldToken, Tokens } from "./tokens.ts";

export type { Scope } from "./scope.ts";

/** A request to a registry. One that has an `authorization` of its own goes out as it is. */
export interface AuthorizedRequest extends HttpRequest {
  /** As in a reference: `docker.io`, `localhost:5000`. Credentials are looked up for it. */
  readonly registry: string;
  /** What the request needs; asked for up front once the registry is known to want tokens. The first repository chooses the credentials. */
  readonly scopes?: readonly Scope[];
}

/** What {@link AuthorizedClient.authorize} needs to know. */
export interface AuthorizationRequest extends Cancellable {
  readonly registry: string;
  /** An address of the registry that answers anybody quickly, `/v2/`. */
  readonly url: URL;
  readonly scopes?: readonly Scope[];
}

/** Sends requests with the credentials that a registry wants. */
export interface AuthorizedClient {
  /**
   * Sends; after a 401 once more with what the registry asks for. Never answers with a 401.
   *
   * Where a token ended in the middle of a body that cannot be sent again, the error is UNAUTHORIZED with
   * `details.renewed`: a new token is at hand, and the caller goes on from where the registry stands.
   * @throws WharfError UNAUTHORIZED, FORBIDDEN, CREDENTIALS_NOT_SENT, CREDENTIAL_HELPER_FAILED, and what http throws
   */
  request(request: AuthorizedRequest): Promise<HttpResponse>;
  /**
   * Finds out what a registry asks for, and gets a token, so that the requests that follow bring it from the start.
   * Costs nothing where that is known already.
   * @throws WharfError as `request` does, where a token is asked for and cannot be had
   */
  authorize(request: AuthorizationRequest): Promise<void>;
  readonly http: HttpClient;
  /** Closes `http`. */
  close(): Promise<void>;
}

export interface AuthorizedClientOptions {
  readonly http: HttpClient;
  /** @default anonymous everywhere */
  readonly credentials?: CredentialSource;
  /** For `plainHttp`, `url` and `tokenRealms` of hosts. */
  readonly config?: Pick<Config, "hosts">;
  /** Where credentials must be kept back, fail at once instead of asking without them. @default false */
  readonly insist?: boolean;
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number;
}

/** What an origin of a registry wants, as far as it has said so. */
interface Host {
  readonly audience: Audience;
  /** Why credentials do not go to this origin at all. */
  readonly withheld?: Withheld;
  /** Whether it has been asked at its base address. */
  probed: boolean;
  demand?: Demand;
}

/** What one request brings along, and on whose behalf. */
interface Grant {
  readonly registry: string;
  readonly credentials: Credentials;
  readonly withheld?: Withheld;
  readonly authorization?: string;
  readonly token?: HeldToken;
}

/**
 * Wraps an HTTP client.
 *
 * @example
 * const client = createAuthorizedClient({ http: createHttpClient(), credentials: findCredentials() })
 * const answer = await client.request({
 *   method: "GET",
 *   registry: "docker.io",
 *   url: new URL("https://registry-1.docker.io/v2/library/nginx/tags/list"),
 *   scopes: [{ type: "repository", name: "library/nginx", actions: ["pull"] }],
 * })
 */
export function createAuthorizedClient(options: AuthorizedClientOptions): AuthorizedClient {
  return new Client(options);
}

class Client implements AuthorizedClient {
  readonly http: HttpClient;
  readonly #credentials: CredentialSource | undefined;
  readonly #settings: (registry: string) => HostSettings;
  readonly #insist: boolean;
  readonly #hosts = new Map<string, Host>();
  readonly #tokens: Tokens;

  constructor({
    http,
    credentials,
    config,
    insist = false,
    now = Date.now,
  }: AuthorizedClientOptions) {
    this.http = http;
    this.#insist = insist;
    this.#credentials = credentials;
    this.#settings = (registry) => config?.hosts(registry) ?? {};
    this.#tokens = new Tokens(http, now);
  }

  async close(): Promise<void> {
    await this.http.close();
  }

  async authorize({ registry, url, scopes = [], signal }: AuthorizationRequest): Promise<void> {
    const host = this.#hostOf(registry, url);
    await this.#probe(host, url, signal);
    await this.#grant(host, scopes, scopeSet(scopes), signal);
  }

  async request(request: AuthorizedRequest): Promise<HttpResponse> {
    const { registry, url, scopes = [], signal } = request;
    if (request.headers?.["authorization"] !== undefined) return this.http.request(request);
    const host = this.#hostOf(registry, url);
    const wanted = scopeSet(scopes);
    const body = watchBody(request);
    if (body.once) await this.#probe(host, baseOf(url), signal);

    const first = await this.#grant(host, scopes, wanted, signal);
    const response = await this.http.request(authorized(body.request, first));
    if (response.status !== 401) return response;

    let second: Grant;
    try {
      const demanded = await this.#learn(host, response, request);
      if (first.token !== undefined) this.#tokens.drop(first.token);
      // What is demanded now comes first: some registries look at the first scope only.
      second = await this.#grant(host, scopes, mergeScopes(demanded, wanted), signal);
    } catch (error) {
      await response.discard();
      throw error;
    }
    const same = second.authorization === first.authorization;
    if (second.authorization === undefined || same || response.url.origin !== url.origin) {
      throw await registryRefusal(response, second);
    }
    if (body.once && body.opened()) {
      const { message, details } = await responseError(response);
      throw new WharfError("UNAUTHORIZED", message, { ...details, renewed: true });
    }
    await response.discard();
    const last = await this.http.request(authorized(body.request, second));
    if (last.status === 401) throw await registryRefusal(last, second);
    return last;
  }

  #hostOf(registry: string, url: URL): Host {
    const key = `${registry} ${url.origin}`;
    let host = this.#hosts.get(key);
    if (host === undefined) {
      const audience = audienceOf(registry, url, this.#settings);
      const withheld = withhold(url, audience);
      host = { audience, probed: false, ...(withheld && { withheld }) };
      this.#hosts.set(key, host);
    }
    return host;
  }

  /** Asks at the base address what the registry wants, unless that is known. */
  async #probe(host: Host, url: URL | undefined, signal?: AbortSignal): Promise<void> {
    if (host.demand !== undefined || host.probed || url === undefined) return;
    const response = await this.http.request({ method: "GET", url, ...(signal && { signal }) });
    await response.discard();
    host.probed = true;
    if (response.status === 401) await this.#learn(host, response, { url });
  }

  /** Remembers what a 401 asks for, and returns the scopes that it names. */
  async #learn(
    host: Host,
    response: HttpResponse,
    { url, signal }: Pick<AuthorizedRequest, "url" | "signal">,
  ): Promise<ScopeSet> {
    // Whoever we were redirected to does not speak for the registry.
    if (response.url.origin !== url.origin) return new Map();
    const challenges = parseChallenges(response.headers.getAll("www-authenticate"));
    if (challenges.length === 0) {
      // gcr.io answers a bare 401, and says only at its base address what it wants.
      await this.#probe(host, baseOf(url), signal);
      return new Map();
    }
    const { demand, scopes } = readDemand(challenges, response.url, host.audience);
    if (demand !== undefined) host.demand = demand;
    return scopes;
  }

  /** What to bring to a host, by what it is known to want. */
  async #grant(
    host: Host,
    scopes: readonly Scope[],
    wanted: ScopeSet,
    signal?: AbortSignal,
  ): Promise<Grant> {
    const { demand, audience } = host;
    const { registry } = audience;
    if (demand === undefined) return { registry, credentials: anonymous };
    const repository = scopes.find(({ type }) => type === "repository")?.name;
    const found = (await this.#credentials?.find(registry, repository)) ?? anonymous;
    const kept = found.kind === "anonymous" ? undefined : host.withheld;
    if (demand.scheme === "basic") {
      return kept ? { registry, credentials: anonymous, withheld: kept } : present(registry, found);
    }
    if (found.kind === "bearer" && kept === undefined) return present(registry, found);
    // A token stands for the credentials, so it stays where they stay.
    const withheld = found.kind === "anonymous" ? undefined : (kept ?? demand.realm.withheld);
    if (withheld !== undefined && this.#insist) throw notSent(withheld);
    const shown = found.kind === "bearer" || withheld !== undefined ? anonymous : found;
    const caller = { registry, credentials: shown, ...(withheld && { withheld }) };
    const token = await this.#tokens.get({
      ...caller,
      realm: demand.realm.url,
      scopes: wanted,
      ...(demand.service !== undefined && { service: demand.service }),
      ...(signal && { signal }),
    });
    return { ...caller, token, authorization: `Bearer ${token.value}` };
  }
}

function present(registry: string, credentials: Credentials): Grant {
  switch (credentials.kind) {
    case "basic": {
      const authorization = basicAuthorization(credentials.username, credentials.password);
      return { registry, credentials, authorization };
    }
    case "bearer":
      return { registry, credentials, authorization: `Bearer ${credentials.token}` };
    default:
      return { registry, credentials };
  }
}

function authorized(request: HttpRequest, { authorization }: Grant): HttpRequest {
  if (authorization === undefined) return request;
  return { ...request, headers: { ...request.headers, authorization } };
}

/** The base address of the registry that an address belongs to: `…/v2/`. */
function baseOf(url: URL): URL | undefined {
  const start = url.pathname.indexOf("/v2/");
  if (start < 0) return undefined;
  const base = new URL(url.origin);
  base.pathname = url.pathname.slice(0, start + "/v2/".length);
  return base;
}

/** Notes whether a body that cannot be sent again has been touched. */
function watchBody(request: HttpRequest): {
  readonly request: HttpRequest;
  readonly once: boolean;
  readonly opened: () => boolean;
} {
  const { body } = request;
  if (body === undefined || body instanceof Uint8Array || body.replayable) {
    return { request, once: false, opened: () => false };
  }
  let opened = false;
  const watched: StreamBody = {
    replayable: false,
    ...(body.size !== undefined && { size: body.size }),
    open(options) {
      opened = true;
      return body.open(options);
    },
  };
  return { request: { ...request, body: watched }, once: true, opened: () => opened };
}
