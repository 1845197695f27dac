/** Scout as others reach it: GraphQL and REST over HTTP, within bounds. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import { buildClientSchema, getIntrospectionQuery, type IntrospectionQuery } from "graphql";

import { refused } from "../stage.ts";
import { type Json, pier, scoutStage } from "./stage.ts";

const json = { "content-type": "application/json" };

test("a schema is told to whoever asks, such as GraphiQL", async (context) => {
  const at = await scoutStage(context);
  const body = JSON.stringify({ query: getIntrospectionQuery() });
  const { status, body: answer } = await at.send("/v1/graphql", {
    method: "POST",
    headers: json,
    body,
  });
  assert.equal(status, 200);
  const schema = buildClientSchema((answer as { data: IntrospectionQuery }).data);
  assert(schema.getQueryType()?.getFields()["imagePackagesByDigest"]);
});

test("what is no request for GraphQL is refused in words", async (context) => {
  const at = await scoutStage(context);
  const post = (body: string, headers: Record<string, string> = json) =>
    at.send("/v1/graphql", { method: "POST", headers, body });
  const cases: readonly (readonly [
    call: Promise<{ status: number; body: Json }>,
    status: number,
    words: RegExp,
  ])[] = [
    [at.send("/v1/graphql?query={serviceStatus{maintenance{title}}}"), 405, /POST/],
    [post("{}", { "content-type": "text/plain" }), 415, /application\/json/],
    [post("{"), 400, /no object/],
    [post("[]"), 400, /no object/],
    [post('{"query":1}'), 400, /no object/],
    [post('{"query":"{ serviceStatus","variables":{}}'), 400, /Syntax Error/],
    [post('{"query":"{ nothing }"}'), 400, /Cannot query field "nothing"/],
    [post('{"query":"{ user { id } }","variables":[]}'), 400, /variables/],
    [post('{"query":"query a { user { id } } query b { user { id } }"}'), 400, /operationName/],
    [post(JSON.stringify({ query: "#".repeat(2 << 20) })), 413, /bytes/],
    [post('{"query":"{ user { id } }"}', { ...json, authorization: "Bearer x" }), 401, /session/],
  ];
  for (const [call, status, words] of cases) {
    const answer = await call;
    assert.equal(answer.status, status, String(words));
    assert.match(answer.body.errors[0].message, words);
    assert.equal(typeof answer.body.errors[0].extensions.code, "string");
  }
});

test("where variables are wrong nothing is executed, and there is no data, not even none", async (context) => {
  const at = await scoutStage(context);
  const query =
    "query ($digest: String!) { imageSummariesByDigest(context: {}, digests: [$digest]) { digest } }";
  for (const variables of [{}, { digest: 5 }, { digest: null }]) {
    const body = JSON.stringify({ query, variables });
    const answer = await at.send("/v1/graphql", { method: "POST", headers: json, body });
    assert.equal(answer.status, 200);
    assert.deepEqual(Object.keys(answer.body), ["errors"]);
    assert.equal(answer.body.errors[0].extensions.code, "BAD_USER_INPUT");
  }
});

test("a document that nests or repeats without end is refused before anything is computed", async (context) => {
  const at = await scoutStage(context);
  const nested = (levels: number) =>
    `{ __schema { types ${"{ fields { type ".repeat(levels)} { name } ${"} }".repeat(levels)} } }`;
  const many = (count: number) =>
    `{ ${Array.from({ length: count }, (_, at) => `a${at}: serviceStatus { maintenance { title } }`).join(" ")} }`;
  const doubling = [
    "{ ...f0 }",
    ...Array.from(
      { length: 20 },
      (_, at) => `fragment f${at} on Query { ...f${at + 1} ...f${at + 1} }`,
    ),
    "fragment f20 on Query { serviceStatus { maintenance { title } } }",
  ].join("\n");
  for (const [query, words] of [
    [nested(12), /nested|depth/i],
    [`{ a: serviceStatus(x: ${"[".repeat(15_000)}) }`, /nested too deeply/],
    [many(21), /at its top/],
    [doubling, /fields/],
    [`{ ${"user { id } ".repeat(20_000)} }`, /tokens/],
  ] as const) {
    const answer = await at.send("/v1/graphql", {
      method: "POST",
      headers: json,
      body: JSON.stringify({ query }),
    });
    assert.equal(answer.status, 400);
    assert.match(answer.body.errors[0].message, words);
  }
});

test("data and errors come together, each with its path", async (context) => {
  const at = await scoutStage(context);
  const { token } = await at
    .ask("POST", "/v2/auth/token", {
      body: { identifier: "erin", secret: "erin-password" },
    })
    .then(({ body }) => ({ token: body.access_token as string }));
  const query = `query ($mine: Context!, $others: Context!) {
    mine: streams(context: $mine) { items { name } }
    others: streams(context: $others) { items { name } }
  }`;
  const { body } = await at.send("/v1/graphql", {
    method: "POST",
    headers: { ...json, authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables: { mine: pier, others: { organization: "harbour" } } }),
  });
  assert.deepEqual(body.data, { mine: { items: [{ name: "latest-indexed" }] }, others: null });
  assert.deepEqual(body.errors[0].path, ["others"]);
  assert.deepEqual(body.errors[0].extensions, { code: "FORBIDDEN", status: 403 });
});

test("the exporter takes the access token of an owner, and gives Prometheus' text", async (context) => {
  const at = await scoutStage(context);
  const text = await at
    .scout("erin", "dckr_pat_sandbox-erin-monitoring")
    .getMetrics({ org: "pier" });
  assert.match(text, /^# TYPE scout_stream_vulnerabilities gauge$/m);
  assert.match(
    text,
    /^scout_stream_vulnerabilities\{streamName="latest-indexed",severity="medium"\} 1$/m,
  );
  assert.match(
    text,
    /^scout_policy_compliant_images\{id="supply-chain-attestations",displayName="Supply chain attestations",streamName="latest-indexed"\} 6$/m,
  );
  const tokens = await at.as("erin").accessTokens.list({});
  const used = tokens.results.filter(({ last_used }) => last_used !== null);
  assert.deepEqual(
    used.map(({ token_label, last_used }) => [token_label, Date.parse(last_used!)]),
    [["monitoring", at.clock.now]],
    "that it was used shows",
  );
  const asking = (who: string, secret: string) => at.scout(who, secret).getMetrics({ org: "pier" });
  await refused(asking("frank", "dckr_pat_sandbox-frank-pipeline"), "FORBIDDEN");
  await refused(asking("erin", "dckr_pat_sandbox-erin-old"), "UNAUTHORIZED");
  await refused(asking("erin", "erin-password"), "UNAUTHORIZED");
});

test("requests of REST find an image by its tag, and say where there is none", async (context) => {
  const at = await scoutStage(context);
  const scout = at.scout("erin");
  const image = { org: "pier", repo: "gateway" };
  const { digest } = await scout.getImageSummary({ ...image, reference: "v1.0.0" });
  const { cves, count } = await scout.listVulnerabilities({ ...image, reference: String(digest) });
  assert.equal(count, 4);
  assert.equal((cves as Json)[0].package, "pkg:generic/hello@1.0.0");
  const compared = await scout.compareImages({ ...image, base: "v1.0.0", target: "v1.6.0" });
  assert.deepEqual(compared["removed"], [
    "pkg:generic/hello@1.0.0",
    "pkg:generic/os-release@1.0.0",
  ]);
  const { bomFormat } = await scout.getSbom({ ...image, format: "cyclonedx" });
  assert.equal(bomFormat, "CycloneDX");
  await refused(scout.getSbom({ ...image, format: "word" }), "REQUEST_INVALID");
  await refused(scout.listVulnerabilities({ ...image, severity: "severe" }), "REQUEST_INVALID");
  await refused(scout.getImageSummary({ ...image, reference: "none" }), "NOT_FOUND");
  await refused(at.scout("dave").getImageSummary(image), "FORBIDDEN");
  for (const [path, status] of [
    ["/v1/orgs/pier/images/gateway/nothing", 404],
    ["/v1/orgs/pier/images/gateway/constructor", 404],
    ["/v1/orgs/%zz/policies", 401],
    ["/", 404],
  ] as const)
    assert.equal((await at.send(path)).status, status, path);
});

test("a sandbox that nobody asks for Scout loads no GraphQL", async () => {
  const script = `
    import { registerHooks } from "node:module";
    const loaded = [];
    registerHooks({ resolve(name, context, next) { if (name === "graphql") loaded.push(name); return next(name, context); } });
    const { startSandbox } = await import("${new URL("../../../src/entrance/sandbox.ts", import.meta.url)}");
    const sandbox = await startSandbox();
    const before = loaded.length;
    await (await fetch(sandbox.scoutUrl + "/v1/graphql")).text();
    await sandbox.close();
    console.log(before, loaded.length > 0);
  `;
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--no-warnings",
    "--input-type=module",
    "-e",
    script,
  ]);
  assert.equal(stdout.trim(), "0 true");
});
