/** What Docker Hub's refusals mean: a dozen shapes of bodies, several of them HTML. */
import { type ErrorCode, type ErrorDetails, WharfError } from "../../errors.ts";
import type { HttpResponse } from "../../http/http.ts";
import { printable } from "../../http/printable.ts";
import { redactUrl } from "../../http/redact.ts";
import { withoutSecrets } from "../../http/secrets.ts";
import type { AnyOperation } from "../../operation.ts";
import { waitAsked } from "./rateLimit.ts";

/** Error bodies are a few hundred bytes; error pages some kilobytes. More is not read. */
const bodyLimit = 64 * 1024;

/**
 * The error for an answer that is none. Codes say what the caller would do: NOT_FOUND, UNAUTHORIZED, FORBIDDEN,
 * RATE_LIMITED, REQUEST_INVALID, CONFLICT, RETIRED, SERVER_ERROR, RESPONSE_INVALID.
 */
export async function refusalOf(
  response: HttpResponse,
  operation: AnyOperation,
): Promise<WharfError> {
  const { status, method } = response;
  const text = withoutSecrets(response, await readSome(response));
  const said = wordsOf(text, response);
  const url = redactUrl(response.url);
  const wait = waitAsked(response.headers, Date.now());
  const code = codeFor(response, operation);
  const fields = fieldErrors(parsed(text));
  const gone = code === "RETIRED" && operation.retired ? `; ${retirement(operation)}` : "";
  const later =
    code === "RATE_LIMITED" && wait !== undefined
      ? `, try again in ${Math.ceil(wait / 1000)} s`
      : "";
  const details = fields.length > 0 ? `: ${fields.join("; ")}` : "";
  return new WharfError(code, `${method} ${url}: ${said}${details} (${status}${later})${gone}`, {
    method,
    url,
    status,
    ...(wait !== undefined && { retryAfter: wait }),
    hint: hintFor(code, operation, response, said),
    ...secondStep(text),
  });
}

/** A login that a code has to follow: what the second request needs came with the refusal. */
function secondStep(text: string): Pick<ErrorDetails, "partial" | "hint"> {
  const body = parsed(text);
  const login_2fa_token = isRecord(body) ? body["login_2fa_token"] : undefined;
  if (typeof login_2fa_token !== "string" || login_2fa_token === "") return {};
  return {
    partial: { login_2fa_token },
    hint: "The account has a second factor: go on with auth.loginTwoFactor and the error's details.partial.login_2fa_token, or let `wharf hub login` ask for the code.",
  };
}

/** The error for a success whose body is a page for people, as a proxy's time-out page with status 200 is. */
export async function pageInsteadOf(response: HttpResponse, wanted: string): Promise<WharfError> {
  const { status, method } = response;
  const said = wordsOf(withoutSecrets(response, await readSome(response)), response);
  const url = redactUrl(response.url);
  return new WharfError(
    "RESPONSE_INVALID",
    `${method} ${url}: ${said} in place of ${wanted} (${status})`,
    {
      method,
      url,
      status,
      hint: "Something between you and Docker Hub answered in its place, or it is out of order. Try again later.",
    },
  );
}

/** When and for what an operation was given up, in a sentence for people. */
export function retirement({ retired }: Pick<AnyOperation, "retired">): string {
  if (retired === undefined) return "";
  const use = retired.use === undefined ? "" : `; use ${retired.use}`;
  return `Docker retired it (${retired.on})${use}${retired.note === undefined ? "" : `. ${retired.note}`}`;
}

function codeFor({ status, headers }: HttpResponse, operation: AnyOperation): ErrorCode {
  if (status === 401) return "UNAUTHORIZED";
  if (status === 429) return "RATE_LIMITED";
  if (operation.status === "retired" && [400, 403, 404, 405, 410, 501].includes(status))
    return "RETIRED";
  if (status === 403) {
    // The guard before Docker's pages refuses programs, not people.
    return /html/i.test(headers.get("content-type") ?? "") ? "SERVER_ERROR" : "FORBIDDEN";
  }
  if (status === 402) return "PLAN_INSUFFICIENT";
  if (status === 404) return "NOT_FOUND";
  if (status === 410) return "RETIRED";
  if (status === 409) return "CONFLICT";
  if (status === 405 || status === 501) return "UNSUPPORTED";
  if (status >= 500) return "SERVER_ERROR";
  if (status >= 400) return "REQUEST_INVALID";
  return "RESPONSE_INVALID";
}

function hintFor(
  code: ErrorCode,
  operation: AnyOperation,
  response: HttpResponse,
  said: string,
): string | undefined {
  if (code === "FORBIDDEN" && /\bimmutable\b/i.test(said))
    return "It stays as it is while a rule makes it immutable: `wharf hub repositories get NS/REPO` shows the rules, `wharf hub immutable-tags update` changes them.";
  if (code === "FORBIDDEN" && /personal access token/i.test(said))
    return "It takes a session opened with the password: set DOCKERHUB_PASSWORD in place of the token, or sign in with `wharf hub login`.";
  if (code === "FORBIDDEN" && operation.auth === "owner")
    return "It takes an owner of the organization, signed in with a password rather than a token.";
  if (code === "FORBIDDEN")
    return "Whoever is signed in, or the token, may not do this: `wharf hub whoami` tells who it is. An owner may give the right; a token does only what its scopes say.";
  if (code === "UNAUTHORIZED")
    return "Sign in with `wharf hub login`, or set DOCKERHUB_USERNAME and DOCKERHUB_TOKEN. Some operations refuse tokens and want a password.";
  if (code === "SERVER_ERROR" && response.status === 403)
    return "A guard in front of Docker Hub took this program for an intruder; try again later or from another address.";
  if (code === "UNSUPPORTED") return "Docker Hub does not know this method here.";
  return undefined;
}

/** What was said, from the most telling field; see the shapes in the tests. */
function wordsOf(text: string, { status, headers }: HttpResponse): string {
  const whole = parsed(text);
  // GraphQL (section 7.1) says what is wrong in a list.
  const body = isRecord(whole) && Array.isArray(whole["errors"]) ? whole["errors"][0] : whole;
  if (isRecord(body)) {
    for (const field of ["detail", "message", "text", "error"]) {
      const value = body[field];
      if (typeof value === "string" && value !== "") return printable(value, 1000);
    }
    if (isRecord(body["errinfo"]) && Object.keys(body["errinfo"]).length > 0)
      return printable(JSON.stringify(body["errinfo"]), 1000);
  }
  if (/html/i.test(headers.get("content-type") ?? "") || /^\s*<(?:!doctype|html)/i.test(text)) {
    const title = /<title[^>]*>([^<]*)/i.exec(text.slice(0, 4096))?.[1]?.trim();
    return title ? `HTML page "${printable(title, 100)}"` : "HTML page";
  }
  const line = text.split("\n").find((each) => each.trim() !== "");
  return line === undefined ? (reasons[status] ?? "no explanation") : printable(line.trim(), 300);
}

/** Complaints about single fields: `fields` of most routes, `errinfo.fielderrors` of some. */
function fieldErrors(body: unknown): string[] {
  if (!isRecord(body)) return [];
  const errinfo = body["errinfo"];
  const fields = body["fields"] ?? (isRecord(errinfo) ? errinfo["fielderrors"] : undefined);
  if (!isRecord(fields)) return [];
  return Object.entries(fields)
    .slice(0, 20)
    .map(([name, said]) => {
      const words = Array.isArray(said) ? said.map(String).join(", ") : String(said);
      return printable(`${name}: ${words}`, 300);
    });
}

const reasons: Readonly<Record<number, string>> = {
  400: "bad request",
  401: "unauthorized",
  403: "forbidden",
  404: "not found",
  405: "method not allowed",
  409: "conflict",
  410: "gone",
  429: "too many requests",
  500: "internal server error",
  502: "bad gateway",
  503: "service unavailable",
  504: "gateway time-out",
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function readSome(response: HttpResponse): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response.body) {
      chunks.push(Uint8Array.prototype.slice.call(chunk, 0, bodyLimit - size));
      size += chunk.byteLength;
      if (size >= bodyLimit) break;
    }
  } catch {
    // The status says enough.
  }
  return Buffer.concat(chunks).toString("utf8");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
