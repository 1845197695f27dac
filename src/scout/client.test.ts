import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";

import { isError } from "../errors.ts";
import { type Answer, collect, json, stage } from "../hub/testing/stage.ts";
import { createScout, type ScoutOptions } from "./client.ts";

const digest = `sha256:${"ab".repeat(32)}`;

/** A Docker Scout that answers as told, beside a Docker Hub that signs in. */
async function scoutStage(context: TestContext, answer: Answer, options: ScoutOptions = {}) {
  const { log, url } = await stage(context, answer);
  const scout = createScout({
    url,
    scoutUrl: url,
    credentials: { kind: "secret", identifier: "me", secret: "the secret" },
    environment: {},
    ...options,
  });
  context.after(() => scout.close());
  return { scout, log, url, asked: () => log.filter(({ url: path }) => path === "/v1/graphql") };
}

const refusal =
  (message: string, extensions: object, data: unknown = null): Answer =>
  (_, response) =>
    json(response, 200, { data, errors: [{ message, path: ["user"], extensions }] });

test("one session serves every query, as for Docker Hub", async (t) => {
  const { scout, log } = await scoutStage(t, (_, response) =>
    json(response, 200, { data: { serviceStatus: { maintenance: null } } }),
  );
  await Promise.all([scout.serviceStatus(), scout.serviceStatus({})]);
  assert.deepEqual(log.map(({ url }) => url).toSorted(), [
    "/v1/graphql",
    "/v1/graphql",
    "/v2/auth/token",
  ]);
  const { data, status, rateLimit } = await scout.serviceStatus().withResponse();
  assert.deepEqual([data, status, rateLimit], [{ maintenance: null }, 200, undefined]);
});

test("a token that was refused is renewed once", async (t) => {
  const { scout, log } = await scoutStage(t, ({ authorization }, response) => {
    const first = log.find(({ url }) => url === "/v1/graphql")?.authorization;
    if (authorization === first) json(response, 401, { message: "expired" });
    else json(response, 200, { data: { serviceStatus: { maintenance: null } } });
  });
  assert.deepEqual(await scout.serviceStatus(), { maintenance: null });
});

for (const [extensions, code] of [
  [{ status: 402 }, "PLAN_INSUFFICIENT"],
  [{ status: 403 }, "FORBIDDEN"],
  [{ status: "403" }, "FORBIDDEN"],
  [{ code: "FORBIDDEN" }, "FORBIDDEN"],
  [{ code: "UNAUTHENTICATED" }, "UNAUTHORIZED"],
  [{ code: "DOWNSTREAM_SERVICE_ERROR" }, "SERVER_ERROR"],
  [{ code: "GRAPHQL_VALIDATION_FAILED" }, "REQUEST_INVALID"],
  [{ code: "constructor" }, "REQUEST_INVALID"],
] as const)
  test(`an error with ${JSON.stringify(extensions)} is ${code}`, async (t) => {
    const { scout } = await scoutStage(t, refusal("It \u001b[31mcannot be", extensions));
    await assert.rejects(
      scout.organizationStatus({ organization: "acme" }),
      (error) =>
        isError(error, code) &&
        /^Docker Scout: user: It .?\[31mcannot be \(\d+\)$/.test(error.message) &&
        error.details.partial === undefined,
    );
  });

test("data that came along with errors is not lost, and is not taken for the whole", async (t) => {
  const data = { one: { digest }, two: null };
  const { scout } = await scoutStage(t, refusal("two failed", {}, data));
  await assert.rejects(scout.query("query { one { digest } two { digest } }"), (error) => {
    assert(isError(error, "REQUEST_INVALID"));
    assert.match(error.message, /part of the data came along$/);
    assert.deepEqual(error.details.partial, data);
    return true;
  });
});

test("the gravest of several errors says what to do", async (t) => {
  const { scout } = await scoutStage(t, (_, response) =>
    json(response, 200, {
      errors: [{ message: "a" }, { message: "b", extensions: { status: 402 } }, {}, {}],
    }),
  );
  await assert.rejects(
    scout.serviceStatus(),
    (error) =>
      isError(error, "PLAN_INSUFFICIENT") && /b; a; no explanation, and 1 more/.test(error.message),
  );
});

test("errors that come with status 400 are told in their words", async (t) => {
  const { scout } = await scoutStage(t, (_, response) =>
    json(response, 400, { errors: [{ message: 'Cannot query field "x"' }] }),
  );
  await assert.rejects(
    scout.query("{ x }"),
    (error) => isError(error, "REQUEST_INVALID") && /Cannot query field "x"/.test(error.message),
  );
});

test("what Docker Scout does not know is not found", async (t) => {
  const { scout } = await scoutStage(t, (_, response) =>
    json(response, 200, { data: { imagePackagesByDigest: null } }),
  );
  await assert.rejects(
    scout.imageCves({ digest, organization: "acme" }),
    (error) => isError(error, "NOT_FOUND") && error.message.includes(digest),
  );
});

test("an answer that is not what the operation says is refused, unless nobody wants it checked", async (t) => {
  const odd: Answer = (_, response) =>
    json(response, 200, { data: { serviceStatus: { maintenance: "yes" } } });
  const { scout } = await scoutStage(t, odd);
  await assert.rejects(scout.serviceStatus(), (error) => isError(error, "RESPONSE_INVALID"));
  const lenient = await scoutStage(t, odd, { check: false });
  assert.deepEqual(await lenient.scout.serviceStatus(), { maintenance: "yes" });
});

test("an answer without data and errors is no answer", async (t) => {
  const { scout } = await scoutStage(t, (_, response) => json(response, 200, {}));
  await assert.rejects(scout.serviceStatus(), (error) => isError(error, "RESPONSE_INVALID"));
});

test("input is checked before anything is sent", async (t) => {
  const { scout, log } = await scoutStage(t, (_, response) => json(response, 500, {}));
  await assert.rejects(
    scout.imageCves({ digest: "latest" }),
    (error) => isError(error, "INPUT_INVALID") && /^scout.imageCves: digest: /.test(error.message),
  );
  assert.deepEqual(log, []);
});

test("a list is iterated to its end, page after page", async (t) => {
  const { scout, asked } = await scoutStage(t, ({ body }, response) => {
    const { query } = (body as { variables: { query: { paging: { page?: number } } } }).variables;
    const { page = 1 } = query.paging;
    const items = page < 3 ? Array.from({ length: 20 }, (_, i) => ({ name: `${page}-${i}` })) : [];
    if (page === 3) items.push({ name: "last" });
    json(response, 200, { data: { streams: { paging: { totalCount: 41 }, items } } });
  });
  const names = await collect(scout.streams({ organization: "acme" }));
  assert.equal(names.length, 41);
  assert.equal(names.at(-1)?.name, "last");
  assert.equal(asked().length, 3);
  const few = await collect(scout.streams({ organization: "acme" }, { limit: 5 }));
  assert.equal(few.length, 5);
  assert.equal(asked().length, 4);
});

test("a query of one's own carries variables and the name of its operation", async (t) => {
  const { scout, asked } = await scoutStage(t, (_, response) =>
    json(response, 200, { data: { user: { username: "me" } } }),
  );
  const document = "query one { user { username } } query two { user { email } }";
  const result = await scout.query<{ user: { username: string } }>(
    document,
    { a: 1 },
    { operationName: "one" },
  );
  assert.equal(result.user.username, "me");
  assert.deepEqual(asked()[0]?.body, {
    query: document,
    variables: { a: 1 },
    operationName: "one",
  });
});

test("a mutation is not sent unless somebody said so, and is not repeated by itself", async (t) => {
  const { scout, asked, log } = await scoutStage(t, (_, response) => json(response, 503, {}), {
    retries: 2,
  });
  const document = "mutation { dismissAllNotifications }";
  await assert.rejects(scout.query(document), (error) => isError(error, "CONFIRMATION_REQUIRED"));
  assert.deepEqual(log, []);
  await assert.rejects(scout.query(document, {}, { confirm: true }), (error) =>
    isError(error, "SERVER_ERROR"),
  );
  assert.equal(asked().length, 1);
});

test("credentials for one Docker Hub are not sent to another one's Docker Scout", async (t) => {
  const { scout, log } = await scoutStage(t, (_, response) => json(response, 200, {}), {
    scoutUrl: "https://api.scout.docker.com",
  });
  await assert.rejects(scout.serviceStatus(), (error) => isError(error, "CREDENTIALS_NOT_SENT"));
  assert.deepEqual(
    log.map(({ url }) => url),
    ["/v2/auth/token"],
  );
});

test("public images are asked for without signing in", async (t) => {
  const { scout, log } = await scoutStage(
    t,
    (_, response) =>
      json(response, 200, { data: { dhiRepositories: { items: [], categories: [] } } }),
    { credentials: { kind: "anonymous" } },
  );
  assert.deepEqual(await scout.hardenedRepositories(), { items: [], categories: [] });
  assert.deepEqual(
    log.map(({ authorization }) => authorization),
    [undefined],
  );
  await assert.rejects(scout.organizationStatus({ organization: "acme" }), (error) =>
    isError(error, "UNAUTHORIZED"),
  );
});
