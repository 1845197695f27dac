/** Where a redirect may lead, and what goes along. */
import type { Answer } from "./lane.ts";
import { Failure } from "./failure.ts";
import type { HttpRequest } from "./http.ts";
import { isSecretHeader, redactUrl } from "./redact.ts";

export const redirectLimit = 10;

/** Whether the client follows this answer by itself. */
export function follows(request: HttpRequest, answer: Answer): boolean {
  const { status } = answer;
  if (answer.headers.get("location") === undefined) return false;
  const safe = request.method === "GET" || request.method === "HEAD";
  if ((request.redirect ?? (safe ? "follow" : "manual")) === "manual") return false;
  if (status === 307 || status === 308) {
    const { body } = request;
    return body === undefined || body instanceof Uint8Array || body.replayable;
  }
  return safe && (status === 301 || status === 302 || status === 303);
}

/**
 * The address a redirect names.
 * @throws Failure REDIRECT_REFUSED
 */
export function redirectTarget(from: URL, location: string): URL {
  let target: URL;
  try {
    target = new URL(location, from);
  } catch (cause) {
    throw refuse("redirects to what is no address", cause);
  }
  if (target.protocol !== "https:" && target.protocol !== "http:") {
    throw refuse(`redirects to ${target.protocol}`);
  }
  if (from.protocol === "https:" && target.protocol === "http:") {
    throw refuse(`redirects from https to http (${redactUrl(target)})`);
  }
  target.username = "";
  target.password = "";
  target.hash = "";
  return target;
}

export function refuse(message: string, cause?: unknown): Failure {
  return new Failure("REDIRECT_REFUSED", message, { repeatable: false, cause });
}

/** Header fields for the next address: without credentials where it is another origin. */
export function carried(request: HttpRequest, to: URL): Readonly<Record<string, string>> {
  const { headers = {}, secretHeaders = [], url } = request;
  if (url.origin === to.origin) return headers;
  const kept = Object.entries(headers).filter(
    ([name]) => !isSecretHeader(name) && !secretHeaders.includes(name),
  );
  return Object.fromEntries(kept);
}
