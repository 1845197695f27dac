/** Where a redirect may lead, and what goes along. */
import type { Answer } from "./lane.ts";
import { Failure } from "./failure.ts";
import type { HttpRequest } from "./http.ts";
import { redactUrl } from "./redact.ts";

export const redirectLimit = 10;

/** Never sent to another origin than the one they were meant for. */
const credentials = /^(?:authorization|proxy-authorization|cookie)$|token|secret|api-?key/i;

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
export function carried(
  headers: Readonly<Record<string, string>>,
  from: URL,
  to: URL,
): Readonly<Record<string, string>> {
  if (from.origin === to.origin) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !credentials.test(name)));
}
