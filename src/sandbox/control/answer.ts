/** Answers of the sandbox itself. */
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";

/** Without a body only a status. Text goes as it is, anything else as JSON. */
export interface Answer {
  readonly status: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: unknown;
}

export function send(response: ServerResponse, { status, headers = {}, body }: Answer): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const bytes = Buffer.from(text ?? "");
  response.writeHead(status, {
    ...(body !== undefined && { "content-type": "application/json" }),
    ...(status !== 204 && { "content-length": bytes.byteLength }),
    ...headers,
  });
  response.end(response.req.method === "HEAD" ? undefined : bytes);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, { status, body });
}
