import assert from "node:assert/strict";
import { test } from "node:test";
import { startScriptedServer } from "../../test/scripted-server.ts";
import { createHttpClient } from "./client.ts";
import { responseError } from "./errors.ts";
import { formatTrace, type TraceEvent } from "./trace.ts";

test("a request's way is told event by event, without a secret", async () => {
  const server = await startScriptedServer([
    {
      request: { method: "GET", path: "/a" },
      answer: { status: 503, headers: { "set-cookie": "id=hidden" } },
      times: 1,
    },
    {
      request: { method: "GET", path: "/a" },
      answer: { status: 307, headers: { location: "/b?X-Amz-Signature=hidden" } },
    },
    {
      request: { method: "GET", path: "/b" },
      answer: { body: "ok", headers: { "x-kind": "blob" } },
    },
  ]);
  const events: TraceEvent[] = [];
  const http = createHttpClient({
    environment: {},
    backoff: { base: 0, cap: 0 },
    userAgent: "test",
    onTrace: (event) => events.push(event),
  });
  const url = new URL("/a?token=hidden", server.url);
  url.username = "hidden";
  const headers = { authorization: "Basic hidden", "x-mine": "hidden" };
  const answer = await http.request({ method: "GET", url, headers, secretHeaders: ["x-mine"] });
  await answer.discard();
  await http.close();
  await server.close();

  const text = events
    .flatMap((event) => formatTrace(event).split("\n"))
    .filter((line) => !/<   (?:date|keep-alive|connection|content-length): /.test(line))
    .join("\n")
    .replaceAll(server.host, "HOST")
    .replace(/\d+ ms/g, "N ms");
  assert.equal(
    text,
    `1 > GET http://HOST/a?token=***
1 >   user-agent: test
1 >   authorization: Basic ***
1 >   x-mine: ***
* connection to HOST N ms
1 < 503 GET http://HOST/a?token=*** N ms
1 <   set-cookie: ***
1 * again in N ms: status 503
1 > GET http://HOST/a?token=*** (try 2)
1 >   user-agent: test
1 >   authorization: Basic ***
1 >   x-mine: ***
1 < 307 GET http://HOST/a?token=*** N ms
1 <   location: /b?X-Amz-Signature=***
1 * redirected to http://HOST/b?X-Amz-Signature=***
1 > GET http://HOST/b?X-Amz-Signature=***
1 >   user-agent: test
1 >   authorization: Basic ***
1 >   x-mine: ***
1 < 200 GET http://HOST/b?X-Amz-Signature=*** N ms
1 <   x-kind: blob`,
  );
  assert.doesNotMatch(JSON.stringify(events), /hidden/);
  assert.equal(server.requests[0]?.headers["authorization"], "Basic hidden");
});

test("failures are told with their reason", async () => {
  const server = await startScriptedServer([]);
  await server.close();
  const events: string[] = [];
  const http = createHttpClient({
    environment: {},
    retries: 0,
    onTrace: (event) => events.push(formatTrace(event).replace(/\d+ ms/, "N ms")),
  });
  await assert.rejects(http.request({ method: "HEAD", url: server.url }));
  assert.deepEqual(events.slice(1), [
    `* connection to ${server.host} N ms: connection refused`,
    `1 ! HEAD ${server.url.href}: connection refused N ms`,
  ]);
});

test("a secret that a host echoes is hidden in traces and errors", async () => {
  const secret = "bWU6c2VjcmV0L3dvcmQ=";
  const echo = `/echo/${encodeURIComponent(secret)}`;
  const server = await startScriptedServer([
    {
      request: { method: "GET", path: "/a" },
      answer: { status: 302, headers: { location: echo, "x-debug": `Basic ${secret}` } },
    },
    { request: { method: "GET", path: echo }, answer: { body: secret, status: 404 } },
  ]);
  const lines: string[] = [];
  const http = createHttpClient({
    environment: {},
    onTrace: (event) => lines.push(formatTrace(event)),
  });
  const headers = { authorization: `Basic ${secret}` };
  const answer = await http.request({ method: "GET", url: new URL("/a", server.url), headers });
  const error = await responseError(answer);
  await http.close();
  await server.close();
  const told = `${lines.join("\n")} ${error.message} ${JSON.stringify(error.details)}`;
  assert.match(told, /\/echo\/\*\*\*: \*\*\* \(404\)/);
  assert.ok(!told.includes(secret) && !told.includes(encodeURIComponent(secret)), told);
});

test("what a host sends cannot steer the terminal", () => {
  const text = formatTrace({
    type: "response",
    request: 1,
    method: "GET",
    url: "http://host.test/",
    status: 200,
    headers: [["x-kind", "a\u009b31mb\u0085c\u001b]0;d\u202ee"]],
    milliseconds: 1,
  });
  assert.equal(text, "1 < 200 GET http://host.test/ 1 ms\n1 <   x-kind: a 31mb c ]0;d e");
});
