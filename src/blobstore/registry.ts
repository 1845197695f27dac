/** A registry, for those who keep blobs in it. */
import { basicAuthorization } from "../auth/credentials.ts";
import { secretsOf, hideSecrets } from "../auth/secrets.ts";
import { isError, WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import { createHttpClient, type HttpClientOptions } from "../http/client.ts";
import { responseError } from "../http/errors.ts";
import type { HttpResponse } from "../http/http.ts";
import { parseHost } from "../reference/hosts.ts";
import { Connection } from "../registry/connection.ts";
import { listRepositories } from "../registry/listing.ts";
import type { Place } from "../registry/place.ts";
import { Access } from "./access.ts";
import { askForToken, readChallenge, type Refusal } from "./challenge.ts";

/**
 * Called when a registry refuses us. It shows who we are by calling `authenticate` with the answer it was given; after that
 * the request is sent once more.
 */
export type Authenticate<Store> = (store: Store, refusal: Refusal) => Promise<unknown>;

/** How a registry is reached, and who signs in. All of it may be left out. */
export interface BlobRegistryOptions<Store> {
  /** @default anonymous, without asking for a token */
  readonly auth?: Authenticate<Store>;
  /** Speak http, not https. Nobody is authenticated over it. @default false */
  readonly insecure?: boolean;
  /** `HOST[:PORT]` where tokens are asked for, in place of the one that the registry names. */
  readonly authHost?: string;
  /** Whether to check certificates, or a file (PEM) of the only authorities that are trusted. @default true, by `REQUESTS_CA_BUNDLE` where it is set */
  readonly tlsVerify?: boolean | string;
  /** A token to begin with. */
  readonly token?: string;
  /** Milliseconds to wait for a connection, the head of an answer, and each piece of its body. @default 10 000, 60 000 and 30 000 */
  readonly timeout?: number;
  /** Where proxies and `REQUESTS_CA_BUNDLE` are looked up. @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** Further tries after a request that failed. @default 5 */
  readonly retries?: number;
  /** Called with each step of each request; secrets are gone from it. */
  readonly onTrace?: HttpClientOptions["onTrace"];
}

/** Who we are, and what for; see {@link BlobRegistry.authenticate}. */
export interface Login extends Cancellable {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** A whole `Authorization`, such as `Basic …`, where user and password are not both given. */
  readonly authorization?: string | undefined;
  /** What the token is to permit on the repository: `pull`, `push`, `*`. @default what the registry asks for */
  readonly actions?: readonly string[] | undefined;
  /** The answer that refused us. @default the registry is asked */
  readonly response?: Refusal | undefined;
}

/** How many names are asked for at once. */
export interface ListOptions extends Cancellable {
  /** Names that are asked for at once. @default 1000 */
  readonly pageSize?: number;
}

/**
 * A registry: signing in, and its repositories.
 *
 * @example
 * await using registry = new BlobRegistry("registry.example.com");
 * for await (const name of registry.listRepositories()) console.log(name);
 */
export class BlobRegistry {
  /** As in references: `docker.io`, `localhost:5000`. */
  readonly host: string;
  /** Where its `/v2/` begins. */
  readonly url: URL;
  protected readonly connection: Connection;
  readonly #access: Access;
  readonly #authHost: string | undefined;

  /**
   * Nothing is sent yet.
   *
   * @param host `HOST[:PORT]`, with a path where the registry has one; or another's registry, whose connections and token are shared
   * @throws WharfError REFERENCE_INVALID
   */
  constructor(host: string | BlobRegistry, options: BlobRegistryOptions<BlobRegistry> = {}) {
    if (typeof host !== "string") {
      this.host = host.host;
      this.url = host.url;
      this.connection = host.connection;
      this.#access = host.#access;
      this.#authHost = host.#authHost;
      return;
    }
    const parsed = parseHost(host);
    const scheme = options.insecure ? "http" : (parsed.scheme ?? "https");
    const { auth, token, authHost } = options;
    this.host = parsed.registry;
    this.url = new URL(`${scheme}://${parsed.host}${parsed.pathPrefix ?? ""}/`);
    this.#authHost = authHost;
    this.#access = new Access(
      createHttpClient(httpOptions(options)),
      auth && ((refusal) => auth(this, refusal)),
    );
    this.#access.token = token;
    this.connection = new SameScheme({
      registry: this.host,
      base: this.url,
      client: this.#access,
    });
  }

  /** The token that is shown to the registry; one of your own may be set. Tokens end after some minutes. */
  get token(): string | undefined {
    return this.#access.token;
  }

  set token(token: string | undefined) {
    this.#access.token = token;
  }

  /**
   * Finds out what the registry wants, and shows it from now on.
   *
   * @returns the token; undefined where the registry wants none, but user and password or nothing at all
   * @throws WharfError CREDENTIALS_NOT_SENT over http, and where another site asks for them; UNAUTHORIZED; RESPONSE_INVALID
   * @example
   * const auth = (store, response) => store.authenticate({ username: "fred", password, response });
   * const token = await store.authenticate({ username: "fred", password, actions: ["pull"] });
   */
  async authenticate(login: Login = {}): Promise<string | undefined> {
    const { signal } = login;
    const refusal = login.response ?? (await this.#refusal(signal && { signal }));
    if (refusal === undefined) return undefined;
    const secrets = secretsOfLogin(login);
    if (this.url.protocol === "http:")
      throw withheld(
        `${this.host} asks who we are, which is told over https only`,
        "Reach it over https; a token that you have may be set over http too.",
      );
    const { demand, scopes } = readChallenge(refusal, {
      registry: this.host,
      base: this.url,
      authHost: this.#authHost,
    });
    const authorization = authorizationOf(login);
    if (demand.scheme === "basic") {
      this.#access.show(authorization);
      return undefined;
    }
    const { realm, service } = demand;
    if (realm.withheld && authorization !== undefined)
      throw withheld(
        realm.withheld.reason,
        `If you trust ${realm.url.host}, name it as \`authHost\`.`,
      );
    try {
      this.#access.token = await askForToken(this.#access.http, {
        realm: realm.url,
        scopes: this.scopes(login.actions) ?? scopes,
        service,
        authorization,
        ...(realm.withheld && { namedBy: this.url }),
        ...(signal && { signal }),
      });
    } catch (error) {
      throw isError(error) ? hideSecrets(error, secrets) : error;
    }
    return this.#access.token;
  }

  /** The words of a token's scope, where they are not those that the registry asks for. */
  protected scopes(_actions: readonly string[] | undefined): readonly string[] | undefined {
    return undefined;
  }

  /**
   * Makes sure that a registry answers, and lets us in.
   * @throws WharfError UNAUTHORIZED, NOT_A_REGISTRY and what the network does
   */
  async checkVersion(options: Cancellable = {}): Promise<void> {
    const response = await this.connection.request({ method: "GET", path: "", ...options });
    if (response.status === 200) return response.discard();
    throw await responseError(response, { code404: "NOT_A_REGISTRY" });
  }

  /**
   * Lists the repositories, as the registry orders them. Many registries have no such list.
   * @throws WharfError UNSUPPORTED, UNAUTHORIZED, FORBIDDEN
   */
  async *listRepositories(options: ListOptions = {}): AsyncGenerator<string, void, undefined> {
    yield* listRepositories(this.connection, { ...options, asSent: true });
  }

  /** Closes the connections, of all that share them. */
  async close(): Promise<void> {
    await this.#access.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** What the registry says to somebody unknown; undefined where everybody may come in. */
  async #refusal(options: Cancellable = {}): Promise<HttpResponse | undefined> {
    const url = new URL("v2/", this.url);
    const response = await this.#access.http.request({ method: "GET", url, ...options });
    if (response.status !== 401 && response.status !== 200)
      throw await responseError(response, { code404: "NOT_A_REGISTRY" });
    await response.discard();
    return response.status === 401 ? response : undefined;
  }
}

/** Registries behind somebody who ends TLS for them name addresses of their own as http. */
class SameScheme extends Connection {
  override place(response: HttpResponse, address: string): Place {
    const url = URL.canParse(address, response.url.href)
      ? new URL(address, response.url)
      : undefined;
    if (url === undefined || url.hostname !== this.base.hostname)
      return super.place(response, address);
    if (/^https?:$/.test(url.protocol)) url.protocol = this.base.protocol;
    return super.place(response, url.href);
  }
}

function httpOptions(options: BlobRegistryOptions<BlobRegistry>): HttpClientOptions {
  const { tlsVerify = true, timeout, retries, onTrace, environment = process.env } = options;
  const bundle = environment["REQUESTS_CA_BUNDLE"] || undefined;
  const roots = typeof tlsVerify === "string" ? tlsVerify : bundle;
  return {
    environment: { ...environment, ...(roots !== undefined && { SSL_CERT_FILE: roots }) },
    settingsFor: () => ({ insecure: tlsVerify === false }),
    ...(timeout !== undefined && {
      connectTimeout: timeout,
      headersTimeout: timeout,
      idleTimeout: timeout,
    }),
    ...(retries !== undefined && { retries }),
    ...(onTrace && { onTrace }),
  };
}

function authorizationOf({ username, password, authorization }: Login): string | undefined {
  if (username !== undefined && password !== undefined)
    return basicAuthorization(username, password);
  return authorization;
}

function secretsOfLogin({ username = "", password = "", authorization = "" }: Login): string[] {
  const header = authorization.replace(/^\w+ /, "");
  return [...secretsOf({ kind: "basic", username, password }), ...(header ? [header] : [])];
}

function withheld(reason: string, hint: string): WharfError {
  const message = reason.charAt(0).toUpperCase() + reason.slice(1);
  return new WharfError("CREDENTIALS_NOT_SENT", message, { hint });
}
