/** An organization's directory (SCIM 2.0): who is sent by it becomes a member, who is switched off there leaves. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { createHub } from "../../src/entrance/hub.ts";
import { refused, stage } from "./stage.ts";

const org_name = "harbour";
const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];

async function directory(context: TestContext) {
  const at = await stage(context);
  const hub = createHub({
    url: at.sandbox.hubUrl,
    scimToken: "harbour-scim-token",
    credentials: { kind: "anonymous" },
    environment: {},
    allowDestructive: true,
    retries: 0,
  });
  context.after(() => hub.close());
  const ask = async (method: string, path: string, token?: string, body?: unknown) => {
    const response = await fetch(`${at.sandbox.hubUrl}/v2/scim/2.0/${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        "content-type": "application/scim+json",
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const type = response.headers.get("content-type");
    // oxlint-disable-next-line typescript/no-explicit-any -- tests look into it as they like
    return {
      status: response.status,
      headers: response.headers,
      type,
      body: (await response.json()) as any,
    };
  };
  return { ...at, scim: hub.scim, ask };
}

test("the directory says what it can do, what it has and how that is described", async (context) => {
  const { scim, ask } = await directory(context);
  const config = await scim.getServiceProviderConfig();
  assert.deepEqual(
    [config["filter"], config["patch"]],
    [{ supported: true, maxResults: 99_999 }, { supported: false }],
  );
  const types = await scim.listResourceTypes();
  assert.deepEqual([types.totalResults, types.resources[0]?.endpoint], [1, "/Users"]);
  const { schema = "" } = await scim.getResourceType({ name: "User" });
  const described = await scim.getSchema({ id: schema });
  assert.deepEqual(described, (await scim.listSchemas()).resources[0]);
  assert((described.attributes as { name: string }[]).some(({ name }) => name === "userName"));
  await refused(scim.getResourceType({ name: "Group" }), "NOT_FOUND");
  await refused(scim.getSchema({ id: "urn:nothing" }), "NOT_FOUND");
  const raw = await ask("GET", "Schemas", "harbour-scim-token");
  assert.equal(raw.type, "application/scim+json");
});

test("whom the directory sends is a member in the team company, and can sign in", async (context) => {
  const { scim, as, ask } = await directory(context);
  const alice = as("alice");
  const jon = await scim.createUser({
    schemas,
    userName: "jon.snow@example.com",
    name: { givenName: "Jon", familyName: "Snow of Winterfell" },
  });
  assert.deepEqual(
    [jon.displayName, jon.active, jon.name?.familyName, jon.groups],
    ["jonsnow", true, "Snow of Winterfell", [{ value: "company", display: "company" }]],
  );
  const { results } = await alice.orgMembers.list({ org_name, search: "jonsnow" });
  assert.deepEqual(
    [results[0]?.email, results[0]?.full_name, results[0]?.role, results[0]?.groups],
    ["jon.snow@example.com", "Jon Snow of Winterfell", "Member", ["company"]],
  );
  assert.equal((await as("jonsnow").orgs.list()).results[0]?.orgname, org_name);
  await refused(
    scim.createUser({ schemas, userName: "JON.SNOW@example.com" }),
    "CONFLICT",
    /already/,
  );

  await alice.invites.create({ org: org_name, invitees: ["dave"] });
  const dave = await scim.createUser({ schemas, userName: "dave@example.com" });
  assert.equal((await alice.invites.list({ org_name })).data.length, 0);
  assert.equal(dave.displayName, "dave");
  assert.equal((await as("dave").orgs.list()).count, 1, "who is there already is taken in");

  const same = await scim.createUser({ schemas, userName: "jon_snow@other.example" });
  assert.equal(same.displayName, "jonsnow2");
  const token = "harbour-scim-token";
  const made = await ask("POST", "Users", token, { schemas, userName: "a@example.com" });
  assert.deepEqual(
    [made.status, made.type, made.body.displayName],
    [201, "application/scim+json", "auser"],
  );
  assert.equal(made.headers.get("location"), made.body.meta.location);
  const followed = await fetch(made.body.meta.location, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.deepEqual(await followed.json(), made.body);
});

test("who is switched off leaves the organization, and comes back when switched on", async (context) => {
  const { scim, as } = await directory(context);
  const alice = as("alice");
  const [bob] = (await scim.listUsers({ filter: 'displayName eq "bob"' })).resources;
  const id = bob!.id;
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  const renamed = await scim.updateUser({
    id,
    schemas,
    enabled: true,
    name: { familyName: "Stone" },
  });
  assert.deepEqual([renamed.name?.givenName, renamed.name?.familyName], ["Bob", "Stone"]);
  assert.equal((await alice.users.get({ username: "bob" })).full_name, "Bob Stone");
  assert.deepEqual(renamed.groups, bob!.groups, "a member stays in the teams");

  assert.equal((await scim.updateUser({ id, schemas })).active, false);
  const names = async () =>
    (await alice.orgMembers.list({ org_name })).results.map(({ username }) => username);
  assert(!(await names()).includes("bob"));
  const team = { org_name, group_name: "developers" };
  const inTeam = async () =>
    (await alice.groups.listMembers(team)).results.some(({ username }) => username === "bob");
  assert.equal(await inTeam(), false);
  await refused(as("bob").orgs.get({ org_name }), "FORBIDDEN");
  assert.equal((await scim.getUser({ id })).active, false);
  assert.equal((await scim.listUsers({ filter: "active eq false" })).totalResults, 1);

  const back = await scim.updateUser({ id, schemas, enabled: true });
  assert.deepEqual([back.active, back.name?.familyName], [true, "Stone"]);
  assert((await names()).includes("bob"));
  assert.equal(await inTeam(), false, "teams are given anew");
  await alice.orgMembers.delete({ org_name, username: "bob" });
  assert.equal((await scim.getUser({ id })).active, false);

  const [owner] = (await scim.listUsers({ filter: 'displayName eq "alice"' })).resources;
  await refused(scim.updateUser({ id: owner!.id, schemas }), "REQUEST_INVALID", /last owner/);
});

test("users are found, sorted, and shown in part, page by page", async (context) => {
  const { scim, ask } = await directory(context);
  for (const name of ["yara", "zora", "xena"])
    await scim.createUser({ schemas, userName: `${name}@sort.example` });
  const filter = 'userName co "sort.example"';
  const page = await scim.listUsers({
    filter,
    sortBy: "userName",
    sortOrder: "descending",
    startIndex: 2,
    count: 1,
    attributes: "userName",
  });
  assert.deepEqual(
    [page.totalResults, page.startIndex, page.itemsPerPage, page.resources[0]?.userName],
    [3, 2, 1, "yara@sort.example"],
  );
  const first = { filter, sortBy: "userName", count: 1 } as const;
  const named = async (sortOrder?: "ascending" | "descending") =>
    (await scim.listUsers({ ...first, ...(sortOrder && { sortOrder }) })).resources[0]?.userName;
  assert.deepEqual(
    [await named("descending"), await named("ascending"), await named()],
    ["zora@sort.example", "xena@sort.example", "xena@sort.example"],
  );
  assert.deepEqual(Object.keys(page.resources[0]!).toSorted(), ["id", "schemas", "userName"]);
  const all: string[] = [];
  for await (const { userName } of scim.listUsers({ filter, sortBy: "userName", count: 2 }))
    all.push(userName!);
  assert.deepEqual(all, ["xena@sort.example", "yara@sort.example", "zora@sort.example"]);
  const token = "harbour-scim-token";
  assert.equal((await ask("GET", "Users?startIndex=1000", token)).body.itemsPerPage, 0);
  for (const [query, kind] of [
    ["filter=userName+gt+%22x%22", "invalidFilter"],
    ["count=201", "invalidValue"],
    ["startIndex=0", "invalidValue"],
    ["sortBy=shoeSize", "invalidPath"],
  ]) {
    const { status, body } = await ask("GET", `Users?${query}`, token);
    assert.deepEqual([status, body.scimType], [400, kind], query);
  }
});

test("what is refused is told as SCIM tells it; only the directory's token opens it", async (context) => {
  const { ask, sandbox, scim, as } = await directory(context);
  const opened = await fetch(`${sandbox.hubUrl}/v2/auth/token`, {
    method: "POST",
    body: JSON.stringify({ identifier: "alice", secret: "alice-password" }),
  });
  const session = (await opened.json()) as { access_token: string };
  for (const token of [
    undefined,
    "wrong",
    "alice-scim-token",
    "nobody-scim-token",
    session.access_token,
  ]) {
    const { status, type, body } = await ask("GET", "Users", token);
    assert.deepEqual([status, type], [401, "application/scim+json"], token);
    assert.deepEqual(
      [body.schemas, body.status, typeof body.detail],
      [["urn:ietf:params:scim:api:messages:2.0:Error"], "401", "string"],
    );
  }
  const token = "harbour-scim-token";
  const absent = "Users/d80f7c79-7730-49d8-9a41-7c42fb622d9c";
  for (const [method, path, body, status] of [
    ["GET", absent, undefined, 404],
    ["GET", "Groups", undefined, 404],
    ["PATCH", absent, {}, 405],
    ["POST", "Users", { userName: "x@example.com" }, 400],
    ["POST", "Users", { schemas, userName: "no-mail-address" }, 400],
    ["POST", "Users", { schemas: ["urn:other"], userName: "x@example.com" }, 400],
    ["PUT", absent, { schemas, enabled: "yes" }, 400],
  ] as const) {
    const answer = await ask(method, path, token, body);
    assert.deepEqual(
      [answer.status, answer.body.status, answer.type],
      [status, String(status), "application/scim+json"],
      `${method} ${path}`,
    );
  }
  // What opens a directory opens nothing else, and another's directory is another's.
  const hub = await fetch(`${sandbox.hubUrl}/v2/orgs/harbour/members`, {
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(hub.status, 401);
  const id = (await scim.listUsers({ filter: 'displayName eq "bob"' })).resources[0]!.id;
  assert.equal((await ask("GET", `Users/${id}`, "library-scim-token")).status, 404);
  assert.equal((await as("alice").orgs.get({ org_name })).orgname, org_name);
});

test("a new token for the directory ends the one before", async (context) => {
  const { ask, sandbox, as } = await directory(context);
  const renew = (org: string) =>
    fetch(`${sandbox.urls.control}/orgs/${org}/scim-token`, { method: "POST" });
  const { token } = (await (await renew("harbour")).json()) as { token: string };
  assert.equal((await ask("GET", "Users", "harbour-scim-token")).status, 401);
  assert.equal((await ask("GET", "Users", token)).status, 200);
  assert.equal((await renew("alice")).status, 404);
  const { logs } = await as("alice").auditLogs.list({ account: org_name });
  assert(logs.some(({ action }) => action === "enterprise.sso.connection.scim_token_refresh"));
});
