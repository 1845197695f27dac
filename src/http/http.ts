/** What a request and an answer are, for every room above. Types only. */
import type { Bytes, Cancellable } from "./bytes.ts";

export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A body that is opened when it is sent, and opened again when the request is repeated. */
export interface StreamBody {
  open(options?: Cancellable): Promise<Bytes>;
  /** Bytes; without it the body goes out in HTTP chunks. */
  readonly size?: number;
  /** Whether `open` may be called again. A body that cannot be replayed is never sent twice. */
  readonly replayable: boolean;
}

export interface HttpRequest extends Cancellable {
  readonly method: Method;
  readonly url: URL;
  /** Who named the address, where that is somebody else: if they are public, only a public address will do. */
  readonly namedBy?: URL;
  /** Names in lower case. `authorization` is dropped when a redirect leaves the origin. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Further fields that are secret as `authorization` is: dropped by redirects and hidden in traces. */
  readonly secretHeaders?: readonly string[];
  readonly body?: Uint8Array | StreamBody;
  /**
   * When the request may be sent again after a failure:
   * `always`: it is idempotent; `unsent`: only where it never reached the server, or was answered 429 or 503; `never`.
   * @default always for GET, HEAD, DELETE and PUT; unsent for POST and PATCH
   */
  readonly repeat?: "always" | "unsent" | "never";
  /** Milliseconds without a byte of the answer's head. @default the client's */
  readonly headersTimeout?: number;
  /** Milliseconds more than that, for work that the server has to do before it can answer. @default 0 */
  readonly workTime?: number;
  /** Milliseconds without a byte of the body, sent or received. @default the client's */
  readonly idleTimeout?: number;
  /** The answer's body may be large: it may take a lane of its own that moves bytes faster. */
  readonly bulk?: boolean;
  /** @default follow for GET and HEAD, manual for the rest */
  readonly redirect?: "follow" | "manual";
  /** Further tries after the first. @default the client's */
  readonly retries?: number;
  /** Statuses that are not to be retried although they usually are. */
  readonly noRetry?: readonly number[];
}

/** Header fields of an answer; names are matched without regard to case. */
export interface HttpHeaders {
  /** The field's value, several joined by ", ". */
  get(name: string): string | undefined;
  /** Each line of the field on its own. */
  getAll(name: string): readonly string[];
  entries(): Iterable<[string, string]>;
}

/** An answer whose body has not been read yet: read it, or `discard()` it. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly method: Method;
  /** Whether an earlier try may have arrived, and only its answer was lost: then 404 to DELETE may be our own doing. */
  readonly doubtful: boolean;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** The body as it arrives. A connection that ends too early throws CONNECTION_FAILED; one that stops, TIMEOUT. */
  readonly body: Bytes;
  /** Reads all of the body. @throws WharfError RESPONSE_INVALID above `limit` bytes */
  bytes(limit: number): Promise<Uint8Array>;
  /** @throws WharfError RESPONSE_INVALID above `limit` bytes */
  text(limit: number): Promise<string>;
  /** @throws WharfError RESPONSE_INVALID where it is not JSON, such as a sign-in page */
  json(limit: number): Promise<unknown>;
  /** Frees the connection: drains a short rest, closes on a long one. */
  discard(): Promise<void>;
}

/** Sends requests; one per process is enough. */
export interface HttpClient {
  /**
   * Sends, follows redirects, retries what may be retried, and answers with whatever status came last.
   * @throws WharfError CONNECTION_FAILED, TIMEOUT, TLS_UNTRUSTED, REDIRECT_REFUSED, INTERRUPTED
   */
  request(request: HttpRequest): Promise<HttpResponse>;
  close(): Promise<void>;
}
