/** The one transport: retries, redirects, limits and traces around the lane that carries the bytes. */
import type { Config, HostSettings } from "../config.ts";
import { WharfError } from "../errors.ts";
import { failed, Failure } from "./failure.ts";
import { type ExchangeKind, type Gate, pause } from "./gate.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "./http.ts";
import type { Answer, Exchange } from "./lane.ts";
import { Origins } from "./origins.ts";
import { hideInUrl, redactUrl } from "./redact.ts";
import { carried, follows, redirectLimit, redirectTarget, refuse } from "./redirect.ts";
import { createResponse } from "./response.ts";
import {
  type Backoff,
  backoffDelay,
  isRefused,
  longestWait,
  repeatsAfterFailure,
  repeatsAfterStatus,
  retryAfter,
} from "./retry.ts";
import { secretsOf } from "./secrets.ts";
import type { TraceEvent } from "./trace.ts";
import { version } from "./version.ts";
import { type Subject, Watcher } from "./watcher.ts";
import { WireLane } from "./wire/lane.ts";

/**
 * How hosts are reached, how long they may take, how often something is tried, and who is told. All of it may be left
 * out.
 */
export interface HttpClientOptions {
  /** Settings of hosts, and defaults for the time-outs and retries below. */
  readonly config?: Pick<Config, "hosts"> & Partial<Pick<Config, "timeouts" | "retries">>;
  /** Settings of the host of an address, in place of `config.hosts`. */
  readonly settingsFor?: (url: URL) => HostSettings;
  /** Where proxies and SSL_CERT_FILE are looked up. @default process.env */
  readonly environment?: NodeJS.ProcessEnv;
  /** Milliseconds for a connection, TLS included. @default 10 000 */
  readonly connectTimeout?: number;
  /** Milliseconds from the sent request to the answer's head. @default 60 000 */
  readonly headersTimeout?: number;
  /** Milliseconds without a byte of a body, either way. @default 30 000 */
  readonly idleTimeout?: number;
  /** Further tries after the first. @default 5 */
  readonly retries?: number;
  /** Waits between the tries. @default 500 ms, at most 10 s */
  readonly backoff?: Backoff;
  /**
   * Exchanges at once with one origin, where the host's `concurrency` says nothing. Large downloads, uploads and all
   * else are counted apart, since one may have to wait for the other. @default 16
   */
  readonly maxConnections?: number;
  /** @default wharfinger/VERSION */
  readonly userAgent?: string;
  /** Called with each step of each request; secrets are gone from it. */
  readonly onTrace?: (event: TraceEvent) => void;
  /** Called once for each text that a host sends as `Warning: 299`. */
  readonly onWarning?: (text: string, host: string) => void;
  /** Between 0 and 1. @default Math.random */
  readonly random?: () => number;
}

/**
 * Creates the client. Nothing is connected or read before the first request.
 *
 * @example
 * const http = createHttpClient({ onTrace: (event) => console.error(formatTrace(event)) })
 * const answer = await http.request({ method: "GET", url: new URL("https://registry-1.docker.io/v2/") })
 * await answer.discard()
 * await http.close()
 */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  return new Client(options);
}

/** Milliseconds: a day. For more than 24 of them Node's timers take one millisecond, also for Infinity. */
const longestTimeout = 86_400_000;
const bounded = (timeout: number) => Math.min(timeout, longestTimeout);

class Client implements HttpClient {
  readonly #headersTimeout: number;
  readonly #idleTimeout: number;
  readonly #retries: number;
  readonly #backoff: Backoff;
  readonly #userAgent: string | undefined;
  readonly #random: () => number;
  readonly #watcher: Watcher;
  readonly #origins: Origins;
  readonly #lane: WireLane;
  #requests = 0;

  constructor(options: HttpClientOptions) {
    const { config, environment = process.env, settingsFor } = options;
    const timeouts = config?.timeouts;
    this.#headersTimeout = bounded(options.headersTimeout ?? timeouts?.headers ?? 60_000);
    this.#idleTimeout = bounded(options.idleTimeout ?? timeouts?.idle ?? 30_000);
    this.#retries = options.retries ?? config?.retries ?? 5;
    this.#backoff = options.backoff ?? { base: 500, cap: 10_000 };
    this.#userAgent = options.userAgent;
    this.#random = options.random ?? Math.random;
    this.#watcher = new Watcher(options);
    this.#origins = new Origins({
      config,
      settingsFor,
      environment,
      connectTimeout: bounded(options.connectTimeout ?? timeouts?.connect ?? 10_000),
      patience: this.#idleTimeout,
      concurrency: options.maxConnections ?? 16,
      watcher: this.#watcher,
    });
    this.#lane = new WireLane(this.#origins);
  }

  async close(): Promise<void> {
    this.#lane.close();
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    if (!/^https?:$/.test(request.url.protocol)) {
      throw new WharfError("USAGE", `${redactUrl(request.url)} is no http address`);
    }
    this.#requests += 1;
    const number = this.#requests;
    const seen = new Set<string>();
    let current = request;
    let guarded = request.namedBy !== undefined && this.#origins.isPublic(request.namedBy);
    for (;;) {
      const subject: Subject = { number, request: current, original: request };
      const { answer, doubtful } = await this.#repeat(subject, guarded);
      if (!follows(current, answer)) return createResponse(current, answer, request, doubtful);
      await answer.body.discard();
      const { method, url } = current;
      try {
        seen.add(url.href);
        const next = redirectTarget(url, answer.headers.get("location") ?? "");
        hideInUrl(next, secretsOf(request));
        if (seen.has(next.href)) throw refuse("redirects in a circle");
        if (seen.size > redirectLimit) throw refuse(`redirects more than ${redirectLimit} times`);
        guarded ||= this.#origins.isPublic(url);
        this.#watcher.redirected(subject, next);
        current = { ...current, url: next, headers: carried(current, next) };
      } catch (error) {
        throw error instanceof Failure ? failed(error, method, url) : error;
      }
    }
  }

  /** Sends until there is an answer worth keeping, or no more tries. */
  async #repeat(
    subject: Subject,
    guarded: boolean,
  ): Promise<{ readonly answer: Answer; readonly doubtful: boolean }> {
    const { request } = subject;
    const { method, url, body, signal, retries = this.#retries } = request;
    const gate = this.#origins.gate(url);
    let opened = false;
    let doubtful = false;
    const onBodyOpened = () => (opened = true);
    const spent = () => opened && body !== undefined && !("byteLength" in body) && !body.replayable;
    for (let attempt = 1; ; attempt += 1) {
      let reason: string;
      let delay = backoffDelay(attempt - 1, this.#backoff, this.#random);
      const exchange = this.#exchange(request, guarded, onBodyOpened);
      try {
        const answer = await this.#try(subject, exchange, gate, attempt);
        const { status, headers } = answer;
        const found = { answer, doubtful };
        if (attempt > retries || !repeatsAfterStatus(request, status, spent())) return found;
        const asked = retryAfter(headers, Date.now()) ?? 0;
        if (asked > longestWait) return found;
        doubtful ||= !isRefused(status);
        if (asked > 0) gate.hold(asked);
        delay += asked;
        reason = `status ${status}`;
        await answer.body.discard();
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        const again = repeatsAfterFailure(request, error, spent());
        doubtful ||= !error.unsent;
        if (again && error.stale) {
          // Not a failure of the host but the age of a connection; each such try uses up one that was idle.
          attempt -= 1;
          continue;
        }
        const limit = error.unsent ? Math.min(retries, connectRetries) : retries;
        if (attempt > limit || !again) throw failed(error, method, url, attempt);
        reason = error.message;
      }
      this.#watcher.repeating(subject, reason, delay);
      await pause(delay, signal);
    }
  }

  #exchange(request: HttpRequest, guarded: boolean, onBodyOpened: () => void): Exchange {
    const { method, url, body, bulk = false, idleTimeout, signal } = request;
    const { headersTimeout = this.#headersTimeout, workTime = 0 } = request;
    return {
      method,
      url,
      body,
      bulk,
      guarded,
      signal,
      onBodyOpened,
      headers: { "user-agent": this.#userAgent ?? `wharfinger/${version()}`, ...request.headers },
      headersTimeout: headersTimeout + workTime,
      idleTimeout: idleTimeout ?? this.#idleTimeout,
    };
  }

  /** One try: waits for its turn, sends, and gives the turn back when the answer's body is over. */
  async #try(subject: Subject, exchange: Exchange, gate: Gate, attempt: number): Promise<Answer> {
    const leave = await gate.enter(kindOf(exchange), exchange.signal);
    const begun = performance.now();
    try {
      this.#watcher.sending(subject, exchange.headers, attempt);
      const answer = await this.#lane.send(exchange);
      void answer.body.done.then(leave);
      this.#watcher.answered(subject, answer, performance.now() - begun);
      return answer;
    } catch (error) {
      leave();
      this.#watcher.failed(subject, error, performance.now() - begun);
      throw error;
    }
  }
}

/** Further tries for a connection: a host that is not there is seldom there a moment later, and somebody is waiting. */
const connectRetries = 2;

function kindOf({ body, bulk }: Exchange): ExchangeKind {
  if (body !== undefined && !(body instanceof Uint8Array)) return "sending";
  return bulk ? "receiving" : "brief";
}
