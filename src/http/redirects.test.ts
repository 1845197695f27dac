import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type Pair, type ScriptedServer, startScriptedServer } from "../../test/scripted-server.ts";
import { createHttpClient, type HttpClientOptions } from "./client.ts";
import { redirectTarget } from "./redirect.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function serve(...script: Pair[]): Promise<ScriptedServer> {
  const server = await startScriptedServer(script);
  closing.push(() => server.close());
  return server;
}

function client(options: HttpClientOptions = {}) {
  const http = createHttpClient({ backoff: { base: 1, cap: 5 }, environment: {}, ...options });
  closing.push(() => http.close());
  return http;
}

const redirect = (path: string, location: string, status = 307, method = "GET"): Pair => ({
  request: { method, path },
  answer: { status, headers: { location } },
});

test("a redirect is followed to the end, and the answer says where it came from", async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    const server = await serve(redirect("/a", "/b?x=1", status), redirect("/b", "c", status), {
      request: { method: "GET", path: "/c" },
      answer: { body: "here" },
    });
    const answer = await client().request({ method: "GET", url: new URL("/a", server.url) });
    assert.equal(await answer.text(10), "here");
    assert.equal(answer.url.href, `${server.url}c`);
  }
});

test("credentials stay with their origin", async () => {
  const other = await serve({ request: { method: "GET", path: "/blob" }, answer: { body: "ok" } });
  const server = await serve(redirect("/a", "/b"), redirect("/b", `${other.url}blob?sig=abc`));
  const headers = {
    authorization: "Bearer secret",
    cookie: "secret",
    "x-auth-token": "secret",
    "x-mine": "secret",
    range: "bytes=0-1",
  };
  const url = new URL("/a", server.url);
  await client().request({ method: "GET", url, headers, secretHeaders: ["x-mine"] });
  assert.equal(server.requests[1]?.headers["authorization"], "Bearer secret");
  const got = other.requests[0]?.headers ?? {};
  assert.doesNotMatch(JSON.stringify(got), /secret/);
  assert.equal(got["range"], "bytes=0-1");
});

test("a redirect loop is noticed, and so is one that never comes to an end", async () => {
  const circle = await serve(redirect("/a", "/b"), redirect("/b", "/a"));
  await assert.rejects(client().request({ method: "GET", url: new URL("/a", circle.url) }), {
    code: "REDIRECT_REFUSED",
    message: `GET ${circle.url}b: redirects in a circle`,
  });
  let count = 0;
  const endless = await serve({
    request: { method: "GET", path: /.*/ },
    answer: () => ({ status: 302, headers: { location: `/${(count += 1)}` } }),
  });
  await assert.rejects(client().request({ method: "GET", url: endless.url }), {
    code: "REDIRECT_REFUSED",
    message: `GET ${endless.url}10: redirects more than 10 times`,
  });
  assert.equal(endless.requests.length, 11);
});

test("POST, PUT, PATCH and DELETE are not taken elsewhere unless the caller says so", async () => {
  for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) {
    const server = await serve(redirect("/a", "/b", 307, method), {
      request: { method, path: "/b" },
      answer: { status: 201 },
    });
    const request = { method, url: new URL("/a", server.url), body: Buffer.from("content") };
    assert.equal((await client().request(request)).status, 307);
    assert.equal((await client().request({ ...request, redirect: "follow" })).status, 201);
    assert.equal(server.requests.at(-1)?.body.toString(), "content");
  }
});

test("a body that cannot be sent again is not redirected, and 303 does not repeat a POST", async () => {
  const server = await serve(redirect("/a", "/b", 307, "PUT"), redirect("/c", "/b", 303, "POST"));
  const body = {
    replayable: false,
    async open() {
      return (async function* () {
        yield Buffer.from("once");
      })();
    },
  };
  const http = client();
  const put = { method: "PUT", url: new URL("/a", server.url), body, redirect: "follow" } as const;
  assert.equal((await http.request(put)).status, 307);
  const post = { method: "POST", url: new URL("/c", server.url), redirect: "follow" } as const;
  assert.equal((await http.request(post)).status, 303);
});

test("from https to http, and to what is not http, no redirect leads", () => {
  const from = new URL("https://registry.test/v2/a/blobs/x");
  for (const location of [
    "http://registry.test/",
    "ftp://registry.test/",
    "file:///etc/passwd",
    "http://",
  ]) {
    assert.throws(() => redirectTarget(from, location), { code: "REDIRECT_REFUSED" }, location);
  }
  assert.equal(redirectTarget(from, "//cdn.test/x#y").href, "https://cdn.test/x");
  assert.equal(redirectTarget(from, "https://u:p@cdn.test/x").href, "https://cdn.test/x");
  assert.equal(
    redirectTarget(new URL("http://a.test/"), "https://a.test/").href,
    "https://a.test/",
  );
});

test("an address that a public host named leads to public hosts only, whatever its name", async () => {
  const server = await serve({ request: { method: "GET", path: "/" }, answer: { body: "ok" } });
  const url = new URL(`http://localhost:${server.url.port}/`);
  const [outside, inside] = ["https://registry.example.com/", "http://10.1.2.3/"];
  const http = client({ retries: 0 });
  const ask = (namedBy: string) =>
    http
      .request({ method: "GET", url, namedBy: new URL(namedBy) })
      .then((answer) => answer.text(9));
  await assert.rejects(ask(outside), { code: "REDIRECT_REFUSED" });
  assert.equal(server.requests.length, 0);
  assert.equal(await ask(inside), "ok");
});
