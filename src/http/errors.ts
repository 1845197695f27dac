/** What a registry's refusal means. */
import { type ErrorCode, type RegistryErrorEntry, WharfError } from "../errors.ts";
import type { HttpResponse } from "./http.ts";
import { printable } from "./printable.ts";
import { redactUrl } from "./redact.ts";
import { retryAfter } from "./retry.ts";
import { withoutSecrets } from "./secrets.ts";

/** Error bodies are a few hundred bytes; sign-in pages some kilobytes. More is not read. */
const bodyLimit = 64 * 1024;

/** Codes of the distribution specification that say more than the status. */
const byRegistryCode: Readonly<Record<string, ErrorCode>> = {
  NAME_UNKNOWN: "REPOSITORY_NOT_FOUND",
  MANIFEST_UNKNOWN: "MANIFEST_NOT_FOUND",
  BLOB_UNKNOWN: "BLOB_NOT_FOUND",
  BLOB_UPLOAD_UNKNOWN: "UPLOAD_UNKNOWN",
  BLOB_UPLOAD_INVALID: "UPLOAD_INVALID",
  UNAUTHORIZED: "UNAUTHORIZED",
  DENIED: "FORBIDDEN",
  UNSUPPORTED: "UNSUPPORTED",
  TOOMANYREQUESTS: "RATE_LIMITED",
};

/** For answers without a word, as those to HEAD are. */
const reasons: Readonly<Record<number, string>> = {
  400: "bad request",
  401: "unauthorized",
  403: "forbidden",
  404: "not found",
  405: "method not allowed",
  409: "conflict",
  413: "body too large",
  416: "range not satisfiable",
  429: "too many requests",
  500: "internal server error",
  502: "bad gateway",
  503: "service unavailable",
  504: "gateway time-out",
};

/**
 * Turns an answer that is no success into the error for it, and reads its body (64 KiB at most).
 * @param what `code404`: what a 404 means where the registry does not say
 * @example
 * if (answer.status !== 200) throw await responseError(answer, { code404: "BLOB_NOT_FOUND" })
 */
export async function responseError(
  response: HttpResponse,
  what: { readonly code404?: ErrorCode } = {},
): Promise<WharfError> {
  const { status, method, headers } = response;
  const body = withoutSecrets(response, await readSome(response));
  const url = redactUrl(response.url);
  const entries = registryErrors(body);
  const words = entries.length > 0 ? entries.map(sentence).join("; ") : summary(body, response);
  const said = printable(words, 2000);
  const code = codeFor(response, entries, what.code404);
  const wait = retryAfter(headers, Date.now());
  const later =
    code === "RATE_LIMITED" && wait !== undefined
      ? `, try again in ${Math.ceil(wait / 1000)} s`
      : "";
  return new WharfError(code, `${method} ${url}: ${said} (${status}${later})`, {
    method,
    url,
    status,
    ...(entries.length > 0 && { registryErrors: entries }),
    ...(wait !== undefined && { retryAfter: wait }),
    hint: hintFor(response, said),
  });
}

function codeFor(
  { status, method }: HttpResponse,
  entries: readonly RegistryErrorEntry[],
  code404: ErrorCode | undefined,
): ErrorCode {
  if (status === 401) return "UNAUTHORIZED";
  if (status === 429 || entries.some(({ code }) => code === "TOOMANYREQUESTS"))
    return "RATE_LIMITED";
  if (status === 403) return "FORBIDDEN";
  if (status === 405 || status === 501) return "UNSUPPORTED";
  if (status >= 500) return "SERVER_ERROR";
  for (const { code } of entries) {
    const known = byRegistryCode[code];
    if (known) return known;
  }
  if (status === 404) return code404 ?? "REGISTRY_ERROR";
  if (status === 416 && method !== "GET") return "UPLOAD_INVALID";
  if (status < 400) return "RESPONSE_INVALID";
  return "REGISTRY_ERROR";
}

/** What to do, where status or words tell more than the code. */
function hintFor({ status, headers }: HttpResponse, said: string): string | undefined {
  if (status >= 400 && status < 500 && /\bimmutable\b/i.test(said))
    return "An immutable tag stays what it is: push under another one, or change the rule that makes it so.";
  if (status === 413) return "The registry, or a proxy before it, takes no body as large as this.";
  if (status === 429 && /pull rate limit/i.test(said))
    return "`wharf rate-limit` tells how many pulls there are, and in what time; who signs in has more of them.";
  const location = headers.get("location");
  if (status >= 300 && status < 400 && location !== undefined) {
    return "It wants to be asked elsewhere; a redirect is not followed for this kind of request.";
  }
  return undefined;
}

async function readSome(response: HttpResponse): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  try {
    for await (const chunk of response.body) {
      const room = bodyLimit - size;
      text += decoder.decode(chunk.subarray(0, room), { stream: true });
      size += chunk.byteLength;
      if (size >= bodyLimit) break;
    }
  } catch {
    // The status says enough.
  }
  return text;
}

/** The envelope of the specification, Docker Hub's and token services' variants. */
function registryErrors(body: string): RegistryErrorEntry[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return [];
  }
  if (!isRecord(parsed)) return [];
  const list = Array.isArray(parsed["errors"]) ? (parsed["errors"] as unknown[]) : [parsed];
  return list.slice(0, 20).flatMap((entry) => {
    if (typeof entry === "string") return [{ code: "UNKNOWN", message: printable(entry, 1000) }];
    if (!isRecord(entry)) return [];
    const nested = isRecord(entry["error"]) ? entry["error"] : entry;
    const code = first(nested, "code", "error", "errinfo");
    const message = first(nested, "message", "error_description", "detail", "details", "reason");
    if (code === undefined && message === undefined) return [];
    return [
      {
        code: code ?? "UNKNOWN",
        ...(message !== undefined && { message }),
        ...(nested["detail"] !== undefined && { detail: nested["detail"] }),
      },
    ];
  });
}

function sentence(entry: RegistryErrorEntry): string {
  if (entry.code === "UNKNOWN" && entry.message) return entry.message;
  return entry.message ? `${entry.code}: ${entry.message}` : entry.code;
}

function summary(body: string, { headers, status }: HttpResponse): string {
  if (body.trim() === "") return reasons[status] ?? "no explanation";
  if (/html/i.test(headers.get("content-type") ?? "") || /^\s*<(?:!doctype|html)/i.test(body)) {
    const title = /<title[^>]*>([^<]*)/i.exec(body.slice(0, 4096))?.[1];
    return title ? `HTML page "${printable(title, 100)}"` : "HTML page";
  }
  return printable(body, 200);
}

function first(record: Record<string, unknown>, ...names: string[]): string | undefined {
  for (const name of names) {
    const value = record[name];
    if (typeof value === "string" && value !== "") return printable(value, 1000);
    if (typeof value === "number") return String(value);
  }
  return undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
