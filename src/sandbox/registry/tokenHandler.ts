/** `/token`: the token service on the wire. */
import type { IncomingMessage, ServerResponse } from "node:http";

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
    const fields = await fieldsOf(request);
    const asked = readTokenRequest(fields, request.headers.authorization);
    const { status, body } = await answerToken(state, keys, now(), asked);
    const bytes = Buffer.from(JSON.stringify(body));
    response.writeHead(status, {
      "content-type": "application/json",
      "content-length": bytes.byteLength,
      ...(status === 401 && { "www-authenticate": 'Basic realm="sandbox"' }),
    });
    response.end(request.method === "HEAD" ? undefined : bytes);
  };
}

/** A form's fields for POST, else those of the query. */
async function fieldsOf(request: IncomingMessage): Promise<URLSearchParams> {
  if (request.method !== "POST") return new URL(request.url ?? "/", "http://sandbox").searchParams;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size > formLimit) break;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}
