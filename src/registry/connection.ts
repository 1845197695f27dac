/** What all requests to one registry share: its address, credentials, and what was learned about it. */
import type { AuthorizedClient, Scope } from "../auth/client.ts";
import { WharfError } from "../errors.ts";
import type { HttpRequest, HttpResponse } from "../http/http.ts";
import { redactUrl } from "../http/redact.ts";
import type { Backoff } from "../http/retry.ts";
import type { Learned } from "./learned.ts";
import { isCurable, Patience } from "./patience.ts";
import { type Place, placeOf } from "./place.ts";
import type { PullGuard } from "./pullLimit.ts";

export interface ConnectionOptions {
  /** As in references, `docker.io` or `localhost:5000`. */
  readonly registry: string;
  /** Address, with a path prefix where the host has one, ending in `/`. */
  readonly base: URL;
  readonly client: AuthorizedClient;
  /** Bytes of a piece where blobs are to be uploaded in pieces. */
  readonly chunkSize?: number;
  /** Waits before a transfer is resumed. */
  readonly backoff?: Backoff;
}

/** A request below `/v2/`. */
export interface RegistryRequest extends Omit<HttpRequest, "url"> {
  /** From {@link path}, beginning after `/v2/`; a query may follow. */
  readonly path: string;
  readonly scopes?: readonly Scope[];
}

export class Connection {
  readonly registry: string;
  readonly base: URL;
  readonly client: AuthorizedClient;
  readonly learned: Learned = { deletable: new Set() };
  readonly chunkSize: number | undefined;
  /** Asked before whatever may count as a pull. */
  pullGuard: PullGuard | undefined;
  readonly #backoff: Backoff | undefined;

  constructor(options: ConnectionOptions) {
    this.registry = options.registry;
    this.base = options.base;
    this.client = options.client;
    this.chunkSize = options.chunkSize;
    this.#backoff = options.backoff;
  }

  request({ path, ...request }: RegistryRequest): Promise<HttpResponse> {
    const url = new URL(`${this.base.href}v2/${path}`);
    return this.client.request({ ...request, url, registry: this.registry });
  }

  /** Sends to an address that the registry named; another site gets no credentials. */
  requestAt(
    place: Place,
    request: Omit<HttpRequest, "url">,
    scopes: readonly Scope[],
  ): Promise<HttpResponse> {
    const { url } = place;
    if (!place.own) return this.client.http.request({ ...request, url, namedBy: this.base });
    return this.client.request({ ...request, url, registry: this.registry, scopes });
  }

  /** @throws WharfError LOCATION_REFUSED */
  place(response: HttpResponse, address: string): Place {
    return placeOf(response, address, this.base);
  }

  patience(): Patience {
    return new Patience(this.#backoff && { backoff: this.#backoff });
  }

  /**
   * Sends and reads a small body whole; begins again where it is cut in the middle.
   * @param send the request, which must be repeatable
   * @param limit bytes
   */
  async readWhole(
    send: () => Promise<HttpResponse>,
    limit: number,
    signal?: AbortSignal,
  ): Promise<{ response: HttpResponse; bytes?: Uint8Array }> {
    const patience = this.patience();
    for (;;) {
      const response = await send();
      if (response.status !== 200) return { response };
      try {
        return { response, bytes: await response.bytes(limit) };
      } catch (error) {
        if (!isCurable(error)) throw error;
        await patience.failed(error, signal);
      }
    }
  }
}

/** The scopes that requests on a repository need: distribution, "Token Scope Documentation". */
export function pulling(name: string): readonly Scope[] {
  return [{ type: "repository", name, actions: ["pull"] }];
}

export function pushing(name: string): readonly Scope[] {
  return [{ type: "repository", name, actions: ["pull", "push"] }];
}

export function deleting(name: string): readonly Scope[] {
  return [{ type: "repository", name, actions: ["pull", "delete"] }];
}

/** Parses JSON that a registry sent; a sign-in page in its place is named as such. */
export function parseJson(bytes: Uint8Array, response: HttpResponse): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const what = isHtml(text) ? "HTML came in place of JSON" : "the answer is not JSON";
    throw invalid(response, what, cause);
  }
}

export function isHtml(text: string): boolean {
  return /^\s*<(?:!doctype|html)/i.test(text.slice(0, 1000));
}

/** The error for an answer that breaks the protocol. */
export function invalid(response: HttpResponse, what: string, cause?: unknown): WharfError {
  const { method, status } = response;
  const url = redactUrl(response.url);
  return new WharfError("RESPONSE_INVALID", `${method} ${url}: ${what} (${status})`, {
    method,
    url,
    status,
    ...(cause !== undefined && { cause }),
  });
}
