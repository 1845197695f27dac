/** What errors of a GraphQL answer mean. Source: GraphQL specification, section 7.1.2; the fields of `extensions` are Docker Scout's. */
import { type ErrorCode, WharfError } from "../../errors.ts";
import { printable } from "../../http/printable.ts";

export interface GraphqlError {
  readonly message?: unknown;
  readonly path?: unknown;
  readonly extensions?: {
    readonly code?: unknown;
    readonly status?: unknown;
  } | null;
}

/** By `extensions.code`, as servers of GraphQL say it. */
const codes: Readonly<Record<string, ErrorCode>> = {
  UNAUTHENTICATED: "UNAUTHORIZED",
  UNAUTHORIZED: "UNAUTHORIZED",
  FORBIDDEN: "FORBIDDEN",
  NOT_FOUND: "NOT_FOUND",
  CONFLICT: "CONFLICT",
  BAD_USER_INPUT: "REQUEST_INVALID",
  BAD_REQUEST: "REQUEST_INVALID",
  GRAPHQL_PARSE_FAILED: "REQUEST_INVALID",
  GRAPHQL_VALIDATION_FAILED: "REQUEST_INVALID",
  DOWNSTREAM_SERVICE_ERROR: "SERVER_ERROR",
  INTERNAL_SERVER_ERROR: "SERVER_ERROR",
};

/**
 * The error for an answer that has errors. The gravest gives the code; what data came along is in `details.partial`.
 * @param at where and how it was asked, for the message
 */
export function failureOf(
  errors: readonly GraphqlError[],
  data: unknown,
  at: { readonly method: string; readonly url: string; readonly status: number },
): WharfError {
  const ranked = errors
    .slice(0, 100)
    .map((error) => ({ error, code: codeOf(error) }))
    .toSorted((one, other) => rank(one.code) - rank(other.code));
  const { code = "RESPONSE_INVALID", error } = ranked[0] ?? {};
  const said = ranked.slice(0, 3).map((each) => wordsOf(each.error));
  const more = errors.length > 3 ? `, and ${errors.length - 3} more` : "";
  const status = statusOf(error) ?? at.status;
  const part = isPartial(data) ? "; part of the data came along" : "";
  const words = [...new Set(said)].join("; ");
  return new WharfError(code, `Docker Scout: ${words}${more} (${status})${part}`, {
    method: at.method,
    url: at.url,
    status,
    ...(isPartial(data) && { partial: data }),
    ...(code === "FORBIDDEN" && {
      hint: "Name an organization that you belong to, and that has Docker Scout.",
    }),
  });
}

function codeOf(error: GraphqlError): ErrorCode {
  const said = error.extensions?.code;
  const known = typeof said === "string" && Object.hasOwn(codes, said) ? codes[said] : undefined;
  const status = statusOf(error);
  switch (status) {
    case 401:
      return "UNAUTHORIZED";
    case 402:
      return "PLAN_INSUFFICIENT";
    case 403:
      return "FORBIDDEN";
    case 404:
      return "NOT_FOUND";
    case 409:
      return "CONFLICT";
    case 429:
      return "RATE_LIMITED";
    default:
  }
  if (known !== undefined) return known;
  if (status !== undefined && status >= 500) return "SERVER_ERROR";
  return error.message === "FORBIDDEN" ? "FORBIDDEN" : "REQUEST_INVALID";
}

/** What the caller can do something about comes first. */
const order: readonly ErrorCode[] = [
  "UNAUTHORIZED",
  "PLAN_INSUFFICIENT",
  "FORBIDDEN",
  "RATE_LIMITED",
  "REQUEST_INVALID",
];

function rank(code: ErrorCode): number {
  const at = order.indexOf(code);
  return at < 0 ? order.length : at;
}

function statusOf(error: GraphqlError | undefined): number | undefined {
  const status = Number(error?.extensions?.status ?? Number.NaN);
  return Number.isInteger(status) && status >= 100 && status < 600 ? status : undefined;
}

function wordsOf({ message, path }: GraphqlError): string {
  const where = Array.isArray(path) && path.length > 0 ? `${path.map(String).join(".")}: ` : "";
  return printable(`${where}${typeof message === "string" ? message : "no explanation"}`, 300);
}

/** Fields that are all null tell nothing. */
const isPartial = (data: unknown): data is object =>
  typeof data === "object" && data !== null && Object.values(data).some((each) => each !== null);
