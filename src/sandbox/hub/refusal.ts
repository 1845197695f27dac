/** How Docker Hub says no. Its services do not agree on one shape; each is that of the route it is seen on. */
import { randomUUID } from "node:crypto";

/** Thrown to end a request. */
export class HubRefusal extends Error {
  override readonly name = "HubRefusal";
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
    super(`Docker Hub answers ${status}`);
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** What is not there, or not for whoever asks. */
export function notFound(what = "object not found"): HubRefusal {
  return new HubRefusal(404, { message: what, detail: what, errinfo: {} });
}

/** The registry's service behind Hub numbers its calls. @param now milliseconds since 1970 */
export function noTag(tag: string, now: number): HubRefusal {
  const message = `tag '${tag}' not found`;
  const txnid = randomUUID();
  const errinfo = {
    api_call_docker_id: "",
    api_call_name: "GetRepositoryTag",
    api_call_start: new Date(now).toISOString(),
    api_call_txnid: txnid,
  };
  return new HubRefusal(404, { txnid, message, detail: message, errinfo });
}

export function forbidden(message = "forbidden"): HubRefusal {
  return new HubRefusal(403, { message, errinfo: {} });
}

export function badRequest(message: string): HubRefusal {
  return new HubRefusal(400, { message, detail: message, errinfo: {} });
}

export function conflict(message: string): HubRefusal {
  return new HubRefusal(409, { message, detail: message, errinfo: {} });
}

export function unauthorized(detail: string, more: object = {}): HubRefusal {
  return new HubRefusal(401, { detail, message: detail, ...more });
}

/** A session that was opened with a personal access token, where only a password will do. */
export function wrongToken(): HubRefusal {
  return forbidden("token issued from personal access token is not allowed");
}

/** Areas whose services tell of wrong fields as a list for each. */
const listing = new Set(["accessTokens", "orgAccessTokens"]);

/** Fields that are missing, unknown or not what they have to be. */
export function invalidFields(
  { area, isRead }: { readonly area: string; readonly isRead: boolean },
  fields: Readonly<Record<string, readonly string[]>>,
): HubRefusal {
  const names = Object.keys(fields);
  if (listing.has(area) || isRead)
    return new HubRefusal(400, { fields, text: `validation failed: ${names.join(", ")}` });
  const fielderrors = Object.fromEntries(
    Object.entries(fields).map(([field, [first = "is wrong"]]) => [field, first]),
  );
  const count = names.length === 1 ? "1 validation error" : `${names.length} validation errors`;
  const message = `httperror 400: request had ${count}`;
  return new HubRefusal(400, { message, errinfo: { fielderrors } });
}
