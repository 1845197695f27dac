/** How many calls are left, as Docker Hub's answers tell. */
import type { HttpHeaders } from "../../http/http.ts";
import { retryAfter } from "../../http/retry.ts";

/** The last state that an answer told. */
export interface RateLimit {
  /** Calls in a minute. */
  readonly limit: number;
  /** Calls left. */
  readonly remaining: number;
  /** When the count begins anew: milliseconds since 1970. */
  readonly reset?: number;
}

/**
 * Reads `X-RateLimit-Limit`, `-Remaining` and `-Reset` (seconds since 1970).
 * Source: Docker Hub API, "Rate limiting".
 */
export function readRateLimit(headers: HttpHeaders): RateLimit | undefined {
  const limit = numberOf(headers.get("x-ratelimit-limit"));
  const remaining = numberOf(headers.get("x-ratelimit-remaining"));
  if (limit === undefined || remaining === undefined) return undefined;
  const reset = numberOf(headers.get("x-ratelimit-reset"));
  return { limit, remaining, ...(reset !== undefined && { reset: reset * 1000 }) };
}

/**
 * Milliseconds that an answer asks to wait: {@link retryAfter}, or, where nothing is left, until `X-RateLimit-Reset`.
 * @param now milliseconds since 1970
 */
export function waitAsked(headers: HttpHeaders, now: number): number | undefined {
  const asked = retryAfter(headers, now);
  if (asked !== undefined) return asked;
  const limit = readRateLimit(headers);
  if (limit?.remaining === 0 && limit.reset !== undefined) return Math.max(0, limit.reset - now);
  return undefined;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,13}(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
