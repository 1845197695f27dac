/** Tells whoever watches what the client does, and what hosts want people to know. */
import type { Route } from "./connect.ts";
import type { HttpHeaders, HttpRequest } from "./http.ts";
import type { Answer } from "./lane.ts";
import { redactHeaders, redactUrl } from "./redact.ts";
import { secretsOf } from "./secrets.ts";
import type { TraceEvent } from "./trace.ts";
import { warningTexts } from "./warning.ts";

export interface WatcherOptions {
  readonly onTrace?: (event: TraceEvent) => void;
  readonly onWarning?: (text: string, host: string) => void;
}

/** Which request an event belongs to. */
export interface Subject {
  readonly number: number;
  readonly request: HttpRequest;
  /** The request before it was redirected; hosts may echo its secrets. */
  readonly original: HttpRequest;
}

/** Different warnings that are shown; a host could make up one for each answer. */
const warningLimit = 100;

export class Watcher {
  readonly #options: WatcherOptions;
  readonly #warned = new Set<string>();

  constructor(options: WatcherOptions) {
    this.#options = options;
  }

  /** @param attempt counted from 1 */
  sending(subject: Subject, headers: Readonly<Record<string, string>>, attempt: number): void {
    const { secretHeaders } = subject.request;
    this.#trace(() => ({
      type: "request",
      ...about(subject),
      headers: redactHeaders(Object.entries(headers), secretHeaders),
      attempt,
    }));
  }

  answered(subject: Subject, { status, headers }: Answer, milliseconds: number): void {
    this.#trace(() => ({
      type: "response",
      ...about(subject),
      status,
      headers: redactHeaders(
        headers.entries(),
        [],
        secretsOf(subject.original, subject.request.url),
      ),
      milliseconds,
    }));
    this.#warn(headers, subject.request.url.host);
  }

  failed(subject: Subject, error: unknown, milliseconds: number): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#trace(() => ({ type: "failure", ...about(subject), message, milliseconds }));
  }

  /** @param delay milliseconds */
  repeating(subject: Subject, reason: string, delay: number): void {
    this.#trace(() => ({ type: "retry", ...about(subject), reason, delay }));
  }

  redirected({ number, request }: Subject, to: URL): void {
    this.#trace(() => ({
      type: "redirect",
      request: number,
      from: redactUrl(request.url),
      to: redactUrl(to),
    }));
  }

  connected(route: Route, url: URL, milliseconds: number, error?: Error): void {
    this.#trace(() => ({
      type: "connection",
      host: url.host,
      secure: route.secure,
      proxied: route.proxy !== undefined,
      milliseconds,
      ...(error && { error: error.message }),
    }));
  }

  #trace(event: () => TraceEvent): void {
    this.#options.onTrace?.(event());
  }

  #warn(headers: HttpHeaders, host: string): void {
    const { onWarning } = this.#options;
    if (!onWarning) return;
    for (const text of warningTexts(headers)) {
      if (this.#warned.has(text) || this.#warned.size >= warningLimit) continue;
      this.#warned.add(text);
      onWarning(text, host);
    }
  }
}

function about({ number, request: { method, url } }: Subject) {
  return { request: number, method, url: redactUrl(url) };
}
