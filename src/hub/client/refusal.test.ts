import assert from "node:assert/strict";
import { test } from "node:test";

import { isError, type ErrorCode } from "../../errors.ts";
import { json, stage } from "../testing/stage.ts";

interface Refusal {
  readonly status: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly code: ErrorCode;
  readonly says: RegExp;
}

/** Every shape of body that Docker Hub has answered with. */
const refusals: Readonly<Record<string, Refusal>> = {
  "detail and message": {
    status: 401,
    body: { detail: "not allowed", message: "unauthorized" },
    code: "UNAUTHORIZED",
    says: /: not allowed \(401\)$/,
  },
  "message alone": {
    status: 403,
    body: { errinfo: {}, message: "token issued from personal access token is not allowed" },
    code: "FORBIDDEN",
    says: /personal access token is not allowed/,
  },
  "complaints about fields": {
    status: 400,
    body: { fields: { token_label: ["too long", "too odd"] }, text: "invalid input" },
    code: "REQUEST_INVALID",
    says: /invalid input: token_label: too long, too odd \(400\)/,
  },
  "complaints about fields, the other way": {
    status: 400,
    body: {
      message: "httperror 400: request had 1 validation error",
      errinfo: { fielderrors: { name: "is taken" } },
    },
    code: "REQUEST_INVALID",
    says: /1 validation error: name: is taken/,
  },
  "an error that says error: false": {
    status: 429,
    headers: { "retry-after": "120" },
    body: { detail: "Rate limit exceeded", error: false },
    code: "RATE_LIMITED",
    says: /Rate limit exceeded \(429, try again in 120 s\)/,
  },
  "a status of gRPC": {
    status: 400,
    body: { code: 3, message: "bad account", details: [] },
    code: "REQUEST_INVALID",
    says: /bad account/,
  },
  "an identifier of the call": {
    status: 404,
    body: { txnid: "1", message: "object not found", errinfo: { api_call_name: "GetTag" } },
    code: "NOT_FOUND",
    says: /object not found/,
  },
  "an error that is a text": {
    status: 503,
    body: { error: "Our service is temporarily unavailable" },
    code: "SERVER_ERROR",
    says: /temporarily unavailable/,
  },
  "the wrong method": {
    status: 405,
    body: { message: "405: Method Not Allowed" },
    code: "UNSUPPORTED",
    says: /Method Not Allowed/,
  },
  "a conflict": { status: 409, body: { detail: "exists" }, code: "CONFLICT", says: /exists/ },
  SCIM: {
    status: 404,
    type: "application/scim+json",
    body: {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
      status: "404",
      detail: "no such user",
    },
    code: "NOT_FOUND",
    says: /no such user/,
  },
  "plain text": {
    status: 429,
    type: "text/plain",
    headers: { "retry-after": "61" },
    body: "\nToo Many Requests (HAP429).\n",
    code: "RATE_LIMITED",
    says: /Too Many Requests \(HAP429\)\./,
  },
  "a guard before it": {
    status: 403,
    type: "text/html; charset=UTF-8",
    body: "<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>",
    code: "SERVER_ERROR",
    says: /HTML page "Just a moment\.\.\." \(403\)/,
  },
  "the site's own page": {
    status: 404,
    type: "text/html",
    body: "<html><head><title>404 Route Not Found</title></head></html>",
    code: "NOT_FOUND",
    says: /HTML page "404 Route Not Found"/,
  },
  "a time-out's page with status 200": {
    status: 200,
    type: "text/html",
    body: "<html><head><title>504 Gateway Time-out</title></head></html>",
    code: "RESPONSE_INVALID",
    says: /HTML page "504 Gateway Time-out" in place of JSON \(200\)/,
  },
  nothing: { status: 400, body: "", code: "REQUEST_INVALID", says: /bad request \(400\)/ },
  "half of it": {
    status: 200,
    body: { uuid: 7 },
    code: "RESPONSE_INVALID",
    says: /the answer is not what it should be: uuid: .*; is_active: .*; token_label:/,
  },
};

for (const [name, { status, type, headers, body, code, says }] of Object.entries(refusals))
  test(`a refusal with ${name} is told in its own words`, async (context) => {
    const { hub } = await stage(
      context,
      (_, response) => {
        const text = typeof body === "string" ? body : JSON.stringify(body);
        response.writeHead(status, { "content-type": type ?? "application/json", ...headers });
        response.end(text);
      },
      { retries: 0 },
    );
    await assert.rejects(hub.accessTokens.get({ uuid: "a" }), (error) => {
      assert(isError(error, code), `${String(error)}`);
      assert.match(error.message, says);
      assert.match(error.message, /^GET http:\/\/127\.0\.0\.1:\d+\/v2\/access-tokens\/a: /);
      return true;
    });
  });

const forbidden: Readonly<Record<string, { readonly detail: string; readonly hint: RegExp }>> = {
  "an immutable tag is a matter of rules, not of rights": {
    detail: "tag v1.0 is immutable",
    hint: /hub immutable-tags update/,
  },
  "what wants a password says so to a token": {
    detail: "token issued from personal access token is not allowed",
    hint: /opened with the password/,
  },
  "what may not be done sends to who is signed in, and to the scopes of a token": {
    detail: "access to the resource is forbidden",
    hint: /hub whoami.*scopes/,
  },
};

for (const [name, { detail, hint }] of Object.entries(forbidden))
  test(name, async (context) => {
    const { hub } = await stage(context, (_, response) => json(response, 403, { detail }));
    const tag = { namespace: "acme", repository: "app", tag: "v1.0" };
    await assert.rejects(hub.tags.delete(tag, { confirm: true }), (error) => {
      assert(isError(error, "FORBIDDEN"));
      assert.match(error.hint, hint);
      return true;
    });
  });

test("what a server repeats of our secrets is not told", async (context) => {
  const { hub } = await stage(context, (seen, response) => {
    response.writeHead(400, { "content-type": "application/json" });
    const detail = `bad header ${seen.authorization}, by the secret`;
    response.end(JSON.stringify({ detail }));
  });
  await assert.rejects(hub.accessTokens.get({ uuid: "a" }), (error) => {
    assert(isError(error));
    assert(!error.message.includes("eyJ"), error.message);
    assert(!error.message.includes("the secret"), "what signed in is a secret of the session");
    return true;
  });
});

test("a retired operation says so, and what to use", async (context) => {
  const { hub } = await stage(context, (_, response) => {
    response.writeHead(404, { "content-type": "application/json" });
    response.end(JSON.stringify({ message: "object not found" }));
  });
  await assert.rejects(
    hub.images.list({ namespace: "acme", repository: "app" }),
    (error) =>
      isError(error, "RETIRED") &&
      /Docker retired it \(2023-12-11\); use tags\.list/.test(error.message),
  );
});

test("answers that do not fit are taken as they are, where nobody wants them checked", async (context) => {
  const { hub } = await stage(
    context,
    (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ uuid: 7 }));
    },
    { check: false },
  );
  assert.deepEqual(await hub.accessTokens.get({ uuid: "a" }), { uuid: 7 });
});

test("a login that wants a second factor gives what the next request needs, and tells it to nobody", async (context) => {
  const { hub } = await stage(context, (_, response) =>
    json(response, 401, { detail: "second factor", login_2fa_token: "half" }),
  );
  await assert.rejects(hub.auth.login({ username: "carol", password: "secret" }), (error) => {
    assert(isError(error, "UNAUTHORIZED"));
    assert.deepEqual(error.details.partial, { login_2fa_token: "half" });
    assert.match(error.hint, /second factor/);
    assert(!`${error.message} ${error.hint}`.includes("half"));
    return true;
  });
});
