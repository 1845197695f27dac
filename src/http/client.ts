/** The one transport: retries, redirects, limits and traces around the lanes that carry the bytes. */
import type { Config, HostSettings } from "../config.ts";
import { isPrivateAddress } from "./addresses.ts";
import type { ConnectOptions, Route } from "./connect.ts";
import { routeTo } from "./connect.ts";
import { failed, Failure } from "./failure.ts";
import { Gate, pause, type ExchangeKind } from "./gate.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "./http.ts";
import type { Answer, Exchange, Lane } from "./lane.ts";
import { proxiesOf } from "./proxy.ts";
import { redactHeaders, redactUrl } from "./redact.ts";
import { carried, follows, redirectLimit, redirectTarget, refuse } from "./redirect.ts";
import { createResponse } from "./response.ts";
import {
  type Backoff,
  backoffDelay,
  longestWait,
  repeatsAfterFailure,
  repeatsAfterStatus,
  retryAfter,
} from "./retry.ts";
import type { TraceEvent } from "./trace.ts";
import { version } from "./version.ts";
import { warningTexts } from "./warning.ts";

export interface HttpClientOptions {
  /** Settings of hosts. */
  readonly config?: Pick<Config, "hosts">;
  /** Settings of the host of an address, in place of `config`. */
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
  /** @default 500 ms, at most 10 s */
  readonly backoff?: Backoff;
  /** Exchanges at once with one origin, counted apart for large downloads, uploads and all else, where the host's `concurrency` says nothing. @default 16 */
  readonly maxConnections?: number;
  /** @default wharfinger/VERSION */
  readonly userAgent?: string;
  readonly onTrace?: (event: TraceEvent) => void;
  /** Called once for each text that a host sends as `Warning: 299`. */
  readonly onWarning?: (text: string, host: string) => void;
  /** Between 0 and 1. @default Math.random */
  readonly random?: () => number;
}

/**
 * Creates the client.
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

class Client implements HttpClient {
  readonly #options: HttpClientOptions;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #proxyFor: ReturnType<typeof proxiesOf>;
  readonly #gates = new Map<string, Gate>();
  /** Origins and the address last connected to. */
  readonly #addresses = new Map<string, string>();
  readonly #warned = new Set<string>();
  #lane: Promise<Lane> | undefined;
  #requests = 0;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    this.#environment = options.environment ?? process.env;
    this.#proxyFor = proxiesOf(this.#environment);
  }

  async close(): Promise<void> {
    await (await this.#lane)?.close();
    this.#lane = undefined;
  }

  async request(request: HttpRequest): Promise<HttpResponse> {
    const number = (this.#requests += 1);
    const seen = new Set<string>();
    let current = request;
    let guarded = false;
    for (;;) {
      const { method, url } = current;
      const answer = await this.#repeat(current, guarded, number);
      if (!follows(current, answer)) return createResponse(method, url, answer);
      await answer.body.discard();
      try {
        seen.add(url.href);
        const next = redirectTarget(url, answer.headers.get("location") ?? "");
        if (seen.has(next.href)) throw refuse("redirects in a circle");
        if (seen.size > redirectLimit) throw refuse(`redirects more than ${redirectLimit} times`);
        guarded ||= this.#isPublic(url);
        const headers = carried(current.headers ?? {}, url, next);
        current = { ...current, url: next, headers };
        this.#trace(() => ({
          type: "redirect",
          request: number,
          from: redactUrl(url),
          to: redactUrl(next),
        }));
      } catch (error) {
        throw error instanceof Failure ? failed(error, method, url) : error;
      }
    }
  }

  /** Sends until there is an answer worth keeping, or no more tries. */
  async #repeat(request: HttpRequest, guarded: boolean, number: number): Promise<Answer> {
    const { method, url, body, signal } = request;
    const {
      retries = 5,
      backoff = { base: 500, cap: 10_000 },
      random = Math.random,
    } = this.#options;
    const gate = this.#gateFor(url);
    let opened = false;
    const spent = () =>
      opened && body !== undefined && !(body instanceof Uint8Array) && !body.replayable;
    for (let attempt = 0; ; attempt += 1) {
      let reason: string;
      let delay = backoffDelay(attempt, backoff, random);
      try {
        const answer = await this.#exchange(request, guarded, number, attempt, gate, () => {
          opened = true;
        });
        if (attempt >= retries || !repeatsAfterStatus(request, answer.status, spent()))
          return answer;
        const asked = retryAfter(answer.headers, Date.now());
        if (asked !== undefined && asked > longestWait) return answer;
        if (asked !== undefined) {
          delay += asked;
          gate.hold(asked);
        }
        reason = `status ${answer.status}`;
        await answer.body.discard();
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        if (error.stale && repeatsAfterFailure(request, error, spent())) {
          // Not the host's failure but a connection's age: each such try uses up one of the idle ones.
          attempt -= 1;
          continue;
        }
        if (attempt >= retries || !repeatsAfterFailure(request, error, spent())) {
          throw failed(error, method, url);
        }
        reason = error.message;
      }
      this.#trace(() => ({
        type: "retry",
        request: number,
        method,
        url: redactUrl(url),
        reason,
        delay,
      }));
      await pause(delay, signal);
    }
  }

  /** One try: waits for its turn, sends, and gives the turn back when the answer's body is over. */
  async #exchange(
    request: HttpRequest,
    guarded: boolean,
    number: number,
    attempt: number,
    gate: Gate,
    onBodyOpened: () => void,
  ): Promise<Answer> {
    const { method, url, signal } = request;
    const { headersTimeout = 60_000, idleTimeout = 30_000, userAgent } = this.#options;
    const exchange: Exchange = {
      method,
      url,
      headers: { "user-agent": userAgent ?? `wharfinger/${version}`, ...request.headers },
      guarded,
      bulk: request.bulk ?? false,
      headersTimeout: request.headersTimeout ?? headersTimeout,
      idleTimeout: request.idleTimeout ?? idleTimeout,
      onBodyOpened,
      ...(request.body && { body: request.body }),
      ...(signal && { signal }),
    };
    const leave = await gate.enter(kindOf(request), signal);
    const begun = performance.now();
    const about = { request: number, method, url: redactUrl(url) };
    try {
      this.#trace(() => ({
        type: "request",
        ...about,
        headers: redactHeaders(Object.entries(exchange.headers)),
        attempt: attempt + 1,
      }));
      const lane = await this.#laneFor();
      const answer = await lane.send(exchange);
      void answer.body.done.then(leave);
      this.#trace(() => ({
        type: "response",
        ...about,
        status: answer.status,
        headers: redactHeaders(answer.headers.entries()),
        milliseconds: performance.now() - begun,
      }));
      this.#warn(answer, url);
      return answer;
    } catch (error) {
      leave();
      this.#trace(() => ({
        type: "failure",
        ...about,
        message: error instanceof Error ? error.message : String(error),
        milliseconds: performance.now() - begun,
      }));
      throw error;
    }
  }

  #laneFor(): Promise<Lane> {
    this.#lane ??= import(process.env["LANE"] === "undici" ? "./pooled.ts" : "./wire/lane.ts").then(
      ({ createLane }) =>
        createLane({
          route: (exchange) =>
            routeTo(exchange.url, exchange.guarded, this.#proxyFor(exchange.url)),
          connecting: (route, url) => this.#connecting(route, url),
        }),
    );
    return this.#lane;
  }

  #connecting(route: Route, url: URL): ConnectOptions {
    const begun = performance.now();
    return {
      timeout: this.#options.connectTimeout ?? 10_000,
      trust: { ...this.#settings(url), roots: this.#environment["SSL_CERT_FILE"] },
      onAddress: (address) => this.#addresses.set(url.origin, address),
      onEnd: (error) =>
        this.#trace(() => ({
          type: "connection",
          host: url.host,
          secure: route.secure,
          proxied: route.proxy !== undefined,
          milliseconds: performance.now() - begun,
          ...(error && { error: error.message }),
        })),
    };
  }

  /** Whether a host is known to be outside: by its address, or by the one it was last connected under. */
  #isPublic(url: URL): boolean {
    const { hostname } = url;
    if (hostname === "localhost" || hostname.endsWith(".localhost")) return false;
    return !isPrivateAddress(this.#addresses.get(url.origin) ?? hostname);
  }

  #settings(url: URL): HostSettings {
    const { settingsFor, config } = this.#options;
    return settingsFor?.(url) ?? config?.hosts(registryOf(url)) ?? {};
  }

  #gateFor(url: URL): Gate {
    let gate = this.#gates.get(url.origin);
    if (!gate) {
      const { concurrency, requestsPerSecond } = this.#settings(url);
      const { maxConnections = 16, idleTimeout = 30_000 } = this.#options;
      gate = new Gate(
        {
          concurrency: concurrency ?? maxConnections,
          ...(requestsPerSecond && { perSecond: requestsPerSecond }),
        },
        idleTimeout,
      );
      this.#gates.set(url.origin, gate);
    }
    return gate;
  }

  #warn(answer: Answer, url: URL): void {
    const { onWarning } = this.#options;
    if (!onWarning) return;
    for (const text of warningTexts(answer.headers)) {
      if (this.#warned.has(text)) continue;
      this.#warned.add(text);
      onWarning(text, url.host);
    }
  }

  #trace(event: () => TraceEvent): void {
    this.#options.onTrace?.(event());
  }
}

function kindOf(request: HttpRequest): ExchangeKind {
  if (request.body !== undefined && !(request.body instanceof Uint8Array)) return "sending";
  return request.bulk ? "receiving" : "brief";
}

/** docker.io is reached under other names. */
function registryOf(url: URL): string {
  return /^(?:registry-1|index)\.docker\.io$/.test(url.hostname) ? "docker.io" : url.host;
}
