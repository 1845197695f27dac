/** How a blob store comes to its registry: one client, one token, and a caller who is asked when the registry refuses us. */
import type { AuthorizationRequest, AuthorizedClient, AuthorizedRequest } from "../auth/client.ts";
import { hideSecrets } from "../auth/secrets.ts";
import { WharfError } from "../errors.ts";
import { responseError } from "../http/errors.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../http/http.ts";
import type { Refusal } from "./challenge.ts";

/** Gets what the refusing registry wants, by calling `authenticate`. */
export type Renew = (refusal: Refusal) => Promise<unknown>;

export class Access implements AuthorizedClient {
  readonly http: HttpClient;
  /** A whole `Authorization`, for the registry and nobody else. */
  #authorization: string | undefined;
  #token: string | undefined;
  readonly #renew: Renew | undefined;
  #renewing: Promise<unknown> | undefined;

  constructor(http: HttpClient, renew: Renew | undefined) {
    this.http = http;
    this.#renew = renew;
  }

  get token(): string | undefined {
    return this.#token;
  }

  set token(token: string | undefined) {
    this.#token = token;
    this.#authorization = token === undefined ? undefined : `Bearer ${token}`;
  }

  /** Shows this instead of a token from now on. */
  show(authorization: string | undefined): void {
    this.#token = undefined;
    this.#authorization = authorization;
  }

  async close(): Promise<void> {
    await this.http.close();
  }

  async authorize({ registry, url, signal }: AuthorizationRequest): Promise<void> {
    const response = await this.request({
      method: "GET",
      registry,
      url,
      ...(signal && { signal }),
    });
    await response.discard();
  }

  /** Sends; after a 401 the caller is asked, and it is sent once more with what that has brought. */
  async request(request: AuthorizedRequest): Promise<HttpResponse> {
    for (let asked = false; ;) {
      const shown = this.#authorization;
      const response = await this.http.request(authorized(request, shown));
      if (response.status !== 401) return response;
      // Whoever we were redirected to got nothing of ours, and does not speak for the registry.
      const own = response.url.origin === request.url.origin;
      if (!own || asked || this.#renew === undefined) throw await refused(response, shown);
      asked = await this.#renewed(this.#renew, response, shown);
      if (this.#authorization === shown) throw await refused(response, shown);
      if (!isRepeatable(request)) throw await refused(response, shown, { renewed: true });
      await response.discard();
    }
  }

  /**
   * Asks the caller, unless that has happened since the request went out; of several who are refused one asks.
   * @returns whether it was asked for this very request
   */
  async #renewed(renew: Renew, response: HttpResponse, shown: string | undefined) {
    const own = this.#renewing === undefined && this.#authorization === shown;
    try {
      if (own) this.#renewing = renew(response);
      await this.#renewing;
      return own;
    } catch (error) {
      await response.discard();
      throw error;
    } finally {
      if (own) this.#renewing = undefined;
    }
  }
}

function authorized(request: HttpRequest, authorization: string | undefined): HttpRequest {
  if (authorization === undefined) return request;
  return { ...request, headers: { ...request.headers, authorization } };
}

function isRepeatable({ body }: HttpRequest): boolean {
  return body === undefined || body instanceof Uint8Array || body.replayable;
}

async function refused(
  response: HttpResponse,
  shown: string | undefined,
  more: { readonly renewed?: true } = {},
): Promise<WharfError> {
  const secrets = shown === undefined ? [] : [shown, shown.replace(/^\w+ /, "")];
  const { code, message, details } = hideSecrets(await responseError(response), secrets);
  return new WharfError(code, message, {
    ...details,
    ...more,
    hint:
      shown === undefined
        ? "Sign in: give the store an `auth` that calls `authenticate`, or a token."
        : "What was shown is refused, or does not permit this: sign in again.",
  });
}
