/** The client of Docker Hub: every operation of the catalogue as a function. */
import type { Config } from "../../config.ts";
import { createHttpClient } from "../../http/client.ts";
import type { HttpClient } from "../../http/http.ts";
import type { TraceEvent } from "../../http/trace.ts";
import {
  type AnyOperation,
  type CatalogueEntry,
  entries,
  type Paging,
  type PagingStyle,
} from "../../operation.ts";
import * as catalogue from "../catalogue.ts";
import { type CallOf, type CallOptions, createCall, type ListOptions } from "./call.ts";
import { findHubCredentials, type HubCredentials } from "./credentials.ts";
import { guard, isAllowed } from "./guard.ts";
import { checkInput } from "./input.ts";
import { itemsOf, pagesOf } from "./paging.ts";
import type { RateLimit } from "./rateLimit.ts";
import type { Input } from "./request.ts";
import { createSender, type Sender } from "./sender.ts";

export interface HubOptions {
  /** Who signs in. @default {@link findHubCredentials}: the environment, docker's files, else anonymous */
  readonly credentials?: HubCredentials | (() => HubCredentials | Promise<HubCredentials>);
  /** @default `DOCKERHUB_URL`, the configuration's `hubUrl` for docker.io, else https://hub.docker.com */
  readonly url?: string;
  /** @default `DOCKER_SCOUT_URL`, else https://api.scout.docker.com */
  readonly scoutUrl?: string;
  /** The token service of the registry. @default https://auth.docker.io */
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
  readonly config?: Config;
  /** @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** A transport to share; it is not closed with the client. */
  readonly http?: HttpClient;
  readonly onTrace?: (event: TraceEvent) => void;
}

type Areas = typeof catalogue;

/** One area of the API an object, one operation a function. */
export type HubCalls = {
  readonly [Area in keyof Areas]: {
    readonly [Verb in keyof Areas[Area]]: CallOf<Areas[Area][Verb]>;
  };
};

export interface Hub extends HubCalls {
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
}

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
  const { environment = process.env } = options;
  const http = options.http ?? createHttpClient({ ...options, environment });
  const sender = createSender({ ...options, environment, http, find: () => find(options) });
  const allowed = options.allowDestructive ?? isAllowed(environment);
  const areas: Record<string, Record<string, unknown>> = {};
  for (const entry of entries(catalogue))
    (areas[entry.area] ??= {})[entry.verb] = functionFor(entry, sender, allowed);
  return Object.defineProperties(areas, {
    rateLimit: { get: () => sender.rateLimit, enumerable: true },
    url: { get: () => sender.url },
    token: { value: ({ signal }: CallOptions = {}) => sender.session.token(signal) },
    whoami: { value: ({ signal }: CallOptions = {}) => sender.session.username(signal) },
    close: {
      value: async () => {
        if (options.http === undefined) await http.close();
      },
    },
  }) as unknown as Hub;
}

async function find({ credentials, environment }: HubOptions): Promise<HubCredentials> {
  if (typeof credentials === "function") return credentials();
  return credentials ?? findHubCredentials({ ...(environment && { environment }) });
}

/** The function that calls an operation; its name is what stack traces show. */
function functionFor({ id, operation }: CatalogueEntry, sender: Sender, allowed: boolean) {
  const call = (given: unknown = {}, options: ListOptions = {}) => {
    const one = async () => {
      const input = checkInput(id, operation, given);
      guard(id, operation, input, options.confirm ?? allowed);
      return sender.send(id, operation, withPageSize(operation, input, options.pageSize), options);
    };
    const { paging } = operation;
    if (paging === undefined) return createCall(one);
    return createCall(one, () => every(id, operation, given, options, paging));
  };
  return Object.defineProperty(call, "name", { value: `hub.${id}` });

  async function* every(
    id: string,
    operation: AnyOperation,
    given: unknown,
    options: ListOptions,
    paging: Paging,
  ): AsyncGenerator<unknown> {
    const { limit = Infinity, pageSize, ahead } = options;
    if (limit < 1) return;
    const input = checkInput(id, operation, given);
    const size = pageSize ?? Math.min(limit, paging.size?.largest ?? limit);
    const first = withPageSize(operation, input, Number.isFinite(size) ? size : undefined);
    const fetch = async (each: Input, signal: AbortSignal | undefined) =>
      (await sender.send(id, operation, each, { ...options, ...(signal && { signal }) })).data;
    let left = limit;
    for await (const page of pagesOf(paging, first, fetch, { ...options, limit, ahead })) {
      for (const item of itemsOf(paging, page)) {
        yield item;
        left -= 1;
        if (left === 0) return;
      }
    }
  }
}

/** The field that says how many items a request is for. */
const sizeFields: Partial<Record<PagingStyle, string>> = {
  page: "page_size",
  bare: "page_size",
  scim: "count",
  from: "size",
  offset: "limit",
};

/** What the caller's input says of the size counts more than what the list would take. */
function withPageSize({ paging }: AnyOperation, input: Input, size: number | undefined): Input {
  const field = paging && sizeFields[paging.style];
  if (field === undefined || size === undefined || input[field] !== undefined) return input;
  return { ...input, [field]: size };
}
