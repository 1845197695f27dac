/** Sends what operations declare: address, token, limits, one more try after a token was refused. */
import { interrupted, isError, WharfError } from "../../errors.ts";
import { pause } from "../../http/gate.ts";
import type { HttpClient, HttpResponse } from "../../http/http.ts";
import { hideSecrets } from "../../auth/secrets.ts";
import { hideInUrl, redactUrl } from "../../http/redact.ts";
import { longestWait } from "../../http/retry.ts";
import type { AnyOperation } from "../../operation.ts";
import { addressesOf, below, type AddressOptions } from "./addresses.ts";
import { readAnswer } from "./answer.ts";
import { authorizer } from "./authorizer.ts";
import type { CallOptions, WithResponse } from "./call.ts";
import type { HubCredentials } from "./credentials.ts";
import { type RateLimit, readRateLimit } from "./rateLimit.ts";
import { Patience } from "../../registry/patience.ts";
import { type Input, prepare, type Prepared } from "./request.ts";
import { Session } from "./session.ts";
import { signInBy } from "./signIn.ts";

export interface SenderOptions extends AddressOptions {
  readonly http: HttpClient;
  readonly find: () => Promise<HubCredentials>;
  readonly scimToken?: string;
  readonly pace?: boolean;
  readonly check?: boolean;
  readonly timeout?: number;
  readonly retries?: number;
}

export interface Sender {
  readonly rateLimit: RateLimit | undefined;
  readonly session: Session;
  /** Where Docker Hub is. */
  readonly url: URL;
  /** @param input checked already */
  send(
    id: string,
    operation: AnyOperation,
    input: Input,
    options?: CallOptions,
  ): Promise<WithResponse<unknown>>;
}

export function createSender(options: SenderOptions): Sender {
  const { http, check = true } = options;
  const address = addressesOf(options);
  let rateLimit: RateLimit | undefined;

  /** One exchange, with this token or none. */
  async function exchange(
    operation: AnyOperation,
    prepared: Prepared,
    authorization: string | undefined,
    { signal, retries = options.retries }: CallOptions,
  ): Promise<HttpResponse> {
    const { method, headers, body } = prepared;
    const safe = isSafe(operation, method);
    const url = below(address(operation.service ?? "hub"), prepared.path);
    hideInUrl(url, spellingsOf(prepared.secrets));
    const response = await http.request({
      method,
      url,
      headers: { ...headers, ...(authorization !== undefined && { authorization }) },
      ...(body !== undefined && { body: bytesOf(body) }),
      ...(operation.repeat && { repeat: operation.repeat }),
      ...(retries !== undefined && { retries }),
      // What changes something is the caller's to repeat, once it knows of the limit.
      ...(!safe && { noRetry: [429] }),
      ...(signal && { signal }),
    });
    rateLimit = readRateLimit(response.headers) ?? rateLimit;
    return response;
  }

  const session = new Session(
    options.find,
    signInBy((operation, input, signal) =>
      exchange(operation, prepare(operation, input), undefined, { signal }),
    ),
  );
  const authorize = authorizer({ session, address, exchange, ...options });

  async function send(
    id: string,
    operation: AnyOperation,
    input: Input,
    given: CallOptions = {},
  ): Promise<WithResponse<unknown>> {
    const prepared = prepare(operation, input);
    const { signal, over } = bounded(id, given.signal, given.timeout ?? options.timeout);
    try {
      return await answered(id, operation, prepared, { ...given, ...(signal && { signal }) });
    } catch (error) {
      throw isError(error) ? hideSecrets(error, [...prepared.secrets, ...session.secrets]) : error;
    } finally {
      over();
    }
  }

  async function answered(
    id: string,
    operation: AnyOperation,
    prepared: Prepared,
    call: CallOptions,
  ): Promise<WithResponse<unknown>> {
    const { signal } = call;
    if (options.pace) await pace(rateLimit, signal);
    const patience = new Patience({ limit: call.retries ?? options.retries ?? 5 });
    for (;;) {
      const response = await signed(id, operation, prepared, call);
      const { status, headers } = response;
      const url = redactUrl(response.url);
      const told = readRateLimit(headers);
      try {
        const data = await readAnswer(operation, response, check);
        return { data, status, headers, url, ...(told && { rateLimit: told }) };
      } catch (error) {
        // A body that was cut: the transport repeats only what failed before the head.
        if (!isSafe(operation, prepared.method) || !isError(error, "CONNECTION_FAILED"))
          throw error;
        await patience.failed(error, signal);
      }
    }
  }

  /** One exchange with a token that counts, if there is any. */
  async function signed(
    id: string,
    operation: AnyOperation,
    prepared: Prepared,
    call: CallOptions,
  ): Promise<HttpResponse> {
    const { authorization, renew } = await authorize(id, operation, call.signal);
    const response = await exchange(operation, prepared, authorization, call);
    if (response.status !== 401 || renew === undefined) return response;
    const token = await renew().catch(async (error: unknown) => {
      await response.discard();
      throw error;
    });
    if (token === undefined) return response;
    await response.discard();
    const again = await exchange(operation, prepared, token, call);
    if (again.status === 401) session.renewedInVain();
    return again;
  }

  return {
    send,
    session,
    get url() {
      return new URL(address("hub"));
    },
    get rateLimit() {
      return rateLimit;
    },
  };
}

/** Whether it may be sent twice. */
function isSafe({ repeat }: AnyOperation, method: string): boolean {
  return method === "GET" || method === "HEAD" || repeat === "always";
}

/** As they are, and as a path spells them. */
function spellingsOf(secrets: readonly string[]): string[] {
  return secrets.flatMap((secret) => [secret, encodeURIComponent(secret)]);
}

function bytesOf(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : Buffer.from(JSON.stringify(body));
}

interface Bounds {
  readonly signal?: AbortSignal;
  /** Says that the call has ended. */
  readonly over: () => void;
}

/** Milliseconds that a timer can wait: 25 days. For longer ones Node takes 1. */
const longestTimer = 2 ** 31 - 1;

/** The caller's signal and the call's time, whichever ends first. */
function bounded(id: string, given: AbortSignal | undefined, timeout: number | undefined): Bounds {
  if (given?.aborted) throw interrupted(given);
  if (timeout === undefined || timeout > longestTimer)
    return { ...(given && { signal: given }), over: () => {} };
  const late = new AbortController();
  const reason = new WharfError("TIMEOUT", `${id}: no result after ${timeout} ms`);
  const timer = setTimeout(() => late.abort(reason), timeout);
  timer.unref();
  const signal = given ? AbortSignal.any([given, late.signal]) : late.signal;
  return { signal, over: () => clearTimeout(timer) };
}

/** Waits for the count to begin anew, where the last answer said that nothing is left. */
async function pace(limit: RateLimit | undefined, signal: AbortSignal | undefined): Promise<void> {
  if (limit === undefined || limit.remaining > 0 || limit.reset === undefined) return;
  const wait = limit.reset - Date.now();
  if (wait > 0) await pause(Math.min(wait, longestWait), signal);
}
