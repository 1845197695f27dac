/** An answer that is known as a whole, on its way out. */
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";

/** Without a body only a status. Text and bytes go as they are, anything else as JSON. */
export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: unknown;
}

export function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  // Text leaves with its head, in one piece.
  const content =
    body === undefined || typeof body === "string" || body instanceof Uint8Array
      ? body
      : JSON.stringify(body);
  const size = content === undefined ? 0 : Buffer.byteLength(content);
  response.writeHead(status, {
    ...(content !== undefined && { "content-type": "application/json" }),
    ...(status !== 204 && { "content-length": size }),
    ...headers,
  });
  response.end(response.req.method === "HEAD" ? undefined : content);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, { status, body });
}
