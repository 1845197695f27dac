/** How `wharf dxf` fails: with dxf's exit statuses, and words for who sets dxf's variables. */
import { type ErrorCode, isError, WharfError } from "../../errors.ts";

/** Exit statuses: dxf takes them from errno. */
const notFound = 2;
const unauthorized = 13;
const usage = 2;
const failed = 1;

/** What names nothing at the registry: it answered 404, or would have. */
const nothing: readonly ErrorCode[] = ["BLOB_NOT_FOUND", "MANIFEST_NOT_FOUND", "REFERENCE_INVALID"];

function leadsNowhere({ code, details: { status } }: WharfError): boolean {
  return status === undefined ? nothing.includes(code) : status === 404;
}

/** The exit status that dxf would have ended with. */
export function statusOf(error: WharfError): number {
  if (error.code === "UNAUTHORIZED") return unauthorized;
  if (error.code === "USAGE") return usage;
  return leadsNowhere(error) ? notFound : failed;
}

/** What to do, in terms of dxf's variables and commands. */
const hints: Partial<Record<ErrorCode, string>> = {
  UNAUTHORIZED:
    "Set DXF_USERNAME and DXF_PASSWORD, or DXF_AUTHORIZATION; or DXF_TOKEN to one that has not ended.",
  FORBIDDEN: "Whoever DXF_USERNAME or DXF_TOKEN stands for may not do this.",
  TLS_UNTRUSTED:
    "Name its authority's file in DXF_TLSVERIFY or REQUESTS_CA_BUNDLE, or set DXF_SKIPTLSVERIFY=1 if you accept the risk.",
  MANIFEST_NOT_FOUND: "See what is there with wharf dxf list-aliases REPO.",
  REPOSITORY_NOT_FOUND: "Check the name; see which there are with wharf dxf list-repos.",
  PLATFORM_NOT_FOUND: "Set DXF_PLATFORM to one of these, or unset it for all.",
  CONNECTION_FAILED: "Check DXF_HOST; a registry that speaks http needs DXF_INSECURE=1.",
};

/** The same failure for whoever called `wharf dxf`. */
export function explained(error: WharfError): WharfError {
  const { code, message, details } = error;
  const what =
    leadsNowhere(error) && code !== "REFERENCE_INVALID" ? `Not Found: ${message}` : message;
  const hint = hints[code] ?? withheldHint(error) ?? details.hint ?? general[code] ?? error.hint;
  return new WharfError(code, what, { ...details, hint, cause: error });
}

/** Where nothing more precise is known. */
const general: Partial<Record<ErrorCode, string>> = {
  REFERENCE_INVALID:
    "A repository is in lower case; an alias has letters, digits, '_', '.' and '-', at most 128.",
};

function withheldHint(error: WharfError): string | undefined {
  if (!isError(error, "CREDENTIALS_NOT_SENT")) return undefined;
  return error.hint
    .replace("Reach it over https", "Unset DXF_INSECURE")
    .replace("a token that you have may be set over http too", "DXF_TOKEN is sent over http too")
    .replace("name it as `authHost`", "set DXF_AUTH_HOST to it");
}
