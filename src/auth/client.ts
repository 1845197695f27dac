/** Requests that bring what the registry asks for: nothing, user and password, or a token. */
import type { Config, HostSettings } from "../config.ts";
import type { Cancellable } from "../http/bytes.ts";
import type { HttpClient, HttpRequest, HttpResponse, StreamBody } from "../http/http.ts";
import { Recent } from "../http/recent.ts";
import { anonymous, type CredentialSource } from "./credentials.ts";
import { baseOf, type Grant, Host, type HostParts } from "./host.ts";
import { audienceOf } from "./realm.ts";
import { registryRefusal, tokenEnded } from "./refusal.ts";
import { mergeScopes, type Scope, scopeSet } from "./scope.ts";
import { Tokens } from "./tokens.ts";

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

/** Origins that are remembered; one that was forgotten is asked again what it wants. */
const hostLimit = 256;

class Client implements AuthorizedClient {
  readonly http: HttpClient;
  readonly #settings: (registry: string) => HostSettings;
  readonly #parts: HostParts;
  readonly #hosts = new Recent<Host>(hostLimit);

  constructor(options: AuthorizedClientOptions) {
    const { http, config, insist = false, now = Date.now } = options;
    const { credentials = { find: async () => anonymous } } = options;
    this.http = http;
    this.#settings = (registry) => config?.hosts(registry) ?? {};
    this.#parts = { http, credentials, insist, tokens: new Tokens(http, now) };
  }

  async close(): Promise<void> {
    await this.http.close();
  }

  async authorize({ registry, url, scopes = [], signal }: AuthorizationRequest): Promise<void> {
    const host = this.#hostOf(registry, url);
    await host.probe(url, signal);
    await host.grant(scopes, scopeSet(scopes), signal);
  }

  async request(request: AuthorizedRequest): Promise<HttpResponse> {
    const { registry, url, scopes = [], signal } = request;
    if (request.headers?.["authorization"] !== undefined) return this.http.request(request);
    const host = this.#hostOf(registry, url);
    const body = watchBody(request);
    if (body.once) await host.probe(baseOf(url), signal);

    const first = await host.grant(scopes, scopeSet(scopes), signal);
    const response = await this.http.request(authorized(body.request, first));
    if (response.status !== 401) return response;
    // Whoever we were redirected to got no credentials, and does not speak for the registry.
    if (response.url.origin !== url.origin) throw await registryRefusal(response, first);

    const second = await this.#regrant(host, request, first, response);
    if (second.authorization === undefined || second.authorization === first.authorization) {
      throw await registryRefusal(response, second);
    }
    if (body.once && body.opened()) throw await tokenEnded(response, first);
    await response.discard();
    const last = await this.http.request(authorized(body.request, second));
    if (last.status === 401) throw await registryRefusal(last, second);
    return last;
  }

  /** What to bring after a 401. */
  async #regrant(
    host: Host,
    { url, scopes = [], signal }: AuthorizedRequest,
    refused: Grant,
    response: HttpResponse,
  ): Promise<Grant> {
    try {
      const demanded = await host.learn(response, url, signal);
      if (refused.token !== undefined) this.#parts.tokens.drop(refused.token);
      // What is demanded now comes first: some registries look at the first scope only.
      return await host.grant(scopes, mergeScopes(demanded, scopeSet(scopes)), signal);
    } catch (error) {
      await response.discard();
      throw error;
    }
  }

  #hostOf(registry: string, url: URL): Host {
    const key = `${registry} ${url.origin}`;
    return this.#hosts.get(
      key,
      () => new Host(audienceOf(registry, url, this.#settings), url, this.#parts),
    );
  }
}

function authorized(request: HttpRequest, { authorization }: Grant): HttpRequest {
  if (authorization === undefined) return request;
  return { ...request, headers: { ...request.headers, authorization } };
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
