/** In what Docker Hub's answers are not all alike: envelopes, ends of lists, kinds of numbers, capital letters, slashes. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { digestOf } from "../../src/reference/digest.ts";
import { registryFor } from "./registry-calls.ts";
import { refused, stage } from "./stage.ts";

/** Fields of each list's envelope, and how many it has where nobody says. */
const lists: Readonly<Record<string, string>> = {
  "/v2/namespaces/pier/repositories": "count,next,previous,results",
  "/v2/repositories/pier/": "count,next,previous,results",
  "/v2/namespaces/pier/repositories/gateway/tags": "count,next,previous,results",
  "/v2/access-tokens": "active_count,count,next,previous,results",
  "/v2/orgs/pier/access-tokens": "next,previous,results,total",
  "/v2/orgs/pier/members": "count,next,previous,results",
  "/v2/orgs/pier/invites": "data",
  "/v2/auditlogs/pier": "logs",
  "/api/search/v4?query=gateway": "results,total",
  "/api/build/v1/source/?image=pier/gateway": "meta,objects",
};

test("each list has the envelope of its service", async (context) => {
  const { as, ask } = await stage(context);
  const token = await as("erin").token();
  for (const [path, fields] of Object.entries(lists)) {
    const { status, body } = await ask("GET", path, { token });
    assert.equal(status, 200, path);
    assert.equal(Object.keys(body).toSorted().join(), fields, path);
  }
  const { body } = await ask("GET", "/v2/users/pier/repositories/", { token });
  assert.deepEqual(Object.keys(body[0]).toSorted(), ["name", "namespace"]);
});

test("a page has ten where nobody says, events have twenty-five, and a hundred at most", async (context) => {
  const { as, ask } = await stage(context);
  const erin = as("erin");
  const token = await erin.token();
  for (let number = 100; number < 110; number += 1)
    await erin.groups.create({ org_name: "pier", name: `team-${number}` });
  const tags = "/v2/namespaces/pier/repositories/gateway/tags";
  const rows = async (path: string) => {
    const { body } = await ask("GET", path, { token });
    return (body.results ?? body.logs).length as number;
  };
  assert.equal(await rows(tags), 10);
  assert.equal(await rows("/v2/auditlogs/pier"), 25);
  assert((await rows("/v2/auditlogs/pier?page_size=5000")) <= 100);
  const last = await ask("GET", `${tags}?page=2&page_size=50`, { token });
  assert.equal(last.body.next, null);
  assert.match(last.body.previous, /^http:\/\/127\.0\.0\.1:\d+\/hub\/v2\/.*page=1/);
  assert.equal((await ask("GET", `${tags}?page=3&page_size=50`, { token })).status, 404);
  // Of sixty, where a page ends with the list.
  const half = (page: number) => ask("GET", `${tags}?page=${page}&page_size=30`, { token });
  assert.match((await half(1)).body.next, /page=2&page_size=30$/);
  assert.deepEqual([(await half(2)).body.next, (await half(3)).status], [null, 404]);
  assert.equal((await ask("GET", "/v2/auditlogs/pier?page=999", { token })).body.logs.length, 0);
});

test("pulls are a text in searches and a number elsewhere, roles have a capital letter", async (context) => {
  const { as, ask } = await stage(context);
  const erin = as("erin");
  const token = await erin.token();
  const { body } = await ask("GET", "/api/search/v4?query=gateway", {});
  assert.equal(typeof body.results[0].pull_count, "string");
  const shown = await erin.repositories.get({ namespace: "pier", repository: "gateway" });
  assert.equal(String(shown.pull_count), body.results[0].pull_count);
  const members = await ask("GET", "/v2/orgs/pier/members?role=owner", { token });
  assert.equal(members.body.results[0].role, "Owner");
  const { results } = await erin.orgMembers.list({ org_name: "pier", role: "member" });
  assert.deepEqual([...new Set(results.map(({ role }) => role))], ["Member"]);
});

test("names are taken in capital letters, tokens as JWT, and a slash more is no other route", async (context) => {
  const { as, ask, sandbox } = await stage(context);
  const token = await as("erin").token();
  assert.equal((await ask("GET", "/v2/namespaces/PIER/repositories/gateway")).status, 200);
  const older = await fetch(`${sandbox.hubUrl}/v2/user/`, {
    headers: { authorization: `JWT ${token}` },
  });
  assert.equal(((await older.json()) as { username: string }).username, "erin");
  const put = await ask("PUT", "/v2/orgs/pier/members/frank/", { token, body: { role: "member" } });
  assert.equal(put.status, 200);
  for (const path of ["/v2/user/orgs", "/v2/user/orgs/", "/v2/orgs/pier", "/v2/orgs/pier/"])
    assert.equal((await ask("GET", path, { token })).status, 200, path);
});

test("older addresses of repositories tell what they always told besides", async (context) => {
  const { as, ask } = await stage(context);
  const older = async (who: string | undefined, path: string) => {
    const { body } = await ask("GET", path, { token: who && (await as(who).token()) });
    const { user, can_edit, is_migrated } = body.results?.[0] ?? body;
    return [user, can_edit, is_migrated];
  };
  for (const path of ["/v2/repositories/harbour/?name=api", "/v2/repositories/harbour/api/"]) {
    assert.deepEqual(await older("alice", path), ["harbour", true, false]);
    assert.deepEqual(await older("bob", path), ["harbour", false, false]);
    assert.deepEqual(await older(undefined, path), ["harbour", false, false]);
  }
  const { body } = await ask("GET", "/v2/namespaces/harbour/repositories?name=api");
  assert(!("can_edit" in body.results[0]));
});

test("a list of repositories may be only of those with some kind of manifest or content", async (context) => {
  const at = await stage(context);
  const { repositories, tags } = at.as("alice");
  const names = async (filter: { media_types?: string[]; content_types?: string[] }) =>
    (await repositories.list({ namespace: "alice", ...filter })).results.map(({ name }) => name);
  await repositories.create({ namespace: "alice", name: "empty" });
  const image = "application/vnd.oci.image.manifest.v1+json";
  const plugin = "application/vnd.docker.plugin.v1+json";
  assert.deepEqual((await names({ media_types: [plugin, image] })).toSorted(), ["notes", "site"]);
  assert.deepEqual(await names({ media_types: [plugin] }), []);
  assert.deepEqual(await names({ media_types: [image], content_types: ["helm"] }), []);
  assert.equal((await names({ media_types: [image], content_types: ["image"] })).length, 2);

  const call = await registryFor(at, "alice", "alice/charts");
  const config = { digest: digestOf(Buffer.from("{}")), size: 2 };
  await call("POST", `blobs/uploads/?digest=${config.digest}`, "{}", "application/octet-stream");
  for (const [type, kind] of [
    ["application/vnd.cncf.helm.config.v1+json", "helm"],
    ["application/vnd.docker.compose.project", "compose"],
    ["application/vnd.wasm.config.v0+json", "wasm"],
    [plugin, "plugin"],
    ["application/vnd.example.thing", "unrecognized"],
  ] as const) {
    const document = {
      schemaVersion: 2,
      mediaType: image,
      config: { mediaType: type, ...config },
      layers: [],
    };
    const put = await call("PUT", `manifests/${kind}`, JSON.stringify(document), image);
    assert.equal(put.status, 201, kind);
    const one = { namespace: "alice", repository: "charts", tag: kind };
    assert.equal((await tags.get(one)).content_type, kind);
    assert.deepEqual(await names({ content_types: [kind] }), ["charts"]);
  }
});

test("a moment that a token ends at comes back as it was sent, to the microsecond", async (context) => {
  const { as } = await stage(context);
  const { accessTokens, orgAccessTokens } = as("alice");
  for (const [sent, back] of [
    ["2026-05-01T13:00:00.123456Z", "2026-05-01T13:00:00.123456Z"],
    ["2026-05-01T15:00:00.0000019+02:00", "2026-05-01T13:00:00.000001Z"],
    ["2026-05-01T13:00:00Z", "2026-05-01T13:00:00.000000Z"],
  ]) {
    const made = await accessTokens.create({
      token_label: "x",
      scopes: ["repo:read"],
      expires_at: sent,
    });
    assert.equal((await accessTokens.get({ uuid: made.uuid! })).expires_at, back);
    const one = await orgAccessTokens.create({
      org_name: "harbour",
      label: "x",
      resources: [{ type: "TYPE_REPO", path: "harbour/api", scopes: ["scope-image-pull"] }],
      expires_at: sent,
    });
    const shown = await orgAccessTokens.get({ org_name: "harbour", access_token_id: one.id });
    assert.equal(shown.expires_at, back);
  }
});

test("what a query leaves empty is not asked for", async (context) => {
  const { as, ask } = await stage(context);
  const token = await as("alice").token();
  for (const [path, empty] of [
    ["/v2/namespaces/harbour/repositories/api/tags", "architecture=&os="],
    ["/v2/namespaces/harbour/repositories", "name=&media_types=&content_types="],
    ["/v2/auditlogs/harbour", "action=&name=&actor=&from=&to="],
    ["/api/search/v4", "query=&type=&badges="],
  ]) {
    const { status, body } = await ask("GET", `${path}?${empty}`, { token });
    assert.equal(status, 200, path);
    const { body: all } = await ask("GET", path!, { token });
    assert((all.results ?? all.logs).length > 0);
    assert.deepEqual(body, all, path);
  }
});

test("the older login wants to be told how long its body is", async (context) => {
  const { sandbox } = await stage(context);
  const post = async (path: string, secret: object) => {
    const { status } = await fetch(sandbox.hubUrl + path, {
      method: "POST",
      duplex: "half",
      body: new Blob([JSON.stringify(secret)]).stream(),
    });
    return status;
  };
  const password = "alice-password";
  assert.equal(await post("/v2/users/login", { username: "alice", password }), 411);
  assert.equal(await post("/v2/auth/token", { identifier: "alice", secret: password }), 200);
});

test("what has a route of its own is not done by another one, whatever the body says besides", async (context) => {
  const { as, ask } = await stage(context);
  const alice = as("alice");
  const token = await alice.token();
  const send = async (method: string, path: string, body: object) => {
    const answer = await ask(method, path, { token, body });
    assert(answer.status < 300, `${method} ${path}: ${answer.status}`);
    return answer.body;
  };
  const box = { namespace: "alice", repository: "box" };
  const rules = { immutable_tags: true, immutable_tags_rules: [".*"] };
  await send("POST", "/v2/namespaces/alice/repositories", { name: "box", ...rules });
  assert.equal((await alice.repositories.get(box)).immutable_tags_settings?.enabled, false);
  for (const path of ["/v2/repositories/alice/box/", "/v2/namespaces/alice/repositories/box"])
    await send("PATCH", path, { description: "a box", is_private: true });
  assert.equal((await alice.repositories.get(box)).is_private, false);

  const { uuid } = await alice.accessTokens.create({ token_label: "x", scopes: ["repo:read"] });
  const more = { scopes: ["repo:admin"], expires_at: "2030-01-01T00:00:00Z" };
  await send("PATCH", `/v2/access-tokens/${uuid}`, { token_label: "y", ...more });
  const shown = await alice.accessTokens.get({ uuid: uuid! });
  assert.deepEqual([shown.token_label, shown.scopes, shown.expires_at], ["y", ["repo:read"], null]);

  // As Docker's provider for Terraform sends it.
  const teams = "/v2/repositories/harbour/api/groups/2/";
  await send("PATCH", teams, { group_id: 0, group_name: "", permission: "admin" });
  const { permission } = await alice.repositoryGroups.get({
    namespace: "harbour",
    repository: "api",
    group_id: 2,
  });
  assert.equal(permission, "admin");
});

test("a repository without images can be switched off, and not on again", async (context) => {
  const { repositories, search } = (await stage(context)).as("alice");
  const [box, site] = ["box", "site"].map((repository) => ({ namespace: "alice", repository }));
  await repositories.create({ namespace: "alice", name: "box" });
  for (const one of [box!, site!]) await repositories.update({ ...one, status: 0 });
  await refused(repositories.update({ ...box!, status: 1 }), "REQUEST_INVALID", /without images/);
  await repositories.update({ ...site!, status: 1 });
  assert.deepEqual(
    [(await repositories.get(box!)).status, (await repositories.get(site!)).status],
    [0, 1],
  );
  const found = async () => (await search.query({ query: "alice/site" })).total;
  assert.equal(await found(), 1);
  await repositories.update({ ...site!, status: 0 });
  const shown = await repositories.get(site!);
  assert.deepEqual([shown.status_description, shown.affiliation], ["inactive", "owner"]);
  assert.equal(await found(), 0, "what is switched off is not found");
});

test("members come in pages of twenty-five; who is invited has no role yet that could be changed", async (context) => {
  const { as } = await stage(context);
  const { orgMembers, invites } = as("alice");
  const { scim } = as(undefined);
  const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
  for (let number = 10; number < 40; number += 1)
    await scim.createUser({ schemas, userName: `sailor${number}@example.com` });
  const { count, results } = await orgMembers.list({ org_name: "harbour" });
  assert.deepEqual([count, results.length], [32, 25]);
  await invites.create({ org: "harbour", invitees: ["dave"], role: "member" });
  const dave = { org_name: "harbour", username: "dave" };
  await refused(orgMembers.update({ ...dave, role: "editor" }), "NOT_FOUND");
  await refused(orgMembers.delete(dave), "NOT_FOUND");
  assert.equal((await invites.list({ org_name: "harbour" })).data[0]?.role, "member");
});
