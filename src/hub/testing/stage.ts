/** A Docker Hub for tests of the client: it answers as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

import { createHub, type HubOptions } from "../client/hub.ts";

/** A request as it arrived. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body: unknown;
}

export type Answer = (seen: Seen, response: ServerResponse) => void;

/** A Docker Hub that answers as told, with a token service of its own, and a client of it. */
export async function stage(context: TestContext, answer: Answer, options: HubOptions = {}) {
  const log: Seen[] = [];
  let minted = 0;
  const server = createServer((request, response) => {
    void read(request).then((seen) => {
      log.push(seen);
      if (seen.url !== "/v2/auth/token") return answer(seen, response);
      minted += 1;
      json(response, 200, { access_token: jwt(`session-${minted}`) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const hub = createHub({
    url,
    credentials: { kind: "secret", identifier: "me", secret: "the secret" },
    environment: {},
    ...options,
  });
  context.after(async () => {
    await hub.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { hub, log, url };
}

async function read(request: IncomingMessage): Promise<Seen> {
  const chunks = await collect<Buffer>(request);
  const text = Buffer.concat(chunks).toString();
  const { method = "", url = "", headers } = request;
  const body: unknown = text === "" ? undefined : JSON.parse(text);
  return { method, url, authorization: headers.authorization, body };
}

export function json(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}

/** A token of a session that lives ten minutes; nobody checks its signature. */
export function jwt(subject: string): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const exp = Math.floor(Date.now() / 1000) + 600;
  return `${part({ alg: "none" })}.${part({ sub: subject, exp })}.sign`;
}

export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
