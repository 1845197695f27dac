/** Our own server with a token service before it, and everything in it that must stay secret. */
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { Refusal } from "../../src/distribution/refusal.js";
import { startServer } from "../../src/server/server.js";
import { createMemoryCollection } from "../../src/store/memory.js";
export const username = "somebody";
export const password = "p4ssw0rd-of-somebody";
/** Credentials for whoever connects to a guarded registry. */
export const signedIn = {
  find: async () => ({ kind: "basic", username, password }),
};
/** Starts both; they end with the test. */
export async function startGuarded(context) {
  const tokens = [];
  /** How often each may still be shown. */
  const good = new Map();
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
    authorize(request, access) {
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
  context.after(async () => {
    service.closeAllConnections();
    service.close();
    await server.close();
    await collection.close();
  });
  const realm = `http://127.0.0.1:${service.address().port}/token`;
  const guarded = {
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
