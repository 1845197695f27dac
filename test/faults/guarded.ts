/** Our own server with a token service before it, and everything in it that must stay secret. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

import type { Access } from "../../src/distribution/exchange.ts";
import { Refusal } from "../../src/distribution/refusal.ts";
import { startServer } from "../../src/server/server.ts";
import { createMemoryCollection } from "../../src/store/memory.ts";
import type { RepositoryCollection } from "../../src/store/store.ts";
import { atEnd } from "./stage.ts";

export const username = "somebody";
export const password = "p4ssw0rd-of-somebody";

/** Credentials for whoever connects to a guarded registry. */
export const signedIn = {
  find: async () => ({ kind: "basic" as const, username, password }),
};

export interface Guarded {
  /** `127.0.0.1:PORT` of the registry. */
  readonly host: string;
  /** Address of the token service. */
  readonly realm: string;
  readonly collection: RepositoryCollection;
  /** All tokens that were given out. */
  readonly tokens: readonly string[];
  /** What must appear nowhere: the password, in the forms that it is sent in, and all tokens. */
  secrets(): string[];
  /** How many requests a new token is good for. @default Infinity */
  uses: number;
  /** Called with each token request, in place of the answer where it returns true. */
  onToken: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** What the registry names as its token service. @default `realm` */
  namedRealm: string;
}

/** Starts both; they end with the test. */
export async function startGuarded(context: TestContext): Promise<Guarded> {
  const tokens: string[] = [];
  /** How often each may still be shown. */
  const good = new Map<string, number>();
  const basic = Buffer.from(`${username}:${password}`).toString("base64");

  const service = createServer((request, response) => {
    if (guarded.onToken?.(request, response)) return;
    if (request.headers.authorization !== `Basic ${basic}`) {
      response.writeHead(401).end();
      return;
    }
    const token = `token-${randomUUID()}`;
    tokens.push(token);
    good.set(token, guarded.uses);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ token, expires_in: 300 }));
  });
  service.listen(0, "127.0.0.1");
  await once(service, "listening");

  const collection = createMemoryCollection();
  const server = await startServer({
    collection,
    port: 0,
    closeTimeout: 0,
    authorize(request: IncomingMessage, access: Access | undefined) {
      const token = request.headers.authorization?.replace(/^Bearer /, "") ?? "";
      const left = good.get(token) ?? 0;
      good.set(token, left - 1);
      if (left > 0) return;
      const scope = access ? `,scope="${access.type}:${access.name}:${access.actions}"` : "";
      const challenge = `Bearer realm="${guarded.namedRealm}",service="test"${scope}`;
      throw new Refusal("UNAUTHORIZED", "a token is wanted", {
        headers: { "www-authenticate": challenge },
      });
    },
  });
  atEnd(context, async () => {
    service.closeAllConnections();
    service.close();
    await server.close();
    await collection.close();
  });

  const realm = `http://127.0.0.1:${(service.address() as AddressInfo).port}/token`;
  const guarded: Guarded = {
    host: `127.0.0.1:${server.port}`,
    realm,
    collection,
    tokens,
    secrets: () => [password, encodeURIComponent(password), basic, ...tokens],
    uses: Infinity,
    onToken: undefined,
    namedRealm: realm,
  };
  return guarded;
}
