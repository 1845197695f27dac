/** The client of Docker Hub: every operation of the catalogue as a function. */
import { type Config, loadConfig } from "../../config.ts";
import { createHttpClient } from "../../http/client.ts";
import type { HttpClient } from "../../http/http.ts";
import type { TraceEvent } from "../../http/trace.ts";
import * as catalogue from "../catalogue.ts";
import { registryAt } from "./addresses.ts";
import type { CallOptions } from "./call.ts";
import { type CallsOf, callsOf } from "./calls.ts";
import { findHubCredentials, type HubCredentials } from "./credentials.ts";
import { isAllowed } from "./guard.ts";
import type { RateLimit } from "./rateLimit.ts";
import { createSender, type Sender } from "./sender.ts";

/** All of it may be left out. An option goes before the environment, and that before the configuration file. */
export interface HubOptions {
  /** Who signs in. @default {@link findHubCredentials}: the environment, docker's files, else anonymous */
  readonly credentials?: HubCredentials | (() => HubCredentials | Promise<HubCredentials>);
  /** @default `DOCKERHUB_URL`, the configuration's `hubUrl` for docker.io, else https://hub.docker.com */
  readonly url?: string;
  /** @default `DOCKER_SCOUT_URL`, the configuration's `scoutUrl` for docker.io, else https://api.scout.docker.com */
  readonly scoutUrl?: string;
  /** The token service of the registry. @default the configuration's `authUrl` for docker.io, else https://auth.docker.io */
  readonly authUrl?: string;
  /** @default the configuration's `url` for docker.io, else https://registry-1.docker.io */
  readonly registryUrl?: string;
  /** The token of a SCIM connection, for `hub.scim`; it is a secret of its own. */
  readonly scimToken?: string;
  /** Lets every call destroy without `confirm`. @default whether DOCKERHUB_ALLOW_DESTRUCTIVE is true */
  readonly allowDestructive?: boolean;
  /** Waits before a call while the last answer said that none is left. @default false */
  readonly pace?: boolean;
  /** Whether answers have to fit their schema; unknown fields are kept in any case. @default true */
  readonly check?: boolean;
  /** Milliseconds for each call. @default none */
  readonly timeout?: number;
  /** Further tries of a request. @default 5 */
  readonly retries?: number;
  /** @default the configuration file, as every command reads it */
  readonly config?: Config;
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** A transport to share; it is not closed with the client. */
  readonly http?: HttpClient;
  /** Called with each step of each request; secrets are gone from it. */
  readonly onTrace?: (event: TraceEvent) => void;
}

type Areas = typeof catalogue;

/** One area of the API an object, one operation a function. */
export type HubCalls = { readonly [Area in keyof Areas]: CallsOf<Areas[Area]> };

/** What every client of Docker's services has beside its calls. */
export interface Client {
  /** What the last answer said of the rate limit; undefined before the first that did. */
  readonly rateLimit: RateLimit | undefined;
  /** The Docker ID that is signed in, or undefined. Opens the session where that is needed to know. */
  whoami(options?: Pick<CallOptions, "signal">): Promise<string | undefined>;
  /**
   * The token of the session, opened where there is none; undefined for who is anonymous.
   * It is a secret: whoever has it is signed in until it ends.
   */
  token(options?: Pick<CallOptions, "signal">): Promise<string | undefined>;
  /** Where Docker Hub is. */
  readonly url: URL;
  /** Ends connections. */
  close(): Promise<void>;
  /** {@link close}, for `await using hub = createHub()`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Docker Hub: its operations as `hub.AREA.VERB(input, options)`, with a session that is opened when one is needed. */
export interface Hub extends HubCalls, Client {}

/**
 * A client of Docker Hub. Nothing is read, connected or signed in before the first call.
 *
 * @example
 * const hub = createHub()
 * const { count, results } = await hub.repositories.list({ namespace: "library" })
 * for await (const tag of hub.tags.list({ namespace: "library", repository: "nginx" }, { limit: 500 })) console.log(tag.name)
 * await hub.close()
 */
export function createHub(options: HubOptions = {}): Hub {
  const { sender, allowed, properties } = openClient(options);
  const { send } = sender;
  return Object.defineProperties(
    callsOf(catalogue, { send, allowed, name: "hub" }),
    properties,
  ) as unknown as Hub;
}

/** What the clients of Docker's services have in common: transport, session, limits. */
export function openClient(options: HubOptions): {
  readonly sender: Sender;
  readonly allowed: boolean;
  /** Of {@link Client}. */
  readonly properties: PropertyDescriptorMap;
} {
  const { environment = process.env } = options;
  const config = options.config ?? loadConfig({ environment });
  const http = options.http ?? createHttpClient({ ...options, config, environment });
  const sender: Sender = createSender({
    ...options,
    config,
    environment,
    http,
    find: () => find({ ...options, config }, sender.url),
  });
  const close = async () => {
    if (options.http === undefined) await http.close();
  };
  return {
    sender,
    allowed: options.allowDestructive ?? isAllowed(environment),
    properties: {
      rateLimit: { get: () => sender.rateLimit, enumerable: true },
      url: { get: () => sender.url },
      token: { value: ({ signal }: CallOptions = {}) => sender.session.token(signal) },
      whoami: { value: ({ signal }: CallOptions = {}) => sender.session.username(signal) },
      close: { value: close },
      [Symbol.asyncDispose]: { value: close },
    },
  };
}

async function find(
  { credentials, environment, config }: HubOptions,
  url: URL,
): Promise<HubCredentials> {
  if (typeof credentials === "function") return credentials();
  if (credentials) return credentials;
  return findHubCredentials({
    ...(environment && { environment }),
    registry: registryAt(url, config),
  });
}
