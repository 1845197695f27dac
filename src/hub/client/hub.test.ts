import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";

import { isError } from "../../errors.ts";
import { type Answer, collect, json, jwt, stage } from "../testing/stage.ts";

const token = (number: number) => ({
  uuid: `id-${number}`,
  token_label: `token ${number}`,
  is_active: true,
  scopes: ["repo:read"],
});

/** Answers a list of `total` tokens, page by page, as Docker Hub does. */
function pages(total: number, next: (page: number, url: URL) => string): Answer {
  return (seen, response) => {
    const url = new URL(seen.url, "http://hub.docker.com");
    const page = Number(url.searchParams.get("page") ?? 1);
    const size = Number(url.searchParams.get("page_size") ?? 10);
    const results = [];
    for (let at = (page - 1) * size; at < Math.min(total, page * size); at += 1)
      results.push(token(at));
    if (results.length === 0) return json(response, 404, { message: "object not found" });
    json(response, 200, {
      count: total,
      next: page * size < total ? next(page + 1, url) : null,
      previous: null,
      results,
    });
  };
}

const absolute = (page: number, url: URL) => {
  url.searchParams.set("page", String(page));
  return url.href;
};

test("a list that is awaited is its first page, and one sign-in serves many calls", async (context) => {
  const { hub, log } = await stage(context, pages(25, absolute));
  const [first, second] = await Promise.all([hub.accessTokens.list(), hub.accessTokens.list()]);
  assert.equal(first.count, 25);
  assert.equal(first.results.length, 10);
  assert.deepEqual(second, first);
  assert.deepEqual(
    log.map(({ method, url }) => `${method} ${url}`),
    ["POST /v2/auth/token", "GET /v2/access-tokens", "GET /v2/access-tokens"],
  );
  assert.deepEqual(log[0]?.body, { identifier: "me", secret: "the secret" });
});

test("a list that is iterated is every item, in large pages", async (context) => {
  const { hub, log } = await stage(context, pages(250, absolute));
  const labels = [];
  for await (const { token_label } of hub.accessTokens.list()) labels.push(token_label);
  assert.deepEqual(
    labels,
    Array.from({ length: 250 }, (_, number) => `token ${number}`),
  );
  assert.deepEqual(
    log.slice(1).map(({ url }) => url),
    [1, 2, 3].map(
      (page) => `/v2/access-tokens?${page > 1 ? `page_size=100&page=${page}` : "page_size=100"}`,
    ),
  );
});

test("no page is asked for beyond what is wanted", async (context) => {
  const { hub, log } = await stage(context, pages(250, absolute));
  const got = await collect(hub.accessTokens.list({}, { limit: 5, pageSize: 5 }));
  assert.equal(got.length, 5);
  assert.equal(log.length, 2);
});

test("no page is larger than the list allows, and half an item is none", async (context) => {
  const { hub, log } = await stage(context, pages(250, absolute));
  assert.equal(
    (await collect(hub.accessTokens.list({}, { pageSize: 1000, limit: 2.5 }))).length,
    2,
  );
  assert.equal(log.at(-1)?.url, "/v2/access-tokens?page_size=100");
});

test("the next page goes where the last one went, whatever next says", async (context) => {
  for (const next of [
    (page: number) => `http://evil.example/v2/access-tokens?page=${page}`,
    (page: number) => `/v2/access-tokens?page_size=100&page=${page}`,
    () => "more",
  ]) {
    const { hub } = await stage(context, pages(230, next));
    assert.equal((await collect(hub.accessTokens.list())).length, 230);
  }
  const { hub: circle, log } = await stage(
    context,
    pages(230, () => "/v2/access-tokens?page=1"),
  );
  assert.equal((await collect(circle.accessTokens.list())).length, 100);
  assert.equal(log.length, 2);
});

test("a token that is refused is minted anew, once", async (context) => {
  let refusals = 1;
  const { hub, log } = await stage(context, (_, response) => {
    refusals -= 1;
    if (refusals >= 0) return json(response, 401, { detail: "token expired" });
    json(response, 200, token(1));
  });
  assert.equal((await hub.accessTokens.get({ uuid: "a" })).token_label, "token 1");
  assert.equal(log.filter(({ url }) => url === "/v2/auth/token").length, 2);
  refusals = 99;
  await assert.rejects(hub.accessTokens.get({ uuid: "a" }), (error) =>
    isError(error, "UNAUTHORIZED"),
  );
  assert.equal(log.filter(({ url }) => url === "/v2/auth/token").length, 3);
});

test("an account that is refused does not sign in with every call", async (context) => {
  const { hub, log } = await stage(context, (_, response) => json(response, 401, { detail: "no" }));
  for (let call = 0; call < 5; call += 1)
    await assert.rejects(
      hub.accessTokens.get({ uuid: "a" }),
      (error) => isError(error, "UNAUTHORIZED") && /wharf hub login/.test(error.hint),
    );
  assert.equal(log.filter(({ url }) => url === "/v2/auth/token").length, 2);
});

test(
  "a refused answer is let go of where signing in again fails",
  { timeout: 20_000 },
  async (context) => {
    let logins = 0;
    let ended: Promise<unknown> | undefined;
    const { hub } = await stage(
      context,
      ({ url }, response) => {
        if (url === "/v2/users/login") {
          logins += 1;
          if (logins === 1) return json(response, 200, { token: jwt("me") });
          return json(response, 401, { detail: "locked" });
        }
        ended = once(response, "close");
        response.writeHead(401, { "content-length": 2 ** 30 });
        response.write(Buffer.alloc(128 * 1024));
      },
      { credentials: { kind: "login", username: "me", password: "the secret" } },
    );
    await assert.rejects(hub.accessTokens.get({ uuid: "a" }), /locked/);
    await ended;
  },
);

test("calls that are refused at the same time cause one sign-in", async (context) => {
  const { hub, log } = await stage(context, ({ authorization = "" }, response) => {
    const claims = Buffer.from(authorization.split(".")[1]!, "base64url").toString();
    const old = claims.includes('"session-1"');
    json(response, old ? 401 : 200, old ? { detail: "token expired" } : token(1));
  });
  await Promise.all(Array.from({ length: 8 }, () => hub.accessTokens.get({ uuid: "a" })));
  assert.equal(log.filter(({ url }) => url === "/v2/auth/token").length, 2);
});

test("a 404 is no reason to sign in again", async (context) => {
  const { hub, log } = await stage(context, (_, response) => json(response, 404, { detail: "no" }));
  for (let call = 0; call < 3; call += 1)
    await assert.rejects(hub.accessTokens.get({ uuid: "a" }), (error) =>
      isError(error, "NOT_FOUND"),
    );
  assert.equal(log.filter(({ url }) => url === "/v2/auth/token").length, 1);
});

test("what destroys is not sent before somebody said so", async (context) => {
  const { hub, log } = await stage(context, (_, response) => void response.writeHead(204).end());
  await assert.rejects(hub.accessTokens.delete({ uuid: "a" }), (error) =>
    isError(error, "CONFIRMATION_REQUIRED"),
  );
  await assert.rejects(hub.accessTokens.update({ uuid: "a", is_active: false }), (error) =>
    isError(error, "CONFIRMATION_REQUIRED"),
  );
  assert.equal(log.length, 0);
  await hub.accessTokens.delete({ uuid: "a b" }, { confirm: true });
  assert.equal(log.at(-1)?.url, "/v2/access-tokens/a%20b");
});

test("a wrong input is told field by field, and nothing is sent", async (context) => {
  const { hub, log } = await stage(context, pages(1, absolute));
  await assert.rejects(
    // @ts-expect-error: fields that are missing or unknown do not compile either.
    hub.accessTokens.create({ token_label: "", scope: [] }),
    /accessTokens\.create: token_label: .*; scopes: .*; .*"scope"/,
  );
  assert.deepEqual(log, []);
});

test("an answer comes with its status, headers and rate limit", async (context) => {
  const reset = 1_900_000_000;
  const { hub } = await stage(context, (_, response) =>
    json(response, 200, token(1), {
      "x-ratelimit-limit": "180",
      "x-ratelimit-remaining": "179",
      "x-ratelimit-reset": String(reset),
    }),
  );
  assert.equal(hub.rateLimit, undefined);
  const { data, status, rateLimit } = await hub.accessTokens.get({ uuid: "a" }).withResponse();
  assert.equal(data.uuid, "id-1");
  assert.equal(status, 200);
  assert.deepEqual(rateLimit, { limit: 180, remaining: 179, reset: reset * 1000 });
  assert.deepEqual(hub.rateLimit, rateLimit);
});

test("a second factor is asked for when it is wanted", async (context) => {
  const answer: Answer = (seen, response) => {
    if (seen.url === "/v2/users/login")
      return json(response, 401, { detail: "second factor", login_2fa_token: "half" });
    if (seen.url === "/v2/users/2fa-login") {
      assert.deepEqual(seen.body, { login_2fa_token: "half", code: "123456" });
      return json(response, 200, { token: jwt("me") });
    }
    json(response, 200, token(1));
  };
  const login = { kind: "login", username: "me", password: "pw" } as const;
  const credentials = { ...login, code: () => "123456" };
  const { hub } = await stage(context, answer, { credentials });
  assert.equal((await hub.accessTokens.get({ uuid: "a" })).uuid, "id-1");
  assert.equal(await hub.whoami(), "me");
  const { hub: without } = await stage(context, answer, { credentials: login });
  await assert.rejects(without.accessTokens.list(), /me signs in with a second factor/);
});
