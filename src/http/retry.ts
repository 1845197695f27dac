/** When a request is sent again, and after how long. */
import type { Failure } from "./failure.ts";
import type { HttpHeaders, HttpRequest, Method } from "./http.ts";

const retried: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Refused before anything was done, so that even what must not happen twice may be asked again. */
const refused: ReadonlySet<number> = new Set([429, 503]);

/** Whether an answer means that nothing was done. */
export function isRefused(status: number): boolean {
  return refused.has(status);
}

/** Longest wait that a server may ask of us; a caller who would wait longer is told by RATE_LIMITED. */
export const longestWait = 60_000;

export interface Backoff {
  /** Milliseconds; the first wait is between 0 and this. @default 500 */
  readonly base: number;
  /** Milliseconds; no wait of our own choice is longer. @default 10 000 */
  readonly cap: number;
}

export function repeatPolicy(request: HttpRequest): "always" | "unsent" | "never" {
  if (request.repeat) return request.repeat;
  return mayRepeat[request.method];
}

/** RFC 9110, section 9.2.2: which methods are idempotent. */
const mayRepeat: Readonly<Record<Method, "always" | "unsent">> = {
  GET: "always",
  HEAD: "always",
  PUT: "always",
  DELETE: "always",
  POST: "unsent",
  PATCH: "unsent",
};

/** @param bodySpent whether the body was opened and cannot be opened again */
export function repeatsAfterFailure(
  request: HttpRequest,
  failure: Failure,
  bodySpent: boolean,
): boolean {
  if (!failure.repeatable || bodySpent) return false;
  const policy = repeatPolicy(request);
  return policy === "always" || (policy === "unsent" && failure.unsent);
}

export function repeatsAfterStatus(
  request: HttpRequest,
  status: number,
  bodySpent: boolean,
): boolean {
  if (!retried.has(status) || bodySpent || request.noRetry?.includes(status)) return false;
  const policy = repeatPolicy(request);
  return policy === "always" || (policy === "unsent" && refused.has(status));
}

/** Full jitter: anything between 0 and the exponential bound, so that clients do not come back in step. */
export function backoffDelay(attempt: number, backoff: Backoff, random: () => number): number {
  return random() * Math.min(backoff.cap, backoff.base * 2 ** attempt);
}

/**
 * Milliseconds that `Retry-After` asks for (RFC 9110, section 10.2.3: seconds or a date), else Docker Hub's older
 * `X-Retry-After` (seconds since 1970).
 * @param now milliseconds since 1970
 */
export function retryAfter(headers: HttpHeaders, now: number): number | undefined {
  const value = headers.get("retry-after")?.trim();
  if (!value) {
    const at = headers.get("x-retry-after")?.trim();
    if (!at || !/^\d{1,12}$/.test(at)) return undefined;
    // A small number is a duration, whatever the field is said to hold.
    return Number(at) < 1e9 ? Number(at) * 1000 : Math.max(0, Number(at) * 1000 - now);
  }
  if (/^\d{1,12}(?:\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const date = /^[A-Za-z]{3,9},? /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
