/** What carries one exchange: a request over one connection, without redirects or repeats. Types only. */
import type { Bytes } from "./bytes.ts";
import type { HttpHeaders, Method, StreamBody } from "./http.ts";

export interface Exchange {
  readonly method: Method;
  readonly url: URL;
  /** Names in lower case. What frames the message (host, content-length …) is left out. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | StreamBody | undefined;
  /** The answer's body may be large: it is read into blocks that serve again. */
  readonly bulk: boolean;
  /** Connect to public addresses only. */
  readonly guarded: boolean;
  /** Milliseconds. */
  readonly headersTimeout: number;
  /** Milliseconds. */
  readonly idleTimeout: number;
  readonly signal?: AbortSignal | undefined;
  /** Called before a stream body is opened: from then on the body counts as sent. */
  readonly onBodyOpened?: () => void;
}

export interface Answer {
  readonly status: number;
  readonly headers: HttpHeaders;
  readonly body: IncomingBody;
}

/** An answer's body on its way in; reading to the end, failing and `cancel` each free the connection. */
export interface IncomingBody extends Bytes {
  /** Sets a deadline, since somebody waits for the whole of it: ten idle time-outs. */
  hurry(): void;
  /** Drains a short rest so that the connection serves again, closes it on a long one. */
  discard(): Promise<void>;
  /** Drops the rest and closes. */
  cancel(): void;
  /** Settles, never rejects, once the exchange is over. */
  readonly done: Promise<void>;
}
