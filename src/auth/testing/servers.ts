/** Little servers for the tests of this room: a registry that wants tokens, and the service that gives them. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { createHttpClient } from "../../http/client.ts";
import type { HttpClient } from "../../http/http.ts";
import type { Credentials, CredentialSource } from "../credentials.ts";

/** A request as it came in. */
export interface Received {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
  readonly body: string;
}

/** What to answer; an object as body goes out as JSON. */
export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | object;
}

export type Handler = (request: Received) => Reply | Promise<Reply>;

export interface LittleServer {
  readonly port: number;
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly url: string;
  readonly received: Received[];
}

/** Serves on a free port until the test ends. */
export async function serve(t: TestContext, handler: Handler): Promise<LittleServer> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void answer(request, response, handler, received);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { port, host: `127.0.0.1:${port}`, url: `http://127.0.0.1:${port}`, received };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handler: Handler,
  received: Received[],
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const seen: Received = {
    method: request.method ?? "",
    url: new URL(request.url ?? "/", "http://server.test"),
    authorization: request.headers.authorization,
    body: Buffer.concat(chunks).toString("utf8"),
  };
  received.push(seen);
  const { status = 200, headers = {}, body = "" } = await handler(seen);
  response.writeHead(status, headers);
  response.end(typeof body === "string" ? body : JSON.stringify(body));
}

/** A client that gives up soon, closed when the test ends. */
export function httpFor(t: TestContext): HttpClient {
  const http = createHttpClient({ retries: 0, environment: {} });
  t.after(() => http.close());
  return http;
}

/** The same credentials for everybody who asks. */
export function always(credentials: Credentials): CredentialSource {
  return { find: async () => credentials };
}

export function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString("base64")}`;
}

/** A 401 with challenges, one line each. */
export function unauthorized(...challenges: string[]): Reply {
  return {
    status: 401,
    headers: { "www-authenticate": challenges, "content-type": "application/json" },
    body: { errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] },
  };
}

/** A promise and what resolves it. */
export function latch<Value = void>(): {
  readonly opened: Promise<Value>;
  readonly open: (value: Value) => void;
} {
  let open: (value: Value) => void = () => {};
  const opened = new Promise<Value>((resolve) => (open = resolve));
  return { opened, open };
}
