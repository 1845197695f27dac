import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { afterEach, test } from "node:test";
import { createAuthority } from "../../test/certificate.ts";
import { startScriptedServer } from "../../test/scripted-server.ts";
import { createHttpClient, type HttpClientOptions } from "./client.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

function client(options: HttpClientOptions) {
  const http = createHttpClient({ backoff: { base: 1, cap: 5 }, retries: 1, ...options });
  closing.push(() => http.close());
  return http;
}

/** A proxy that leads every name to one port of this machine, and wants `me:secret`. */
async function startProxy(port: number) {
  const seen: string[] = [];
  const login = `Basic ${Buffer.from("me:secret").toString("base64")}`;
  const proxy: Server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    if (request.headers["proxy-authorization"] !== login) {
      response.writeHead(407).end();
      return;
    }
    const host = new URL(request.url ?? "").host;
    const location = `http://127.0.0.1:${port}/private`;
    if (host === "redirects.test") response.writeHead(307, { location }).end();
    else if (host === "elsewhere.test")
      response.writeHead(307, { location: "http://169.254.169.254/private" }).end();
    else if (host === "by-name.test")
      response.writeHead(307, { location: `http://localhost:${port}/private` }).end();
    else response.end(JSON.stringify(request.headers));
  });
  proxy.on("connect", (request, socket) => {
    seen.push(`CONNECT ${request.url}`);
    socket.on("error", () => {});
    if (request.headers["proxy-authorization"] !== login) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
      return;
    }
    const upstream = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\nvia: test\r\n\r\n");
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on("error", () => socket.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  closing.push(() => {
    proxy.closeAllConnections();
    return new Promise((resolve) => proxy.close(resolve));
  });
  return { host: `127.0.0.1:${(proxy.address() as AddressInfo).port}`, seen };
}

test("plain http is asked of the proxy by whole addresses, with the proxy's own password", async () => {
  const proxy = await startProxy(1);
  const http = client({ environment: { http_proxy: `http://me:secret@${proxy.host}` } });
  const request = { method: "GET", url: new URL("http://registry.test/v2/?n=1") } as const;
  const headers = { authorization: "Bearer abc" };
  const answer = await http.request({ ...request, headers });
  const got = (await answer.json(1000)) as Record<string, string>;
  assert.equal(got["host"], "registry.test");
  assert.equal(got["authorization"], "Bearer abc");
  assert.deepEqual(proxy.seen, ["GET http://registry.test/v2/?n=1"]);
});

test("https goes through a tunnel, and the certificate is the host's", async () => {
  const authority = createAuthority();
  const issued = authority.issue({ names: ["registry.test"] });
  const server = await startScriptedServer(
    [{ request: { method: "GET", path: "/v2/" }, answer: { body: "inside" } }],
    { tls: { ...issued } },
  );
  closing.push(() => server.close());
  const proxy = await startProxy(Number(server.url.port));
  const http = client({
    environment: { HTTPS_PROXY: `http://me:secret@${proxy.host}` },
    settingsFor: () => ({ insecure: true }),
  });
  for (let i = 0; i < 2; i += 1) {
    const answer = await http.request({ method: "GET", url: new URL("https://registry.test/v2/") });
    assert.equal(await answer.text(100), "inside");
  }
  assert.deepEqual(proxy.seen, ["CONNECT registry.test:443"]);
  assert.equal(server.requests[0]?.headers["proxy-authorization"], undefined);
});

test("a proxy that declines, or is not there, is named; its password is not", async () => {
  const proxy = await startProxy(1);
  const request = { method: "GET", url: new URL("https://registry.test/v2/") } as const;
  const wrong = client({ environment: { https_proxy: `http://me:wrong1@${proxy.host}` } });
  await assert.rejects(wrong.request(request), {
    code: "CONNECTION_FAILED",
    message: `GET https://registry.test/v2/: proxy ${proxy.host}: it does not connect to registry.test:443 (407)`,
  });
  const absent = client({ environment: { https_proxy: "http://me:wrong1@127.0.0.1:1" } });
  await assert.rejects(absent.request(request), {
    message: "GET https://registry.test/v2/: proxy 127.0.0.1:1: connection refused (tried 2 times)",
  });
});

test("a public host does not lead us to a private address, by number or by name", async () => {
  const server = await startScriptedServer([
    { request: { method: "GET", path: "/private" }, answer: { body: "metadata" } },
  ]);
  closing.push(() => server.close());
  const proxy = await startProxy(Number(server.url.port));
  const http = client({ environment: { http_proxy: `http://me:secret@${proxy.host}` } });
  for (const name of ["redirects.test", "by-name.test"]) {
    const request = { method: "GET", url: new URL(`http://${name}/`) } as const;
    await assert.rejects(http.request(request), { code: "REDIRECT_REFUSED" }, name);
  }
  // What the proxy could reach, it is not asked for.
  const elsewhere = { method: "GET", url: new URL("http://elsewhere.test/") } as const;
  await assert.rejects(http.request(elsewhere), { code: "REDIRECT_REFUSED" });
  assert.deepEqual(proxy.seen.slice(2), ["GET http://elsewhere.test/"]);
  assert.equal(server.requests.length, 0);
  // Whom we ask ourselves is our own choice.
  const answer = await http.request({ method: "GET", url: new URL("/private", server.url) });
  assert.equal(await answer.text(100), "metadata");
});
