/** An answer as the rooms above get it. */
import { WharfError } from "../errors.ts";
import { readAll } from "./body.ts";
import type { HttpRequest, HttpResponse } from "./http.ts";
import type { Answer } from "./lane.ts";
import { redactUrl } from "./redact.ts";
import { rememberRequest } from "./secrets.ts";

/**
 * @param original the request as it was before it was redirected
 * @param doubtful whether an earlier try may have arrived
 */
export function createResponse(
  request: HttpRequest,
  answer: Answer,
  original: HttpRequest,
  doubtful: boolean,
): HttpResponse {
  const { method, url } = request;
  const { status, headers, body } = answer;
  const refuse = (what: string) => {
    const address = redactUrl(url);
    const details = { method, url: address, status };
    return new WharfError("RESPONSE_INVALID", `${method} ${address}: ${what} (${status})`, details);
  };

  async function bytes(limit: number): Promise<Uint8Array> {
    if (Number(headers.get("content-length") ?? 0) > limit && method !== "HEAD") {
      body.cancel();
      throw refuse(`the answer is larger than ${limit} bytes`);
    }
    body.hurry();
    try {
      return await readAll(body, limit);
    } catch (error) {
      if (error instanceof WharfError && error.code === "RESPONSE_INVALID") {
        throw refuse(`the answer is larger than ${limit} bytes`);
      }
      throw error;
    }
  }

  async function text(limit: number): Promise<string> {
    return new TextDecoder().decode(await bytes(limit));
  }

  async function json(limit: number): Promise<unknown> {
    const content = await text(limit);
    try {
      return JSON.parse(content) as unknown;
    } catch {
      // The parser's words would quote the answer, which may be a token.
      const html = /^\s*<(?:!doctype|html)/i.test(content);
      throw refuse(html ? "HTML came in place of JSON" : "the answer is not JSON");
    }
  }

  const discard = () => body.discard();
  const response = { status, headers, method, doubtful, url, body, bytes, text, json, discard };
  rememberRequest(response, original);
  return response;
}
