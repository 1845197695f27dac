/** Tokens for whoever needs them: from the cache, else from the service, asked once for all who wait. */
import { isError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import type { HttpClient } from "../http/http.ts";
import type { Credentials } from "./credentials.ts";
import { Flights } from "./flights.ts";
import { type Caller, tokenRefusal } from "./refusal.ts";
import { formatScopes, type ScopeSet } from "./scope.ts";
import { fetchToken, type Token, type TokenQuestion } from "./token.ts";
import { TokenCache } from "./tokenCache.ts";

/** For whom a token is wanted, from whom, and for what. */
export interface TokenWish extends Caller, Cancellable {
  readonly realm: URL;
  readonly namedBy?: URL;
  readonly service?: string;
  readonly credentials: TokenQuestion["credentials"];
  readonly scopes: ScopeSet;
}

/** A token in use; `drop` it when it was refused. */
export interface HeldToken {
  readonly value: string;
  /** Where the token stands in the cache. */
  readonly holder: string;
}

export class Tokens {
  readonly #http: HttpClient;
  readonly #now: () => number;
  readonly #cache = new TokenCache();
  readonly #flights = new Flights<Token>();
  /** Identity tokens that the service replaced, by the fingerprint of the first. */
  readonly #replaced = new Map<string, string>();

  /** @param now milliseconds since 1970 */
  constructor(http: HttpClient, now: () => number) {
    this.#http = http;
    this.#now = now;
  }

  /** @throws WharfError UNAUTHORIZED, FORBIDDEN, CREDENTIALS_NOT_SENT, and what http throws */
  async get(wish: TokenWish): Promise<HeldToken> {
    const { registry, realm, service = "", credentials, scopes, signal } = wish;
    const holder = [registry, realm.href, service, fingerprint(credentials)].join("\0");
    const token =
      this.#cache.find(holder, scopes, this.#now()) ??
      (await this.#flights.run(
        [holder, ...formatScopes(scopes)].join("\0"),
        (flight) => this.#fetch(wish, holder, flight),
        signal,
      ));
    return { value: token.value, holder };
  }

  /** Forgets a token that a registry refused. */
  drop({ holder, value }: HeldToken): void {
    this.#cache.drop(holder, value);
  }

  async #fetch(wish: TokenWish, holder: string, signal: AbortSignal): Promise<Token> {
    const { realm, namedBy, service, scopes } = wish;
    const credentials = this.#current(wish.credentials);
    const question = { realm, scopes: formatScopes(scopes), credentials, signal };
    try {
      const token = await fetchToken(
        this.#http,
        { ...question, ...(namedBy && { namedBy }), ...(service !== undefined && { service }) },
        this.#now,
      );
      if (credentials.kind === "identity" && token.refreshToken !== undefined) {
        this.#replaced.set(fingerprint(wish.credentials), token.refreshToken);
      }
      this.#cache.add(holder, scopes, token, this.#now());
      return token;
    } catch (error) {
      throw isError(error) ? tokenRefusal(error, { ...wish, credentials }) : error;
    }
  }

  #current(credentials: TokenWish["credentials"]): TokenWish["credentials"] {
    if (credentials.kind !== "identity") return credentials;
    const token = this.#replaced.get(fingerprint(credentials));
    return token === undefined ? credentials : { ...credentials, token };
  }
}

function fingerprint(credentials: Credentials): string {
  switch (credentials.kind) {
    case "anonymous":
      return "";
    case "basic":
      return `basic\0${credentials.username}\0${credentials.password}`;
    default:
      return `${credentials.kind}\0${credentials.token}`;
  }
}
