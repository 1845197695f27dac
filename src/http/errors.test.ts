import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { type Reply, startScriptedServer } from "../../test/scripted-server.ts";
import type { ErrorCode } from "../errors.ts";
import { createHttpClient } from "./client.ts";
import { responseError } from "./errors.ts";
import type { HttpRequest } from "./http.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** The error that an answer becomes; `HOST` in its message stands for the server. */
async function errorOf(reply: Reply, more: Partial<HttpRequest> = {}, code404?: ErrorCode) {
  const method = more.method ?? "GET";
  const server = await startScriptedServer([{ request: { method, path: "/v2/x" }, answer: reply }]);
  const http = createHttpClient({ environment: {}, retries: 0 });
  closing.push(
    () => server.close(),
    () => http.close(),
  );
  const answer = await http.request({
    method,
    url: new URL("/v2/x?token=abc", server.url),
    ...more,
  });
  const error = await responseError(answer, code404 ? { code404 } : {});
  return { error, message: error.message.replaceAll(server.host, "HOST") };
}

const envelope = (...errors: unknown[]) => ({ errors });

test("who has no pulls left learns where to see them", async () => {
  const message = "You have reached your unauthenticated pull rate limit.";
  const body = envelope({ code: "TOOMANYREQUESTS", message });
  const { error } = await errorOf({ status: 429, body });
  assert.equal(error.code, "RATE_LIMITED");
  assert.match(error.hint, /wharf rate-limit/);
});

test("a tag that is immutable is no matter of rights: another one can be pushed", async () => {
  const body = envelope({ code: "DENIED", message: "the tag v1 is immutable" });
  const { error } = await errorOf({ status: 403, body });
  assert.equal(error.code, "FORBIDDEN");
  assert.match(error.hint, /another one/);
});

test("the registry's code and words become one line, and fields for programs", async () => {
  const body = envelope({
    code: "NAME_UNKNOWN",
    message: "repository name not known",
    detail: { name: "x" },
  });
  const { error, message } = await errorOf({ status: 404, body });
  assert.equal(
    message,
    "GET http://HOST/v2/x?token=***: NAME_UNKNOWN: repository name not known (404)",
  );
  assert.equal(error.code, "REPOSITORY_NOT_FOUND");
  assert.equal(error.details.status, 404);
  assert.deepEqual(error.details.registryErrors, [
    { code: "NAME_UNKNOWN", message: "repository name not known", detail: { name: "x" } },
  ]);
});

test("status and registry's code decide what it is called", async () => {
  const cases: [
    status: number,
    registryCode: string | undefined,
    expected: ErrorCode,
    method?: "PATCH" | "HEAD",
  ][] = [
    [401, "DENIED", "UNAUTHORIZED"],
    [403, "DENIED", "FORBIDDEN"],
    [403, "UNAUTHORIZED", "FORBIDDEN"],
    [404, undefined, "TAG" as ErrorCode],
    [404, "MANIFEST_UNKNOWN", "MANIFEST_NOT_FOUND"],
    [404, "BLOB_UNKNOWN", "BLOB_NOT_FOUND"],
    [404, "BLOB_UPLOAD_UNKNOWN", "UPLOAD_UNKNOWN"],
    [400, "BLOB_UPLOAD_INVALID", "UPLOAD_INVALID"],
    [400, "DIGEST_INVALID", "REGISTRY_ERROR"],
    [400, "UNSUPPORTED", "UNSUPPORTED"],
    [405, undefined, "UNSUPPORTED"],
    [413, undefined, "REGISTRY_ERROR"],
    [416, undefined, "REGISTRY_ERROR"],
    [416, undefined, "UPLOAD_INVALID", "PATCH"],
    [429, undefined, "RATE_LIMITED"],
    [400, "TOOMANYREQUESTS", "RATE_LIMITED"],
    [500, undefined, "SERVER_ERROR"],
    [501, undefined, "UNSUPPORTED"],
    [503, "UNAVAILABLE", "SERVER_ERROR"],
    [307, undefined, "RESPONSE_INVALID"],
    [404, undefined, "TAG" as ErrorCode, "HEAD"],
  ];
  for (const [status, code, expected, method = "GET"] of cases) {
    const body = code && envelope({ code });
    const { error } = await errorOf({ status, body }, { method }, "TAG" as ErrorCode);
    assert.equal(error.code, expected, `${status} ${code}`);
  }
});

test("all that a registry says is kept", async () => {
  const { error, message } = await errorOf({
    status: 400,
    body: envelope({ code: "MANIFEST_INVALID", message: "a" }, { code: "TAG_INVALID" }, "odd", 5),
  });
  assert.equal(
    message,
    "GET http://HOST/v2/x?token=***: MANIFEST_INVALID: a; TAG_INVALID; odd (400)",
  );
  assert.equal(error.details.registryErrors?.length, 3);
});

test("token services, Docker Hub and others have words of their own", async () => {
  const cases: [unknown, string][] = [
    [{ details: "incorrect username or password" }, "incorrect username or password"],
    [{ detail: "Object not found", message: "object not found" }, "object not found"],
    [
      { error: "invalid_grant", error_description: "token expired" },
      "invalid_grant: token expired",
    ],
    [{ error: { code: 7, message: "quota" } }, "7: quota"],
    [{ code: "E1", reason: "why" }, "E1: why"],
    ["plain words\n", "plain words"],
    ["", "forbidden"],
    [[], "[]"],
    ['{"errors":null}', '{"errors":null}'],
    ['{"errors":[]}', '{"errors":[]}'],
  ];
  for (const [body, words] of cases) {
    const { message } = await errorOf({ status: 403, body });
    assert.equal(message, `GET http://HOST/v2/x?token=***: ${words} (403)`);
  }
});

test("a page is summed up by its title", async () => {
  const page =
    "<!doctype html><html><head><title>\n Sign in to \x1b[31mCorp\n</title><body>much</body>";
  assert.equal(
    (await errorOf({ status: 502, body: page })).message,
    'GET http://HOST/v2/x?token=***: HTML page "Sign in to [31mCorp" (502)',
  );
  const headers = { "content-type": "text/html" };
  assert.match(
    (await errorOf({ status: 502, body: "x", headers })).message,
    /: HTML page \(502\)$/,
  );
});

test("nothing that a host says controls a terminal or fills it", async () => {
  const evil = `\x1b]0;owned\x07\r\n\u202e${"long ".repeat(20_000)}`;
  const texts = [
    evil,
    JSON.stringify(envelope({ code: evil, message: evil })),
    `<html><title>${evil}`,
  ];
  for (const body of texts) {
    const { message, error } = await errorOf({ status: 400, body });
    assert(message.length < 2200, String(message.length));
    // oxlint-disable-next-line no-control-regex -- their absence is the point
    assert.doesNotMatch(message, /[\u0000-\u001f\u007f-\u009f\u202e]/);
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(error.details.registryErrors?.[0]?.code ?? "", /[\u0000-\u001f]/);
  }
});

test("at most 64 KiB are read", async () => {
  const message = "x".repeat(100_000);
  const { error } = await errorOf({ status: 400, body: envelope({ code: "BIG", message }) });
  assert.equal(error.details.registryErrors, undefined);
  const endless = await errorOf({
    status: 400,
    body: "x".repeat(200_000),
    fault: "stall",
    faultAt: 150_000,
  });
  assert.equal(endless.error.code, "REGISTRY_ERROR");
});

test("a limit says how long it lasts", async () => {
  const { error, message } = await errorOf({ status: 429, headers: { "retry-after": "90" } });
  assert.equal(
    message,
    "GET http://HOST/v2/x?token=***: too many requests (429, try again in 90 s)",
  );
  assert.equal(error.details.retryAfter, 90_000);
});

test("credentials that a host echoes are not repeated", async () => {
  const basic = Buffer.from("me:correct horse").toString("base64");
  const form = Buffer.from("grant_type=refresh_token&refresh_token=refresh%2Bsecret");
  const cases: [Partial<HttpRequest>, string][] = [
    [{ headers: { authorization: "Bearer tok-en-secret" } }, "tok-en-secret"],
    [{ headers: { authorization: `Basic ${basic}` } }, `${basic} me:correct horse correct horse`],
    [{ headers: { "x-api": "mine-secret" }, secretHeaders: ["x-api"] }, "mine-secret"],
    [
      {
        method: "POST",
        body: form,
        headers: { "content-type": "application/x-www-form-urlencoded" },
      },
      "refresh+secret",
    ],
  ];
  for (const [request, secret] of cases) {
    const body = envelope({ code: "ODD", message: `you sent ${secret}`, detail: secret });
    const { error } = await errorOf({ status: 400, body }, request);
    for (const word of secret.split(" ")) assert(!JSON.stringify(error).includes(word), word);
    assert.match(error.message, /you sent \*\*\*/);
  }
});

test("nor is a signature that storage quotes, wherever a redirect has led", async () => {
  const said = "you gave sign/ed-secret, spelled sign%2Fed-secret";
  const server = await startScriptedServer([
    {
      request: { method: "GET", path: "/v2/x" },
      answer: { status: 307, headers: { location: "/stored?X-Amz-Signature=sign%2Fed-secret" } },
    },
    {
      request: { method: "GET", path: "/stored" },
      answer: { status: 403, body: envelope({ code: "ODD", message: said }) },
    },
  ]);
  const http = createHttpClient({ environment: {}, retries: 0 });
  closing.push(
    () => server.close(),
    () => http.close(),
  );
  const answer = await http.request({ method: "GET", url: new URL("/v2/x", server.url) });
  assert.match((await responseError(answer)).message, /you gave \*\*\*, spelled \*\*\*/);
});
