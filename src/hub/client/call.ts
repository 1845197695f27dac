/** What calling an operation gives: a promise, and for lists also every item. */
import type { HttpHeaders } from "../../http/http.ts";
import type { Operation } from "../../operation.ts";
import type { RateLimit } from "./rateLimit.ts";

/** What can be said with every call. */
export interface CallOptions {
  /** Aborted, it ends the call with INTERRUPTED. */
  readonly signal?: AbortSignal;
  /** Milliseconds for the whole call, waits and further tries included; where a list is iterated, for each page. @default none */
  readonly timeout?: number;
  /** Further tries after the first. @default the client's */
  readonly retries?: number;
  /** Says that it may destroy, expose, lock or disable something. */
  readonly confirm?: boolean;
}

/** What can be said with the call of a list. */
export interface ListOptions extends CallOptions {
  /** Items at most, when iterated. @default all */
  readonly limit?: number;
  /** Items of a request. @default the most that is allowed when iterated, the server's own when awaited */
  readonly pageSize?: number;
  /** Whether the next page is asked for while one is read, when iterated. @default true */
  readonly ahead?: boolean;
}

/** A result with what came along. */
export interface WithResponse<Output> {
  readonly data: Output;
  readonly status: number;
  readonly headers: HttpHeaders;
  /** Address that answered, secrets removed. */
  readonly url: string;
  /** What this answer said of the rate limit. */
  readonly rateLimit?: RateLimit;
}

/** A call on its way. */
export interface Call<Output> extends Promise<Output> {
  /** The result with status, headers and rate limit. */
  withResponse(): Promise<WithResponse<Output>>;
}

/** A list on its way: awaited it is the first page, iterated it is every item, page after page. */
export interface ListCall<Output, Item> extends Call<Output>, AsyncIterable<Item> {}

/** The function that an operation becomes. An operation whose fields are all optional may be called without input. */
export type CallOf<Declared> =
  Declared extends Operation<infer Input, infer Output, infer Item>
    ? [Item] extends [never]
      ? (...given: Given<Input, CallOptions>) => Call<Output>
      : (...given: Given<Input, ListOptions>) => ListCall<Output, Item>
    : never;

type Given<Input, Options> =
  Record<never, never> extends Input
    ? [input?: Input, options?: Options]
    : [input: Input, options?: Options];

/**
 * Makes the call. The request starts in a microtask, so that a list that is iterated at once asks for large pages
 * from the start, and one that is awaited asks for what the server thinks right.
 */
export function createCall<Output, Item>(
  start: () => Promise<WithResponse<Output>>,
  iterate?: () => AsyncIterator<Item>,
): ListCall<Output, Item> {
  let iterated = false;
  let started: Promise<WithResponse<Output>> | undefined;
  const begin = () => (started ??= start());
  let data: Promise<Output> | undefined;
  const promised = () => (data ??= begin().then((response) => response.data));
  queueMicrotask(() => {
    if (!iterated && started === undefined) void promised();
  });
  // No promise of its own: one that was iterated may still be awaited, and must not fail unseen where it is not.
  return {
    // oxlint-disable-next-line unicorn/no-thenable
    then: (fulfilled, rejected) => promised().then(fulfilled, rejected),
    catch: (rejected) => promised().catch(rejected),
    finally: (done) => promised().finally(done),
    [Symbol.toStringTag]: "Promise",
    withResponse() {
      // Whoever asks for the response is told of a failure there.
      data?.catch(() => {});
      return begin();
    },
    [Symbol.asyncIterator]() {
      if (iterate === undefined) throw new TypeError("This operation is no list");
      iterated = true;
      return iterate();
    },
  };
}
