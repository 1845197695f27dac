/** Who answers at a host, and how it receives us: distribution-spec 1.1, "Determining Support". */
import type { CredentialSource } from "../auth/credentials.ts";
import { isError, WharfError } from "../errors.ts";
import { responseError } from "../http/errors.ts";
import type { HttpResponse } from "../http/http.ts";
import { redactUrl } from "../http/redact.ts";
import type { Cancellable } from "../store/store.ts";
import { type Connection, isHtml } from "./connection.ts";

/**
 * `reachable`: a registry that asks nobody who they are; `anonymous`: it let us in without credentials, `signed-in` with them.
 * The rest have an error: `refused` UNAUTHORIZED or CREDENTIALS_NOT_SENT; `forbidden` FORBIDDEN; `not-a-registry`
 * NOT_A_REGISTRY; `untrusted` TLS_UNTRUSTED; `unreachable` CONNECTION_FAILED or TIMEOUT; `failing` SERVER_ERROR, RATE_LIMITED and all else.
 */
export type PingState =
  | "reachable"
  | "anonymous"
  | "signed-in"
  | "refused"
  | "forbidden"
  | "not-a-registry"
  | "untrusted"
  | "unreachable"
  | "failing";

/** Whether a registry answers, and to whom. */
export interface PingResult {
  readonly registry: string;
  /** What was asked. */
  readonly url: string;
  readonly state: PingState;
  /** Whom we have signed in as, where the credentials say so. */
  readonly username?: string;
  /** Why not, for all states but the first three. */
  readonly error?: WharfError;
}

/** Bytes of an answer that are looked at. */
const bodyLimit = 64 * 1024;

/** Asks a registry for its base address; throws only when aborted. */
export async function ping(
  connection: Connection,
  credentials: CredentialSource | undefined,
  { signal }: Cancellable = {},
): Promise<PingResult> {
  const { registry } = connection;
  const url = new URL("v2/", connection.base);
  const result = { registry, url: redactUrl(url) };
  const request = { method: "GET", url, repeat: "never", ...(signal && { signal }) } as const;
  try {
    const first = await connection.client.http.request(request);
    if (first.status !== 401) {
      await check(first, registry);
      return { ...result, state: "reachable" };
    }
    await first.discard();
    await check(await connection.client.request({ ...request, registry }), registry);
    const found = await credentials?.find(registry);
    if (found === undefined || found.kind === "anonymous") return { ...result, state: "anonymous" };
    const username = found.kind === "bearer" ? undefined : found.username;
    return { ...result, state: "signed-in", ...(username !== undefined && { username }) };
  } catch (error) {
    if (!isError(error) || isError(error, "INTERRUPTED")) throw error;
    return { ...result, state: stateOf(error), error };
  }
}

/** @throws WharfError unless a registry has answered that all is well */
async function check(response: HttpResponse, registry: string): Promise<void> {
  const { status, headers } = response;
  const declared = headers.get("docker-distribution-api-version")?.includes("registry/2") ?? false;
  if (status === 200) {
    if (declared) return response.discard();
    const text = await response.text(bodyLimit).catch(() => "<html");
    if (!isHtml(text) && isEmptyOrJson(text)) return;
    throw noRegistry(response, registry, "it answers with a page");
  }
  const error = await responseError(response, { code404: "NOT_A_REGISTRY" });
  if (declared || status === 429 || status >= 500 || error.details.registryErrors) throw error;
  throw noRegistry(response, registry, `it answers ${status}`, error);
}

function isEmptyOrJson(text: string): boolean {
  if (text.trim() === "") return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function noRegistry(
  response: HttpResponse,
  registry: string,
  why: string,
  cause?: WharfError,
): WharfError {
  const url = redactUrl(response.url);
  return new WharfError("NOT_A_REGISTRY", `GET ${url}: ${registry} is no registry: ${why}`, {
    method: "GET",
    url,
    status: response.status,
    ...(cause && { cause }),
  });
}

function stateOf(error: WharfError): PingState {
  switch (error.code) {
    case "UNAUTHORIZED":
    case "CREDENTIALS_NOT_SENT":
      return "refused";
    case "FORBIDDEN":
      return "forbidden";
    case "TLS_UNTRUSTED":
      return "untrusted";
    case "CONNECTION_FAILED":
    case "TIMEOUT":
      return "unreachable";
    case "NOT_A_REGISTRY":
    case "RESPONSE_INVALID":
    case "REDIRECT_REFUSED":
      return "not-a-registry";
    default:
      return "failing";
  }
}
