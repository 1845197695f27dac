import assert from "node:assert/strict";
import { once } from "node:events";
import { request as send } from "node:http";
import { request as sendSecurely } from "node:https";
import { connect, createServer } from "node:net";
import { test, type TestContext } from "node:test";

import { isError } from "../errors.ts";
import { createMemoryCollection } from "../store/memory.ts";
import type { Repository, RepositoryCollection } from "../store/store.ts";
import { type AccessEntry, type ServerOptions, startServer } from "./server.ts";

async function start(t: TestContext, options: Partial<ServerOptions> = {}) {
  const collection = options.collection ?? createMemoryCollection();
  const server = await startServer({ port: 0, ...options, collection });
  t.after(() => server.close());
  return server;
}

test("a server says where it is, serves the registry and its own health", async (t) => {
  const server = await start(t);
  assert.equal(server.url, `http://127.0.0.1:${server.port}`);
  const status = async (path: string) => (await fetch(server.url + path)).status;
  assert.equal(await status("/v2/"), 200);
  assert.equal(await status("/v2/_catalog"), 200);
  assert.equal(await status("/livez"), 200);
  assert.equal(await status("/readyz"), 200);
  assert.equal(await status("/"), 200);
  assert.equal(await status("/elsewhere"), 404);
});

test("a port that is taken is an error, or another one is used", async (t) => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  t.after(() => other.close());
  const { port } = other.address() as { port: number };
  await assert.rejects(start(t, { port }), (error) => isError(error, "PORT_IN_USE"));
  const server = await start(t, { port, portFallback: true });
  assert.notEqual(server.port, port);
  assert.equal((await fetch(`${server.url}/v2/`)).status, 200);
});

test("an address that others can reach needs authentication or a word of consent", async (t) => {
  for (const host of ["0.0.0.0", "::", "registry.example"])
    await assert.rejects(start(t, { host }), (error) => isError(error, "USAGE"), host);
  const server = await start(t, { host: "0.0.0.0", allowAnonymous: true });
  const answer = await get(server.port, "/v2/", { host: "registry.example" });
  assert.equal(answer.status, 200, "names do not matter where anybody may connect");
});

test("an address that cannot be bound is named", async (t) => {
  await assert.rejects(
    start(t, { host: "203.0.113.1", allowAnonymous: true }),
    /Cannot listen on 203\.0\.113\.1/,
  );
});

test("a web page elsewhere cannot use its own name for this machine", async (t) => {
  const server = await start(t, { hostNames: ["registry.internal"] });
  const status = async (host: string) => (await get(server.port, "/v2/", { host })).status;
  assert.equal(await status("attacker.example"), 403);
  assert.equal(await status("registry.internal:80"), 200);
  assert.equal(await status("localhost"), 200);
});

test("a web page elsewhere cannot write", async (t) => {
  const server = await start(t);
  const post = async (origin: string) => {
    const headers = { origin };
    return fetch(`${server.url}/v2/a/blobs/uploads/`, { method: "POST", headers });
  };
  const refused = await post("https://attacker.example");
  assert.equal(refused.status, 403);
  assert.match(await refused.text(), /"code":"DENIED"/);
});

test("each answer is told to the access log", async (t) => {
  const entries: AccessEntry[] = [];
  const server = await start(t, { onAccess: (entry) => entries.push(entry) });
  await get(server.port, "/v2/a/tags/list?n=1", { "user-agent": "tester/1" });
  await server.close();
  const [entry] = entries;
  assert(entry);
  const { method, target, status, address, userAgent, cut } = entry;
  assert.deepEqual(
    { method, target, status, address, userAgent, cut },
    {
      method: "GET",
      target: "/v2/a/tags/list?n=1",
      status: 404,
      address: "127.0.0.1",
      userAgent: "tester/1",
      cut: false,
    },
  );
  assert(entry.bytes > 0 && entry.duration >= 0);
});

test("closing ends idle connections at once and lets running requests finish", async (t) => {
  const gate = deferred();
  const reached = deferred();
  const server = await start(t, { collection: slowCollection(gate.promise, reached.resolve) });
  const idle = connect(server.port, "127.0.0.1");
  idle.write("GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\n");
  await once(idle, "data");

  const running = get(server.port, "/v2/a/tags/list", { connection: "keep-alive" });
  await reached.promise;
  const closed = server.close();
  await once(idle, "close");
  await assert.rejects(get(server.port, "/livez"), "no new connections");
  gate.resolve();
  const answer = await running;
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.connection, "close");
  await closed;
});

test("closing does not wait for ever", async (t) => {
  const reached = deferred();
  const collection = slowCollection(new Promise(() => {}), reached.resolve);
  const server = await start(t, { collection, closeTimeout: 20 });
  const running = get(server.port, "/v2/a/tags/list");
  await reached.promise;
  await Promise.all([assert.rejects(running), server.close(), server.close()]);
});

test("with a certificate it is https that is spoken", async (t) => {
  const server = await start(t, { tls });
  assert.match(server.url, /^https:/);
  const status = await new Promise((resolve, reject) => {
    sendSecurely(
      { host: "localhost", port: server.port, path: "/v2/", ca: tls.cert, agent: false },
      (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode);
      },
    )
      .on("error", reject)
      .end();
  });
  assert.equal(status, 200);
});

test("a certificate that is none is an error of the configuration", async (t) => {
  const nonsense = { cert: "nonsense", key: "nonsense" };
  await assert.rejects(start(t, { tls: nonsense }), (error) => isError(error, "CONFIG_INVALID"));
});

/** A collection whose tags wait for the gate. */
function slowCollection(gate: Promise<void>, reached: () => void): RepositoryCollection {
  const repository: Partial<Repository> = {
    async *listTags() {
      reached();
      await gate;
      yield "latest";
    },
  };
  return {
    ...createMemoryCollection(),
    hasRepository: async () => true,
    repository: () => repository as Repository,
  };
}

function deferred() {
  let resolve = () => {};
  return { promise: new Promise<void>((settle) => (resolve = settle)), resolve: () => resolve() };
}

function get(port: number, path: string, headers: Record<string, string> = {}) {
  return new Promise<{ status: number; headers: Record<string, unknown> }>((resolve, reject) => {
    send({ host: "127.0.0.1", port, path, headers, agent: false }, (incoming) => {
      incoming.resume();
      incoming.on("error", reject);
      incoming.on("end", () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers }),
      );
    })
      .on("error", reject)
      .end();
  });
}

/** Of `localhost`, for these tests only: `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes …` */
const tls = {
  cert: `-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIULNV9t6f4iCzJvAc9DHDxI9LRroswCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTA0MDcxNVoYDzIxMjYxMDI4
MDQwNzE1WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAARlAhDlx3l+myMg/Hc2Cf+pE6axRUbFNgGU773uUVbzK4CJzQ+meSnr
iYZtwH4XwMGyUrnbNuREIbGle4SVFXedo28wbTAdBgNVHQ4EFgQUGhxJye8Kafzj
Xg0DKhUB0kJPmsIwHwYDVR0jBBgwFoAUGhxJye8KafzjXg0DKhUB0kJPmsIwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIgHJfmKHGhTaLlPQOlbc8TQKyi2bvc8V6UXyfKp+Cn5P0CIQD4
npX1jtyErwYRxmEKAtWZEvn4ICazIH0FY/48SBWbPA==
-----END CERTIFICATE-----`,
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg1csWVekwTGWAZkVc
uEmVwa3uC4edJWbdM3/fhM24Gh2hRANCAARlAhDlx3l+myMg/Hc2Cf+pE6axRUbF
NgGU773uUVbzK4CJzQ+meSnriYZtwH4XwMGyUrnbNuREIbGle4SVFXed
-----END PRIVATE KEY-----`,
};

test("what fails where nobody answers for it costs the connection, not the server", async (t) => {
  const failures: unknown[] = [];
  const server = await start(t, {
    metrics: {
      render() {
        throw new Error("no figures");
      },
    },
    onFailure: (error) => failures.push(error),
  });
  await assert.rejects(fetch(`${server.url}/metrics`));
  assert.match(String(failures[0]), /no figures/);
  assert.equal((await fetch(`${server.url}/livez`)).status, 200);
});
