import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { isError, WharfError } from "../errors.ts";
import { basic, httpFor, type Reply, serve } from "./testing/servers.ts";
import { fetchToken, type Token, type TokenQuestion } from "./token.ts";

const start = Date.parse("2026-01-01T00:00:00Z");

async function ask(
  t: TestContext,
  reply: Reply,
  credentials: TokenQuestion["credentials"] = { kind: "anonymous" },
): Promise<Token> {
  const service = await serve(t, () => reply);
  const realm = new URL("/token", service.url);
  return fetchToken(httpFor(t), { realm, scopes: [], credentials }, () => start);
}

async function refusal(t: TestContext, reply: Reply): Promise<WharfError> {
  try {
    await ask(t, reply);
  } catch (error) {
    if (isError(error)) return error;
    throw error;
  }
  return assert.fail("no error");
}

/** Seconds until a token is renewed. */
async function seconds(t: TestContext, answer: object, headers = {}): Promise<number> {
  const { renewAt } = await ask(t, { body: { token: "T", ...answer }, headers });
  return (renewAt - start) / 1000;
}

test("both names of the token are known, access_token goes before token", async (t) => {
  assert.equal((await ask(t, { body: { token: "a" } })).value, "a");
  assert.equal((await ask(t, { body: { access_token: "b" } })).value, "b");
  assert.equal((await ask(t, { body: { token: "a", access_token: "b" } })).value, "b");
  assert.equal((await ask(t, { body: { token: "a", access_token: "" } })).value, "a");
});

test("a lifetime that is missing, or no lifetime, is the specification's minute", async (t) => {
  for (const expires_in of [undefined, 0, -5, "soon", null, Number.NaN, {}, "0"]) {
    assert.equal(await seconds(t, { expires_in }), 50);
  }
});

test("a lifetime may be a string, and nobody's is longer than a day", async (t) => {
  assert.equal(await seconds(t, { expires_in: "300" }), 290);
  assert.equal(await seconds(t, { expires_in: 1e12 }), 86_390);
});

test("a short life is renewed a quarter early", async (t) => {
  assert.equal(await seconds(t, { expires_in: 4 }), 3);
});

test("what a token has lived already is counted, by the service's clock where it shows one", async (t) => {
  const issued_at = "2026-01-01T05:00:00Z";
  const date = "Thu, 01 Jan 2026 05:01:40 GMT";
  assert.equal(await seconds(t, { expires_in: 300, issued_at }, { date }), 190);
  const local = "2025-12-31T23:58:20Z";
  assert.equal(await seconds(t, { expires_in: 300, issued_at: local }, { date: "?" }), 190);
});

test("an issue date that makes no sense counts as now", async (t) => {
  const date = "Thu, 01 Jan 2026 05:00:00 GMT";
  for (const issued_at of [
    "yesterday",
    7,
    "2026-01-01T06:00:00Z",
    "2020-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
  ]) {
    assert.equal(await seconds(t, { expires_in: 300, issued_at }, { date }), 290);
  }
});

test("an answer without a usable token is RESPONSE_INVALID", async (t) => {
  const bodies = [
    {},
    [],
    "null",
    '"T"',
    { token: 7 },
    { token: "" },
    { token: "a\r\nx: y" },
    { token: "ä" },
    { token: "a b" },
  ];
  for (const body of bodies) {
    assert.equal((await refusal(t, { body })).code, "RESPONSE_INVALID", JSON.stringify(body));
  }
});

test("a sign-in page is RESPONSE_INVALID, also with status 200", async (t) => {
  const page = {
    body: "<!doctype html><title>Sign in</title>",
    headers: { "content-type": "text/html" },
  };
  assert.equal((await refusal(t, page)).code, "RESPONSE_INVALID");
});

test("an answer above 128 KiB is not read", async (t) => {
  const error = await refusal(t, { body: { token: "T", more: "x".repeat(200 * 1024) } });
  assert.equal(error.code, "RESPONSE_INVALID");
});

test("a service that is out of order, or has had enough of us, is not a refusal", async (t) => {
  assert.equal((await refusal(t, { status: 503 })).code, "SERVER_ERROR");
  assert.equal((await refusal(t, { status: 429 })).code, "RATE_LIMITED");
});

test("the password goes by POST where GET is not there", async (t) => {
  const service = await serve(t, ({ method }) =>
    method === "GET" ? { status: 405 } : { body: { access_token: "T" } },
  );
  const realm = new URL("/token", service.url);
  const credentials = { kind: "basic", username: "me", password: "a&b=c" } as const;
  await fetchToken(
    httpFor(t),
    { realm, service: "s", scopes: ["x:y:z", "*"], credentials },
    () => start,
  );
  const [get, post] = service.received;
  assert.equal(get?.authorization, basic("me:a&b=c"));
  assert.equal(get?.url.searchParams.get("account"), "me");
  assert.ok(!get?.url.search.includes("a%26b"));
  assert.equal(post?.authorization, undefined);
  const form = new URLSearchParams(post?.body);
  assert.deepEqual(
    ["grant_type", "password", "scope"].map((name) => form.get(name)),
    ["password", "a&b=c", "x:y:z *"],
  );
});

test("a user and password in UTF-8 arrive", async (t) => {
  const service = await serve(t, () => ({ body: { token: "T" } }));
  const realm = new URL("/token", service.url);
  const credentials = { kind: "basic", username: "jürgen", password: "pä:ss" } as const;
  await fetchToken(httpFor(t), { realm, scopes: [], credentials }, () => start);
  assert.equal(service.received[0]?.authorization, basic("jürgen:pä:ss"));
});
