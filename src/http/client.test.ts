import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { inspect } from "node:util";
import { isError, WharfError } from "../errors.ts";
import { type Pair, type ScriptedServer, startScriptedServer } from "../../test/scripted-server.ts";
import { createHttpClient, type HttpClientOptions } from "./client.ts";
import type { HttpClient, HttpRequest, HttpResponse } from "./http.ts";
import type { TraceEvent } from "./trace.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function serve(...script: Pair[]): Promise<ScriptedServer> {
  const server = await startScriptedServer(script);
  closing.push(() => server.close());
  return server;
}

/** A client that waits for nothing long. */
function client(options: HttpClientOptions = {}): HttpClient {
  const http = createHttpClient({ backoff: { base: 1, cap: 5 }, environment: {}, ...options });
  closing.push(() => http.close());
  return http;
}

const at = (server: ScriptedServer, path: string) => new URL(path, server.url);
const get = (server: ScriptedServer, path = "/"): HttpRequest => ({
  method: "GET",
  url: at(server, path),
});
const pair = (method: string, path: string, answer: Pair["answer"], times?: number): Pair => ({
  request: { method, path },
  answer,
  ...(times !== undefined && { times }),
});

test("an answer brings status, fields and body", async () => {
  const server = await serve(pair("GET", "/", { headers: { etag: '"1"' }, body: { a: [1] } }));
  const answer = await client().request(get(server));
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get("ETag"), '"1"');
  assert.deepEqual(await answer.json(100), { a: [1] });
  assert.match(server.requests[0]?.headers["user-agent"] ?? "", /^wharfinger\/\d+\.\d+\.\d+/);
  assert.equal(server.requests[0]?.headers["host"], server.host);
});

test("requests one after the other take one connection, also those to HEAD and with bodies", async () => {
  const server = await serve(
    pair("GET", "/", { body: "hello" }),
    pair("HEAD", "/", { body: "hello" }),
    pair("PUT", "/", { status: 201 }),
    pair("DELETE", "/", { status: 202 }),
  );
  const http = client();
  for (const method of ["GET", "HEAD", "PUT", "DELETE", "GET"] as const) {
    const body = method === "PUT" ? Buffer.from("content") : undefined;
    const answer = await http.request({ method, url: server.url, body });
    await answer.discard();
  }
  assert.equal(server.connections, 1);
  assert.equal(server.requests[2]?.body.toString(), "content");
});

test("storms of 429 and 503 are sat out, as long as Retry-After says", async () => {
  const server = await serve(
    pair("GET", "/", { status: 429, headers: { "retry-after": "0.02" } }, 1),
    pair("GET", "/", { status: 503 }, 2),
    pair("GET", "/", { status: 502 }, 1),
    pair("GET", "/", { body: "at last" }),
  );
  const delays: number[] = [];
  const http = client({
    onTrace: (event) => void (event.type === "retry" && delays.push(event.delay)),
    random: () => 0.5,
  });
  const answer = await http.request(get(server));
  assert.equal(await answer.text(100), "at last");
  assert.deepEqual(delays, [20.5, 1, 2, 2.5]);
});

test("what a host says for good is not asked again, and the last answer is handed on", async () => {
  const server = await serve(
    pair("GET", "/missing", { status: 404 }),
    pair("GET", "/broken", { status: 500, body: "sorry" }),
  );
  const http = client({ retries: 2 });
  assert.equal((await http.request(get(server, "/missing"))).status, 404);
  assert.equal(server.requests.length, 1);
  const answer = await http.request(get(server, "/broken"));
  assert.equal(answer.status, 500);
  assert.equal(await answer.text(100), "sorry");
  assert.equal(server.requests.length, 4);
});

test("a host that wants to be left alone for longer than a minute is", async () => {
  const server = await serve(pair("GET", "/", { status: 429, headers: { "retry-after": "3600" } }));
  assert.equal((await client().request(get(server))).status, 429);
  assert.equal(server.requests.length, 1);
});

test("connections that break before the answer are mended", async () => {
  for (const fault of ["reset", "close", "lost"] as const) {
    const server = await serve(pair("GET", "/", { fault }, 3), pair("GET", "/", { body: "ok" }));
    const answer = await client().request(get(server));
    assert.equal(await answer.text(100), "ok", fault);
    assert.equal(server.requests.length, 4);
  }
});

test("an idle connection that the host has closed costs no try", async () => {
  const server = await serve(
    pair("GET", "/", { body: "one" }, 1),
    pair("GET", "/", { fault: "reset" }, 1),
    pair("GET", "/", { body: "two" }),
  );
  const http = client({ retries: 0 });
  assert.equal(await (await http.request(get(server))).text(100), "one");
  assert.equal(await (await http.request(get(server))).text(100), "two");
});

test("POST and PATCH whose answer is lost are not sent again", async () => {
  for (const method of ["POST", "PATCH"] as const) {
    const server = await serve(pair(method, "/", { fault: "lost" }));
    const request = { method, url: server.url, body: Buffer.from("x") };
    await assert.rejects(client().request(request), { code: "CONNECTION_FAILED" });
    assert.equal(server.requests.length, 1);
  }
});

test("POST and PATCH that never arrived, or were declined, are sent again", async () => {
  const server = await serve(
    pair("POST", "/", { status: 503 }, 1),
    pair("POST", "/", { status: 429 }, 1),
    pair("POST", "/", { status: 202 }),
  );
  assert.equal((await client().request({ method: "POST", url: server.url })).status, 202);

  const gone = await serve();
  await gone.close();
  const tries: TraceEvent[] = [];
  const http = client({ onTrace: (event) => tries.push(event) });
  await assert.rejects(
    http.request({ method: "POST", url: gone.url }),
    (error: WharfError) =>
      error.code === "CONNECTION_FAILED" &&
      error.message === `POST ${gone.url.href}: connection refused (tried 3 times)`,
  );
  assert.equal(tries.filter(({ type }) => type === "request").length, 3);
});

test("a host that accepts and never answers is noticed", async () => {
  const server = await serve(pair("GET", "/", { fault: "silence" }));
  const http = client({ headersTimeout: 30, retries: 1 });
  await assert.rejects(http.request(get(server)), {
    code: "TIMEOUT",
    message: `GET ${server.url.href}: no answer for 0.03 s (tried 2 times)`,
  });
  assert.equal(server.requests.length, 2);
});

test("one request may wait longer for its answer than the others", async () => {
  const slow = () => new Promise<object>((resolve) => setTimeout(() => resolve({}), 60));
  const server = await serve(pair("PUT", "/", slow));
  const http = client({ headersTimeout: 20, retries: 0 });
  const answer = await http.request({ method: "PUT", url: server.url, headersTimeout: 5000 });
  assert.equal(answer.status, 200);
});

test("a body that stops in the middle is a time-out, and one that ends too early a broken connection", async () => {
  const body = "x".repeat(1000);
  const server = await serve(
    pair("GET", "/stalls", { body, fault: "stall" }),
    pair("GET", "/cut", { body, fault: "cut" }),
    pair("GET", "/cut-chunks", { body, fault: "cut", headers: { "transfer-encoding": "chunked" } }),
  );
  for (const bulk of [false, true]) {
    const read = async (path: string, idleTimeout: number) => {
      const http = client({ idleTimeout });
      let size = 0;
      const answer = await http.request({ ...get(server, path), bulk });
      try {
        for await (const chunk of answer.body) size += chunk.length;
      } catch (error) {
        assert(isError(error));
        assert.equal(size, 500);
        return `${error.code} ${error.message}`;
      }
      return "complete";
    };
    assert.equal(
      await read("/stalls", 30),
      `TIMEOUT GET ${server.url}stalls: no byte of the body for 0.03 s`,
    );
    assert.match(
      await read("/cut", 10_000),
      /^CONNECTION_FAILED GET .*cut: connection .*in the middle of the body$/,
    );
    assert.match(await read("/cut-chunks", 10_000), /^CONNECTION_FAILED GET .*middle of the body$/);
  }
});

test("a body without end is given up at the limit", async () => {
  const server = await serve(pair("GET", "/", { body: Buffer.alloc(300_000) }));
  const http = client();
  const answer = await http.request(get(server));
  await assert.rejects(answer.bytes(1000), {
    code: "RESPONSE_INVALID",
    message: `GET ${server.url.href}: the answer is larger than 1000 bytes (200)`,
  });
  const chunked = await serve(
    pair("GET", "/", { body: Buffer.alloc(300_000), headers: { "transfer-encoding": "chunked" } }),
  );
  await assert.rejects((await http.request(get(chunked))).bytes(1000), {
    code: "RESPONSE_INVALID",
  });
});

test("a page in place of JSON is named as such", async () => {
  const server = await serve(
    pair("GET", "/page", { body: "<!DOCTYPE html><title>Sign in</title>" }),
    pair("GET", "/noise", { body: "{" }),
    pair("GET", "/token", { body: "dckr_pat_secret" }),
  );
  const http = client();
  const read = async (path: string) => (await http.request(get(server, path))).json(1000);
  await assert.rejects(read("/page"), {
    message: `GET ${server.url}page: HTML came in place of JSON (200)`,
  });
  await assert.rejects(read("/noise"), {
    message: `GET ${server.url}noise: the answer is not JSON (200)`,
  });
  // Nothing quotes what may be a token.
  await assert.rejects(read("/token"), (error) => !inspect(error).includes("dckr"));
});

test("the caller's signal ends every wait", async () => {
  const server = await serve(
    pair("GET", "/silent", { fault: "silence" }),
    pair("GET", "/stalls", { body: "x".repeat(100), fault: "stall" }),
    pair("GET", "/busy", { status: 503, headers: { "retry-after": "50" } }),
  );
  const http = client();
  const abandon = async (path: string, wait: (answer: HttpResponse) => Promise<unknown>) => {
    const abort = new AbortController();
    const begun = http.request({ ...get(server, path), signal: abort.signal });
    setTimeout(() => abort.abort(new Error("enough")), 30);
    await assert.rejects(begun.then(wait), (error) => {
      assert(isError(error, "INTERRUPTED"), path);
      assert.equal((error.cause as Error).message, "enough");
      return true;
    });
  };
  const read = (answer: HttpResponse) => answer.bytes(1000);
  await abandon("/silent", read);
  await abandon("/stalls", read);
  await abandon("/busy", read);
  await assert.rejects(http.request({ ...get(server, "/silent"), signal: AbortSignal.abort() }), {
    code: "INTERRUPTED",
  });
});

test("a host gets so many requests at once as its settings allow", async () => {
  let running = 0;
  let most = 0;
  const server = await serve(
    pair("GET", "/", async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 10));
      running -= 1;
      return { body: "ok" };
    }),
  );
  const http = client({ settingsFor: () => ({ concurrency: 2 }) });
  await Promise.all(
    Array.from({ length: 8 }, async () => (await http.request(get(server))).text(10)),
  );
  assert.equal(most, 2);
});

test("a host's warning is told once", async () => {
  const warning = [
    '299 - "moving \\"soon\\""',
    '199 - "not for people"',
    '299 - "red \x1b[31m alert", 299 - "moving \\"soon\\""',
  ].map((text) => text.replace("\x1b", ""));
  const server = await serve(pair("GET", "/", { headers: { warning } }));
  const told: string[] = [];
  const http = client({ onWarning: (text, host) => told.push(`${host}: ${text}`) });
  await (await http.request(get(server))).discard();
  await (await http.request(get(server))).discard();
  assert.deepEqual(told, [`${server.host}: moving "soon"`, `${server.host}: red [31m alert`]);
});

test("bytes that are no HTTP are not retried", async () => {
  const { createServer } = await import("node:net");
  let connections = 0;
  const ssh = createServer((socket) => {
    connections += 1;
    socket
      .on("error", () => {})
      .resume()
      .end("SSH-2.0-OpenSSH_9.2\r\n");
  });
  await new Promise<void>((resolve) => ssh.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => ssh.close(resolve)));
  const { port } = ssh.address() as { port: number };
  await assert.rejects(
    client().request({ method: "GET", url: new URL(`http://127.0.0.1:${port}/`) }),
    {
      code: "CONNECTION_FAILED",
      message: `GET http://127.0.0.1:${port}/: host does not speak HTTP/1.1 properly (no HTTP)`,
    },
  );
  assert.equal(connections, 1);
});

test("a name that does not exist is said to", async () => {
  const request = { method: "GET", url: new URL("http://registry.invalid/v2/") } as const;
  await assert.rejects(client({ retries: 0 }).request(request), (error) => {
    assert(isError(error, "CONNECTION_FAILED", "TIMEOUT"));
    return error.message.startsWith("GET http://registry.invalid/v2/: ");
  });
});

test("after close, nothing is sent", async () => {
  const server = await serve(pair("GET", "/", { body: "ok" }));
  const http = client();
  await (await http.request(get(server))).discard();
  await http.close();
  await assert.rejects(http.request(get(server)), { code: "CONNECTION_FAILED" });
});

test("a POST does not go over a connection that the host has closed meanwhile", async () => {
  const { createServer } = await import("node:net");
  let requests = 0;
  const hasty = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      requests += 1;
      // No word of closing, and yet.
      socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    });
  });
  await new Promise<void>((resolve) => hasty.listen(0, "127.0.0.1", resolve));
  closing.push(() => new Promise((resolve) => hasty.close(resolve)));
  const { port } = hasty.address() as { port: number };
  const http = client({ retries: 0 });
  for (let i = 1; i <= 5; i += 1) {
    const request = { method: "POST", url: new URL(`http://127.0.0.1:${port}/`) } as const;
    assert.equal(await (await http.request(request)).text(10), "ok");
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(requests, i);
  }
});
