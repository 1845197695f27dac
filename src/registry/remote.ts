/** A registry at the other end of the network. */
import { type AuthorizedClient, createAuthorizedClient } from "../auth/client.ts";
import type { Credentials, CredentialSource } from "../auth/credentials.ts";
import { type Config, loadConfig, registryUrl } from "../config.ts";
import { isError, WharfError } from "../errors.ts";
import { createHttpClient, type HttpClientOptions } from "../http/client.ts";
import { Recent } from "../http/recent.ts";
import { dockerHub, type ParsedHost, parseHost } from "../reference/hosts.ts";
import type { Cancellable, RepositoryCollection } from "../store/store.ts";
import { Connection } from "./connection.ts";
import type { ListOptions } from "./listing.ts";
import type { PingResult } from "./ping.ts";
import type { PullLimit, PullLimitOptions } from "./pullLimit.ts";
import { RemoteRepository } from "./repository.ts";

/** How a registry is reached, and who signs in. All of it may be left out. */
export interface ConnectOptions extends Omit<HttpClientOptions, "config" | "settingsFor"> {
  /** @default loadConfig() */
  readonly config?: Config;
  /**
   * Who signs in at this registry, as `{ kind: "basic", username, password }`, or what finds it.
   * @default findCredentials(): environment, docker's and podman's files
   */
  readonly credentials?: Credentials | CredentialSource;
  /** A client to be shared. Its own options for HTTP and its own credentials count then; `credentials` only tells `ping` whom it signs in as. */
  readonly client?: AuthorizedClient;
  /** Bytes of a piece where blobs must be uploaded in pieces, because something on the way limits requests. @default whole blobs */
  readonly chunkSize?: number;
}

/** A registry as a collection of repositories. */
export interface RemoteRegistry extends RepositoryCollection {
  /** As in references: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** Where its `/v2/` begins. */
  readonly url: URL;
  /** Says who answers and how we are received; fails only when aborted. */
  ping(options?: Cancellable): Promise<PingResult>;
  /** @throws WharfError REFERENCE_INVALID */
  repository(name: string): RemoteRepository;
  /**
   * Lists the catalogue.
   * @throws WharfError UNSUPPORTED where the registry has none, as Docker Hub; UNAUTHORIZED, FORBIDDEN
   */
  listRepositories(options?: ListOptions): AsyncIterable<string>;
  /** Pulls that Docker Hub, or another registry that states it, still allows; undefined where it states no limit. */
  pullLimit(options?: PullLimitOptions): Promise<PullLimit | undefined>;
  /** Closes it, for `await using registry = connect("…")`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Connects to a registry; nothing is sent yet.
 *
 * @param host `docker.io`, `localhost:5000`, or a URL with scheme, path prefix, user and password
 * @throws WharfError REFERENCE_INVALID, CONFIG_INVALID, INPUT_INVALID
 * @example
 * const registry = connect("docker.io");
 * const { digest } = await registry.repository("library/alpine").resolve("latest");
 * await registry.close();
 * @example
 * connect("localhost:5000", { credentials: { kind: "basic", username: "me", password } });
 */
export function connect(host: string, options: ConnectOptions = {}): RemoteRegistry {
  return new Remote(parseHost(host), options);
}

/** Repositories that are remembered, for the uploads that they may hold. */
const repositoryLimit = 256;

class Remote implements RemoteRegistry {
  readonly registry: string;
  readonly url: URL;
  readonly #connection: Connection;
  readonly #credentials: CredentialSource | undefined;
  readonly #repositories = new Recent<RemoteRepository>(
    repositoryLimit,
    (repository) => repository.holding,
  );
  readonly #ownsClient: boolean;

  constructor(host: ParsedHost, options: ConnectOptions) {
    const { client, chunkSize, backoff, config: given, credentials, ...http } = options;
    const { registry } = host;
    const source = credentials && sourceOf(credentials, registry);
    const config = settled(given ?? loadConfig(), host);
    const prefix = registryUrl(registry, config.hosts(registry));
    const base = new URL(prefix.href.endsWith("/") ? prefix : `${prefix.href}/`);
    this.registry = registry;
    this.url = base;
    this.#ownsClient = client === undefined;
    this.#credentials = client ? source : credentialsOf(host, source ?? usualCredentials());
    this.#connection = new Connection({
      registry,
      base,
      client:
        client ??
        createAuthorizedClient({
          http: createHttpClient({
            ...patienceOf(config),
            ...http,
            ...(backoff && { backoff }),
            config,
          }),
          config,
          ...(this.#credentials && { credentials: this.#credentials }),
        }),
      ...(chunkSize !== undefined && { chunkSize }),
      ...(backoff && { backoff }),
    });
  }

  async ping(options?: Cancellable): Promise<PingResult> {
    const { ping } = await import("./ping.ts");
    return ping(this.#connection, this.#credentials, options);
  }

  repository(name: string): RemoteRepository {
    return this.#repositories.get(name, () => new RemoteRepository(this.#connection, name));
  }

  hasRepository(name: string): Promise<boolean> {
    return this.repository(name).exists();
  }

  async *listRepositories(options?: ListOptions): AsyncGenerator<string, void, undefined> {
    const { listRepositories } = await import("./listing.ts");
    try {
      yield* listRepositories(this.#connection, options);
    } catch (error) {
      const refused = isError(error, "UNAUTHORIZED", "FORBIDDEN", "UNSUPPORTED");
      if (!refused || this.registry !== dockerHub) throw error;
      throw new WharfError(
        "UNSUPPORTED",
        "docker.io: Docker Hub gives nobody the list of all repositories",
        {
          ...error.details,
          hint: "Its web API lists those of a namespace: `wharf hub repositories list NAMESPACE`.",
          cause: error,
        },
      );
    }
  }

  async pullLimit(options?: PullLimitOptions): Promise<PullLimit | undefined> {
    const { pullLimit } = await import("./pullLimit.ts");
    return pullLimit(this.#connection, options);
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#repositories.values(), (repository) => repository.close()));
    if (this.#ownsClient) await this.#connection.client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The configuration, with what the host's address itself says of the registry. */
function settled(config: Config, { registry, scheme, host, pathPrefix = "" }: ParsedHost): Config {
  if (scheme === undefined && pathPrefix === "") return config;
  const own = config.hosts(registry);
  const plain = scheme === undefined ? own.plainHttp === true : scheme === "http";
  const settings = {
    ...own,
    plainHttp: plain,
    url: `${plain ? "http" : "https"}://${host}${pathPrefix}`,
  };
  return {
    hosts: (name) => (name === registry ? settings : config.hosts(name)),
    debug: config.debug,
    timeouts: config.timeouts,
    retries: config.retries,
  };
}

/** Time-outs and repeats as they are configured. */
function patienceOf({ timeouts, retries }: Config): HttpClientOptions {
  const { connect: connectTimeout, headers: headersTimeout, idle: idleTimeout } = timeouts;
  return {
    ...(connectTimeout !== undefined && { connectTimeout }),
    ...(headersTimeout !== undefined && { headersTimeout }),
    ...(idleTimeout !== undefined && { idleTimeout }),
    ...(retries !== undefined && { retries }),
  };
}

/** Looked for only where a registry asks for them. */
function usualCredentials(): CredentialSource {
  let source: Promise<CredentialSource> | undefined;
  return {
    async find(registry, repository) {
      source ??= import("../auth/credentials.ts").then(({ findCredentials }) => findCredentials());
      return (await source).find(registry, repository);
    },
  };
}

/** Credentials that stand there by themselves are for the registry beside which they stand. */
function sourceOf(given: Credentials | CredentialSource, registry: string): CredentialSource {
  if ("find" in given) return given;
  if (given.kind === undefined)
    throw new WharfError(
      "INPUT_INVALID",
      `Of what kind the credentials for ${registry} are is not said`,
      {
        hint: 'Write for example { kind: "basic", username, password }.',
      },
    );
  return { find: async (name) => (name === registry ? given : { kind: "anonymous" }) };
}

/** User and password of the host's address are for this registry only. */
function credentialsOf(host: ParsedHost, source: CredentialSource): CredentialSource {
  const { registry, username, password } = host;
  if (username === undefined || password === undefined) return source;
  const explicit = { kind: "basic", username, password, origin: "the address" } as const;
  return {
    find: async (name, repository) =>
      name === registry ? explicit : source.find(name, repository),
  };
}
