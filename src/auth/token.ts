/**
 * Asks a token service for a token (distribution, "Token Authentication Specification" for GET,
 * "OAuth2 Token Authentication" for POST).
 */
import { WharfError } from "../errors.ts";
import type { Cancellable } from "../http/bytes.ts";
import { responseError } from "../http/errors.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "../http/http.ts";
import { basicAuthorization, type Credentials } from "./credentials.ts";

/** A token as the service gave it. */
export interface Token {
  readonly value: string;
  /** Milliseconds since 1970 from which on a new one should be asked for: some time before it ends. */
  readonly renewAt: number;
  /** Takes the place of the identity token that was used. */
  readonly refreshToken?: string;
}

/** What is asked of a token service. */
export interface TokenQuestion extends Cancellable {
  readonly realm: URL;
  /** The registry that named the service, where that is another site. */
  readonly namedBy?: URL;
  readonly service?: string;
  /** Words such as `repository:a/b:pull`. */
  readonly scopes: readonly string[];
  readonly credentials: Exclude<Credentials, { kind: "bearer" }>;
}

// A typical answer has 1 to 4 KiB; a token with a hundred grants, sent twice (token and access_token), some 60.
const answerLimit = 128 * 1024;
// The specification's default, for answers that say nothing.
const defaultLifetime = 60;
// Nobody's token lives longer than a day; a figure beyond is a mistake.
const longestLifetime = 86_400;
const clientId = "wharfinger";

/**
 * Gets a token.
 *
 * @param now milliseconds since 1970
 * @throws WharfError UNAUTHORIZED or FORBIDDEN where the service refuses; RESPONSE_INVALID where its answer is no token
 */
export async function fetchToken(
  http: HttpClient,
  question: TokenQuestion,
  now: () => number,
): Promise<Token> {
  const { credentials } = question;
  const posts = credentials.kind === "identity";
  let response = await http.request(posts ? postRequest(question) : getRequest(question));
  if (credentials.kind === "basic" && (response.status === 404 || response.status === 405)) {
    // A service may offer OAuth2 alone.
    await response.discard();
    response = await http.request(postRequest(question));
  }
  if (response.status !== 200) throw await refusal(response, question);
  return readToken(response, await response.json(answerLimit), now());
}

function getRequest(question: TokenQuestion): HttpRequest {
  const { realm, namedBy, service, scopes, credentials, signal } = question;
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  for (const scope of scopes) url.searchParams.append("scope", scope);
  const headers: Record<string, string> = { accept: "application/json" };
  if (credentials.kind === "basic") {
    url.searchParams.set("account", credentials.username);
    url.searchParams.set("client_id", clientId);
    headers["authorization"] = basicAuthorization(credentials.username, credentials.password);
  }
  return { method: "GET", url, headers, ...(namedBy && { namedBy }), ...(signal && { signal }) };
}

function postRequest(question: TokenQuestion): HttpRequest {
  const { realm, namedBy, service, scopes, credentials, signal } = question;
  const form = new URLSearchParams({ client_id: clientId });
  if (credentials.kind === "identity") {
    form.set("grant_type", "refresh_token");
    form.set("refresh_token", credentials.token);
  } else if (credentials.kind === "basic") {
    form.set("grant_type", "password");
    form.set("username", credentials.username);
    form.set("password", credentials.password);
  }
  if (service !== undefined) form.set("service", service);
  if (scopes.length > 0) form.set("scope", scopes.join(" "));
  return {
    method: "POST",
    url: realm,
    ...(namedBy && { namedBy }),
    headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
    body: Buffer.from(form.toString(), "utf8"),
    // Asking twice for a token changes nothing.
    repeat: "always",
    redirect: "manual",
    ...(signal && { signal }),
  };
}

async function refusal(response: HttpResponse, question: TokenQuestion): Promise<WharfError> {
  const error = await responseError(response);
  // OAuth2 answers wrong credentials with 400 invalid_grant (RFC 6749, section 5.2).
  const refused = [400, 401].includes(response.status) && question.credentials.kind !== "anonymous";
  return refused ? new WharfError("UNAUTHORIZED", error.message, error.details) : error;
}

function readToken(response: HttpResponse, answer: unknown, now: number): Token {
  const fields = typeof answer === "object" && answer !== null ? { ...answer } : {};
  const read = (name: string): unknown => (fields as Record<string, unknown>)[name];
  const value = [read("access_token"), read("token")].find(
    (text): text is string => typeof text === "string" && text !== "",
  );
  // Anything else could not stand in a header.
  if (value === undefined || !/^[\x21-\x7e]+$/.test(value)) {
    throw new WharfError(
      "RESPONSE_INVALID",
      `The token service ${response.url.origin} answered without a usable token`,
      { status: response.status },
    );
  }
  const refreshToken = read("refresh_token");
  const lifetime = readLifetime(read("expires_in"));
  const left = lifetime - ageOf(read("issued_at"), response, lifetime, now);
  // Renewed a quarter of its life early, at most ten seconds: a request on its way must still arrive in time.
  const renewAt = now + left * 1000 - Math.min(10_000, lifetime * 250);
  return {
    value,
    renewAt,
    ...(typeof refreshToken === "string" && refreshToken !== "" && { refreshToken }),
  };
}

function readLifetime(expiresIn: unknown): number {
  const seconds = typeof expiresIn === "string" ? Number.parseFloat(expiresIn) : expiresIn;
  if (typeof seconds !== "number" || !Number.isFinite(seconds) || seconds <= 0) {
    return defaultLifetime;
  }
  return Math.min(seconds, longestLifetime);
}

/**
 * Seconds that a token has lived already, for services that hand out one from their own cache. Measured on the
 * service's clock where it shows one; a figure that makes no sense, because clocks differ, counts as fresh.
 */
function ageOf(issuedAt: unknown, response: HttpResponse, lifetime: number, now: number): number {
  if (typeof issuedAt !== "string") return 0;
  const clock = Date.parse(response.headers.get("date") ?? "");
  const age = ((Number.isNaN(clock) ? now : clock) - Date.parse(issuedAt)) / 1000;
  return age > 0 && age < lifetime ? age : 0;
}
