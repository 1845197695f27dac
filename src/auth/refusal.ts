/** Says why somebody was not let in, and what to do about it. */
import { type ErrorCode, WharfError } from "../errors.ts";
import { responseError } from "../http/errors.ts";
import type { HttpResponse } from "../http/http.ts";
import { parseChallenges } from "./challenge.ts";
import type { Credentials } from "./credentials.ts";
import type { Withheld } from "./realm.ts";
import { hideSecrets, secretsOf } from "./secrets.ts";

/** Who was refused. */
export interface Caller {
  readonly registry: string;
  readonly credentials: Credentials;
  readonly withheld?: Withheld;
  /** The token that was shown. */
  readonly token?: { readonly value: string };
}

/** The error for a 401 of the registry that stands. Reads the body. */
export async function registryRefusal(response: HttpResponse, caller: Caller): Promise<WharfError> {
  const challenges = parseChallenges(response.headers.getAll("www-authenticate"));
  const error = await responseError(response);
  // RFC 6750, section 3.1: the token is good, but does not permit this.
  const known = challenges.some(
    ({ parameters }) => parameters.get("error") === "insufficient_scope",
  );
  const permitted = caller.credentials.kind === "anonymous" || !known;
  return explained(error, permitted ? "UNAUTHORIZED" : "FORBIDDEN", caller);
}

/** The error for a token service that answered without a token. */
export function tokenRefusal(error: WharfError, caller: Caller): WharfError {
  const { status = 0 } = error.details;
  const refused = status >= 400 && status < 500 && status !== 429;
  const known = error.code === "UNAUTHORIZED" || error.code === "FORBIDDEN";
  if (!known && !(refused && caller.withheld))
    return hideSecrets(error, secretsOf(caller.credentials));
  const permitted = caller.credentials.kind === "anonymous" || error.code !== "FORBIDDEN";
  return explained(error, permitted ? "UNAUTHORIZED" : "FORBIDDEN", caller);
}

/** The error for a 401 after which a new token is at hand, but not the body that was sent with the old one. */
export async function tokenEnded(response: HttpResponse, caller: Caller): Promise<WharfError> {
  const error = hideSecrets(await responseError(response), secretsShown(caller));
  return new WharfError("UNAUTHORIZED", error.message, { ...error.details, renewed: true });
}

/** The error for credentials that had to be kept back. */
export function notSent({ reason, hint }: Withheld): WharfError {
  return new WharfError("CREDENTIALS_NOT_SENT", sentence(reason), { hint });
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function explained(refusal: WharfError, code: ErrorCode, caller: Caller): WharfError {
  const { registry, credentials, withheld } = caller;
  const error = hideSecrets(refusal, secretsShown(caller));
  if (withheld !== undefined) {
    return new WharfError("CREDENTIALS_NOT_SENT", `${error.message}; ${withheld.reason}`, {
      ...error.details,
      hint: withheld.hint,
    });
  }
  if (credentials.kind === "anonymous") {
    const hint = `Is it private? Sign in with \`wharf login ${registry}\`.`;
    return new WharfError(code, error.message, { ...error.details, hint });
  }
  const whose = describeCredentials(registry, credentials);
  const [message, hint] =
    code === "FORBIDDEN"
      ? [`${whose} do not permit this`, "Check the name, or ask its owner for the right to do it."]
      : [`${whose} are refused`, `Sign in again with \`wharf login ${registry}\`.`];
  return new WharfError(code, `${error.message}; ${message}`, { ...error.details, hint });
}

function secretsShown({ credentials, token }: Caller): string[] {
  return [...secretsOf(credentials), ...(token ? [token.value] : [])];
}

function describeCredentials(
  registry: string,
  credentials: Exclude<Credentials, { kind: "anonymous" }>,
): string {
  const user =
    credentials.kind !== "bearer" && credentials.username ? ` of ${credentials.username}` : "";
  const origin = credentials.origin === undefined ? "" : ` (from ${credentials.origin})`;
  return `the credentials${user} for ${registry}${origin}`;
}
