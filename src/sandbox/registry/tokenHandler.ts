/** `/token`: the token service on the wire. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { type Answer, send } from "../answer.ts";
import { readBody } from "../body.ts";
import type { Keys } from "../keys.ts";
import type { State } from "../state/state.ts";
import { answerToken, readTokenRequest } from "./tokenService.ts";

/** Bytes of a form: a password, and scopes of some repositories. */
const formLimit = 64 << 10;

interface Parts {
  readonly state: State;
  readonly keys: Keys;
  readonly now: () => number;
}

export function createTokenHandler({ state, keys, now }: Parts) {
  return async function token(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { headers, ...answer } = await answerTo(request);
    // A token is for whoever has asked (RFC 6749, section 5.1).
    send(response, { ...answer, headers: { "cache-control": "no-store", ...headers } });
  };

  async function answerTo(request: IncomingMessage): Promise<Answer> {
    const { method = "" } = request;
    if (!["GET", "HEAD", "POST"].includes(method))
      return { status: 405, body: { details: "method not allowed" }, headers: { allow } };
    const fields = await fieldsOf(request);
    if (!fields) return { status: 413, body: { details: "the form is too large" } };
    const wrong = method === "POST" ? grantFault(fields) : undefined;
    if (wrong !== undefined) return { status: 400, body: { error: wrong } };
    const answer = await answerToken(
      state,
      keys,
      now(),
      readTokenRequest(fields, request.headers.authorization),
    );
    const isRefused = answer.status === 401;
    return { ...answer, ...(isRefused && { headers: { "www-authenticate": basic } }) };
  }
}

const allow = "GET, HEAD, POST";
const basic = 'Basic realm="sandbox"';

/** What is wrong with a form, in the words of OAuth 2 (RFC 6749, section 5.2). */
function grantFault(fields: URLSearchParams): string | undefined {
  const grant = fields.get("grant_type");
  if (grant === null) return "invalid_request";
  if (grant === "refresh_token") return fields.get("refresh_token") ? undefined : "invalid_request";
  if (grant === "password") return fields.get("username") ? undefined : "invalid_request";
  return "unsupported_grant_type";
}

/** A form's fields for POST, else those of the query; undefined for a form that is too large. */
async function fieldsOf(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  if (request.method !== "POST") return new URL(request.url ?? "/", "http://sandbox").searchParams;
  const form = await readBody(request, formLimit);
  return form && new URLSearchParams(form.toString());
}
