/** Access tokens of organizations: who makes them, what they open, how they end. */
import assert from "node:assert/strict";
import { test } from "node:test";

import type { Hub } from "../../src/entrance/hub.ts";
import { mayAt } from "./registryAccess.ts";
import { refused, stage } from "./stage.ts";

const org_name = "harbour";
const api = { namespace: org_name, repository: "api" };
const ledger = { namespace: org_name, repository: "ledger" };
type Resources = NonNullable<Parameters<Hub["orgAccessTokens"]["create"]>[0]["resources"]>;

const repo = (path: string, ...scopes: string[]) => ({
  type: "TYPE_REPO" as const,
  path,
  scopes: scopes.map((scope) => `scope-${scope}`),
});
const org = (...scopes: string[]) => ({
  type: "TYPE_ORG" as const,
  path: org_name,
  scopes: scopes.map((scope) => `scope-${scope}`),
});

test("a token is shown once, with its label, what it opens, and who has made it", async (context) => {
  const { as, clock } = await stage(context);
  const alice = as("alice");
  const resources = [repo("harbour/*", "image-pull"), org("member-read")];
  const expires_at = new Date(clock.now + 3600_000).toISOString();
  const made = await alice.orgAccessTokens.create({
    org_name,
    label: "robot",
    description: "Builds at night",
    resources,
    expires_at,
  });
  assert.match(made.token!, /^dckr_oat_/);
  assert.equal(made.created_by, undefined);
  const one = { org_name, access_token_id: made.id };
  const shown = await alice.orgAccessTokens.get(one);
  assert.deepEqual(shown, {
    id: made.id,
    label: "robot",
    description: "Builds at night",
    created_by: "alice",
    is_active: true,
    created_at: "2026-05-01T12:00:00.000000Z",
    expires_at: "2026-05-01T13:00:00.000000Z",
    last_used_at: null,
    resources,
  });
  await alice.orgAccessTokens.create({ org_name, label: "second" });
  const page = await alice.orgAccessTokens.list({ org_name, page_size: 1 });
  assert.equal(page.total, 2);
  assert.match(page.next!, /page=2/);
  const labels: string[] = [];
  for await (const { label, token, resources } of alice.orgAccessTokens.list({ org_name })) {
    labels.push(label);
    assert.deepEqual([token, resources], [undefined, undefined]);
  }
  assert.deepEqual(labels.toSorted(), ["robot", "second"]);
  const changed = await alice.orgAccessTokens.update({ ...one, label: "cart", resources: [] });
  assert.deepEqual(
    [changed.label, changed.description, changed.resources?.length],
    ["cart", "Builds at night", 0],
  );
  // An owner of another organization finds it in neither.
  const { orgAccessTokens: others } = as("erin");
  for (const [org, code] of [
    [org_name, "FORBIDDEN"],
    ["pier", "NOT_FOUND"],
  ] as const) {
    await refused(others.get({ ...one, org_name: org }), code);
    await refused(others.update({ ...one, org_name: org, is_active: false }), code);
    await refused(others.delete({ ...one, org_name: org }), code);
  }
  await alice.orgAccessTokens.delete(one);
  await refused(alice.orgAccessTokens.get(one), "NOT_FOUND");
});

test("only owners who have signed in with a password manage tokens, within limits", async (context) => {
  const { as, ask, clock } = await stage(context);
  const alice = as("alice");
  const create = (hub: Hub, resources: Resources = []) =>
    hub.orgAccessTokens.create({ org_name, label: "x", resources });
  await refused(create(as("bob")), "FORBIDDEN");
  await refused(create(as("dave")), "FORBIDDEN");
  await refused(as("dave").orgAccessTokens.list({ org_name }), "FORBIDDEN");
  await alice.orgMembers.update({ org_name, username: "bob", role: "editor" });
  await refused(create(as("bob")), "FORBIDDEN");
  const { token: secret = "" } = await alice.accessTokens.create({
    token_label: "all",
    scopes: ["repo:admin"],
  });
  await refused(
    create(as({ kind: "secret", identifier: "alice", secret })),
    "FORBIDDEN",
    /personal access token/,
  );
  for (const wrong of [
    repo("alice/site", "image-pull"),
    repo("harbour/nothing", "image-pull"),
    repo("*", "image-pull"),
    repo("harbour/api", "image-fly"),
    repo("harbour/api", "member-read"),
    repo("harbour/api"),
    { ...org("member-read"), path: "library" },
  ])
    await refused(create(alice, [wrong]), "REQUEST_INVALID", /resources/);
  const many = Array.from({ length: 51 }, () => repo("harbour/*", "image-pull"));
  await refused(create(alice, many), "REQUEST_INVALID", /50/);
  for (const body of [
    { label: "x", description: "x".repeat(201) },
    { label: "x", expires_at: new Date(clock.now - 1).toISOString() },
    { label: "x", expires_at: new Date(clock.now + 800 * 24 * 3600_000).toISOString() },
    { label: "" },
    { description: "no label" },
  ]) {
    const { access_token: token } = (
      await ask("POST", "/v2/auth/token", {
        body: { identifier: "alice", secret: "alice-password" },
      })
    ).body;
    const refusal = await ask("POST", "/v2/orgs/harbour/access-tokens", { token, body });
    assert.equal(refusal.status, 400);
    assert.deepEqual(Object.keys(refusal.body), ["fields", "text"]);
  }
  const first = await create(alice);
  for (let more = 1; more < 10; more += 1) await create(alice);
  await refused(create(alice), "REQUEST_INVALID", /10 access tokens/);
  const one = { org_name, access_token_id: first.id };
  await alice.orgAccessTokens.update({ ...one, is_active: false });
  await refused(create(alice), "REQUEST_INVALID", /10 access tokens/);
  await alice.orgAccessTokens.delete(one);
  await create(alice);
});

test("an organization signs in with its token, and may do what the scopes say", async (context) => {
  const at = await stage(context);
  const { as } = at;
  const alice = as("alice");
  const sign = async (...resources: Resources) => {
    const { token = "", id } = await alice.orgAccessTokens.create({
      org_name,
      label: "x",
      resources,
    });
    return { id, hub: as({ kind: "secret", identifier: org_name, secret: token }) };
  };
  const names = async (hub: Hub) =>
    (await hub.repositories.list({ namespace: org_name })).results.map(({ name }) => name);

  const nothing = await sign();
  assert.equal(await nothing.hub.whoami(), org_name);
  assert(!(await names(nothing.hub)).includes("ledger"));
  await refused(nothing.hub.repositories.get(ledger), "NOT_FOUND");
  assert.equal((await nothing.hub.repositories.get(api)).name, "api");
  await refused(nothing.hub.orgMembers.list({ org_name }), "FORBIDDEN", /organization access/);
  await refused(
    nothing.hub.repositories.update({ ...api, description: "x" }),
    "FORBIDDEN",
    /organization access/,
  );

  const lists = await sign(org("repository-list", "repository-create", "member-read"));
  assert((await names(lists.hub)).includes("ledger"));
  await refused(lists.hub.repositories.get(ledger), "FORBIDDEN");
  await refused(lists.hub.tags.list({ ...ledger }), "FORBIDDEN");
  await lists.hub.repositories.create({ namespace: org_name, name: "robots", is_private: true });
  assert.equal(
    (await alice.repositories.get({ namespace: org_name, repository: "robots" })).is_private,
    true,
  );
  await refused(lists.hub.repositories.create({ namespace: "alice", name: "new" }), "FORBIDDEN");
  assert((await lists.hub.orgMembers.list({ org_name })).count >= 2);
  await refused(
    lists.hub.orgMembers.update({ org_name, username: "bob", role: "owner" }),
    "FORBIDDEN",
  );
  await refused(lists.hub.orgMembers.list({ org_name: "library" }), "FORBIDDEN");

  const edits = await sign(repo("harbour/l*", "repository-edit", "tag-read"));
  assert(!(await names(edits.hub)).includes("ledger"), "lists have a scope of their own");
  await edits.hub.repositories.update({ ...ledger, description: "By a robot" });
  assert.equal((await alice.repositories.get(ledger)).description, "By a robot");
  assert.equal((await edits.hub.tags.list({ ...ledger })).results[0]?.name, "latest");
  await refused(edits.hub.tags.delete({ ...ledger, tag: "latest" }), "FORBIDDEN");
  await refused(edits.hub.repositories.delete(ledger), "FORBIDDEN");
  await refused(edits.hub.repositories.update({ ...api, description: "x" }), "FORBIDDEN");
  await refused(
    edits.hub.repositories.update({ namespace: "alice", repository: "site", description: "x" }),
    "FORBIDDEN",
  );

  const admin = await sign(
    repo("harbour/*", "tag-admin", "repository-admin", "repo-group-edit"),
    org("group-edit", "invite-edit"),
  );
  await admin.hub.tags.delete({ ...ledger, tag: "latest" });
  assert.equal((await alice.tags.list({ ...ledger })).count, 0);
  await admin.hub.groups.create({ org_name, name: "robots" });
  const { id: group_id = 0 } = await alice.groups.get({ org_name, group_name: "robots" });
  await admin.hub.repositoryGroups.assign({ ...ledger, group_id, permission: "read" });
  await refused(admin.hub.repositoryGroups.delete({ ...ledger, group_id }), "FORBIDDEN");
  await admin.hub.invites.create({ org: org_name, invitees: ["dave"] });
  const { data } = await alice.invites.list({ org_name });
  assert.deepEqual([data[0]?.invitee, data[0]?.inviter_username], ["dave", org_name]);
  await admin.hub.repositories.delete(ledger);
  assert.equal(await alice.repositories.check(ledger), false);

  for (const { id } of [nothing, lists])
    await alice.orgAccessTokens.delete({ org_name, access_token_id: id });
  const everything = await sign(
    repo("harbour/*", "image-delete", "repository-admin", "tag-admin", "repository-settings-admin"),
    org("member-edit", "group-edit", "invite-edit", "ram-write", "activity-read"),
  );
  const never = /issued from organization access token is not allowed/;
  for (const call of [
    () => everything.hub.repositories.getLegacy(api),
    () => everything.hub.repositories.listLegacy({ namespace: org_name }),
    () => everything.hub.repositories.listForUserLegacy({ username: org_name }),
    () => everything.hub.orgSettings.get({ org_name }),
    () => everything.hub.orgAccessTokens.list({ org_name }),
    () => everything.hub.accessTokens.list(),
    () => everything.hub.users.getCurrent(),
  ])
    await refused(call(), "FORBIDDEN", never);
  assert.equal((await everything.hub.registryAccess.get({ org_name })).enabled, false);
});

test("at the registry a token opens what its resources name", async (context) => {
  const at = await stage(context);
  const alice = at.as("alice");
  const rows: readonly [Resources, Record<string, string>][] = [
    [[], { "harbour/api": "", "harbour/ledger": "", "library/hello": "", "harbour/new": "" }],
    [
      [repo("harbour/api", "image-push")],
      { "harbour/api": "pull,push", "harbour/ledger": "", "harbour/new": "", "alice/site": "" },
    ],
    [
      [repo("harbour/*", "image-pull")],
      { "harbour/api": "pull", "harbour/ledger": "pull", "alice/notes": "" },
    ],
    [
      [repo("*/*/public", "image-push", "image-pull")],
      { "harbour/api": "pull", "harbour/ledger": "", "library/hello": "pull", "alice/notes": "" },
    ],
    [
      [repo("harbour/*", "image-push"), org("repository-create")],
      { "harbour/new": "pull,push", "alice/new": "", "harbour/api": "pull,push" },
    ],
    [[repo("harbour/*", "repository-admin", "tag-admin")], { "harbour/api": "" }],
  ];
  for (const [resources, wanted] of rows) {
    const { token: password = "", id } = await alice.orgAccessTokens.create({
      org_name,
      label: "x",
      resources,
    });
    for (const [path, actions] of Object.entries(wanted))
      assert.equal(
        await mayAt(at, { user: org_name, password }, path),
        actions,
        `${path} with ${JSON.stringify(resources)}`,
      );
    const offline = await fetch(`${at.sandbox.urls.auth}/token?offline_token=true`, {
      headers: { authorization: `Basic ${btoa(`${org_name}:${password}`)}` },
    });
    const body = (await offline.json()) as object;
    assert.equal("refresh_token" in body, false, "it would open more than the token does");
    for (const user of ["alice", "pier"])
      assert.equal(await mayAt(at, { user, password }, "harbour/api"), "401", user);
    await alice.orgAccessTokens.delete({ org_name, access_token_id: id });
  }
});

test("what is switched off, has expired or was deleted ends its sessions at once", async (context) => {
  const at = await stage(context);
  const { as, ask, clock } = at;
  const alice = as("alice");
  const open = async (life?: number) => {
    const { token: secret = "", id } = await alice.orgAccessTokens.create({
      org_name,
      label: "x",
      resources: [org("member-read"), repo("harbour/*", "image-pull")],
      ...(life !== undefined && { expires_at: new Date(clock.now + life).toISOString() }),
    });
    const { body } = await ask("POST", "/v2/auth/token", {
      body: { identifier: org_name, secret },
    });
    const seen = async () => {
      const { access_token: token } = body;
      const members = await ask("GET", "/v2/orgs/harbour/members", { token });
      const pull = await mayAt(at, { user: org_name, password: secret }, "harbour/api");
      return [members.status, pull];
    };
    assert.deepEqual(await seen(), [200, "pull"]);
    return { one: { org_name, access_token_id: id }, seen };
  };
  const off = await open();
  assert.notEqual((await alice.orgAccessTokens.get(off.one)).last_used_at, null);
  await alice.orgAccessTokens.update({ ...off.one, is_active: false });
  assert.deepEqual(await off.seen(), [401, "401"]);
  await alice.orgAccessTokens.update({ ...off.one, is_active: true });
  assert.deepEqual(await off.seen(), [200, "pull"]);
  await alice.orgAccessTokens.update({ ...off.one, resources: [] });
  assert.deepEqual(await off.seen(), [403, ""]);
  await alice.orgAccessTokens.delete(off.one);
  assert.deepEqual(await off.seen(), [401, "401"]);
  const short = await open(60_000);
  clock.now += 61_000;
  assert.deepEqual(await short.seen(), [401, "401"]);
  await refused(
    alice.orgAccessTokens.update({ ...short.one, label: "y" }),
    "REQUEST_INVALID",
    /expired/,
  );
  await alice.orgAccessTokens.delete(short.one);
});
