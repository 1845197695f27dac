/**
 * Who may do what, in Hub and at the registry: roles, teams, collaborators and tokens.
 * Source: Docker's docs, "Core roles", "Personal access tokens", "Access token reference".
 */
import assert from "node:assert/strict";
import { test } from "node:test";

import { type Login, mayAt, seeded } from "./registryAccess.ts";
import { registryFor } from "./registry-calls.ts";
import { refused, type Stage, stage } from "./stage.ts";

const ledger = "/v2/namespaces/harbour/repositories/ledger";

/** What is tried; what somebody may do can be done again and again. */
const calls: readonly (readonly [what: string, method: string, path: string, body?: object])[] = [
  ["see", "GET", ledger],
  ["tags", "GET", `${ledger}/tags`],
  ["edit", "PATCH", ledger, { description: "Books" }],
  ["hide", "POST", "/v2/repositories/harbour/ledger/privacy", { is_private: true }],
  ["untag", "DELETE", "/v2/repositories/harbour/ledger/tags/no-such-tag/"],
  ["freeze", "POST", `${ledger}/immutabletags/verify`, { regex: "x" }],
  ["create", "POST", "/v2/namespaces/harbour/repositories", { name: "api" }],
  ["members", "GET", "/v2/orgs/harbour/members"],
  ["roles", "PUT", "/v2/orgs/harbour/members/bob", { role: "member" }],
  ["teams", "GET", "/v2/orgs/harbour/groups"],
  ["team", "PATCH", "/v2/orgs/harbour/groups/developers", { description: "They write" }],
  ["invites", "GET", "/v2/orgs/harbour/invites"],
  ["settings", "GET", "/v2/orgs/harbour/settings"],
  ["log", "GET", "/v2/auditlogs/harbour"],
  ["robots", "GET", "/v2/orgs/harbour/access-tokens"],
  ["own", "GET", "/v2/access-tokens"],
];

const repository = "see tags edit hide untag freeze";
const member = "members teams settings own";

/** What each may do of the above, and at the registry with harbour/ledger (private), harbour/api (public) and harbour/new. */
const table: Readonly<Record<string, readonly [string, string, string, string]>> = {
  owner: [
    `${repository} create ${member} roles team invites log robots`,
    "pull,push",
    "pull,push",
    "pull,push",
  ],
  editor: [`${repository} create ${member}`, "pull,push", "pull,push", "pull,push"],
  member: [member, "", "pull", ""],
  reader: [`see tags ${member}`, "pull", "pull", ""],
  writer: [`see tags ${member}`, "pull,push", "pull", ""],
  keeper: [`${repository} ${member}`, "pull,push", "pull", ""],
  "in two teams": [`see tags ${member}`, "pull,push", "pull", ""],
  stranger: ["own", "", "pull", ""],
  nobody: ["", "", "pull", ""],
  "owner with repo:public_read": ["members teams settings", "", "pull", ""],
  "owner with repo:read": ["see tags members teams settings", "pull", "pull", ""],
  "owner with repo:write": [
    "see tags members teams settings",
    "pull,push",
    "pull,push",
    "pull,push",
  ],
  "owner with repo:admin": [
    `${repository} create members teams settings`,
    "pull,push",
    "pull,push",
    "pull,push",
  ],
  "reader with repo:admin": ["see tags members teams settings", "pull", "pull", ""],
  "harbour with nothing": ["", "", "", ""],
  "harbour with image-pull": ["", "pull", "pull", ""],
  "harbour with image-push repository-create": ["create", "pull,push", "pull,push", "pull,push"],
  "harbour with repository-read tag-read": ["see tags", "", "", ""],
  "harbour with repository-edit": ["see edit hide", "", "", ""],
  "harbour with tag-admin repository-settings-admin": ["tags untag freeze", "", "", ""],
  "harbour with member-read group-read invite-read activity-read": [
    "members teams invites log",
    "",
    "",
    "",
  ],
  "harbour with member-edit group-edit": ["members roles teams team", "", "", ""],
};

test("everybody may do what Docker's tables say, and nothing else", async (context) => {
  const at = await stage(context);
  const logins = await people(at);
  for (const [who, [may, ...grants]] of Object.entries(table)) {
    const login = await loginOf(at, logins, who);
    const token = login && (await sessionOf(at, login));
    const allowed: string[] = [];
    for (const [what, method, path, body] of calls) {
      const answer = await at.ask(method, path, { token, body });
      assert([200, 401, 403, 404, 409].includes(answer.status), `${who} ${what}`);
      // That a name is taken, or a tag not there, is told to whoever may go on.
      const goesOn = answer.status === 200 || answer.status === 409;
      if (goesOn || answer.body.message?.startsWith("tag '")) allowed.push(what);
      else if (!login) assert([401, 404].includes(answer.status), `${who} ${what}`);
    }
    assert.deepEqual(allowed.toSorted(), may.split(" ").filter(Boolean).toSorted(), who);
    const registry = [];
    for (const name of ["ledger", "api", "new"])
      registry.push(await mayAt(at, login, `harbour/${name}`));
    assert.deepEqual(registry, grants, `${who} at the registry`);
  }
});

test("what is private is not told of to whoever may not see it, on any way", async (context) => {
  const { ask, as } = await stage(context);
  const token = await as("dave").token();
  for (const [, method, path, body] of calls.slice(0, 6)) {
    const hidden = await ask(method, path, { token, body });
    const absent = await ask(method, path.replace("ledger", "nothing"), { token, body });
    assert.deepEqual([hidden.status, hidden.body], [404, absent.body], `${method} ${path}`);
  }
  const search = await ask("GET", "/api/search/v4?query=ledger", { token });
  assert.doesNotMatch(JSON.stringify(search.body), /harbour\/ledger/);
});

test("a blob is mounted from where it may be pulled, and from nowhere else", async (context) => {
  const at = await stage(context);
  const notes = await registryFor(at, "alice", "alice/notes", "pull");
  const read = async (reference: string) =>
    (await (await notes("GET", `manifests/${reference}`)).json()) as {
      manifests: { digest: string }[];
      layers: { digest: string }[];
    };
  const { layers } = await read((await read("latest")).manifests[0]!.digest);
  const mount = `blobs/uploads/?mount=${layers[0]!.digest}&from=alice/notes`;
  const own = await registryFor(at, "dave", "dave/box");
  assert.equal((await own("POST", mount)).status, 202, "an upload is begun in its place");
  assert.equal((await own("HEAD", `blobs/${layers[0]!.digest}`)).status, 404);
  const scope = "repository:alice/box:pull,push&scope=repository:alice/notes:pull";
  const headers = { authorization: `Basic ${btoa("alice:alice-password")}` };
  const asked = await fetch(`${at.sandbox.url}/token?scope=${scope}`, { headers });
  const { token } = (await asked.json()) as { token: string };
  const mounted = await fetch(`${at.sandbox.url}/v2/alice/box/${mount}`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
  });
  assert.equal(mounted.status, 201);
});

test("a collaborator pushes to a user's repository, and manages nothing of it", async (context) => {
  const at = await stage(context);
  const [alice, dave] = [at.as("alice"), at.as("dave")];
  const notes = { namespace: "alice", repository: "notes" };
  assert.equal(await mayAt(at, seeded("dave"), "alice/notes"), "");
  await alice.collaborators.add({ ...notes, user: "dave" });
  assert.equal(await mayAt(at, seeded("dave"), "alice/notes"), "pull,push");
  assert.deepEqual((await dave.repositories.get(notes)).permissions, {
    read: true,
    write: true,
    admin: false,
  });
  const token = await dave.token();
  const path = "/v2/namespaces/alice/repositories/notes";
  for (const [method, more, body] of [
    ["PATCH", "", { description: "x" }],
    ["POST", "/immutabletags/verify", { regex: "x" }],
  ] as const)
    assert.equal((await at.ask(method, path + more, { token, body })).status, 403, method);
  for (const path of ["/v2/repositories/alice/notes/", "/v2/repositories/alice/notes/tags/latest/"])
    assert.equal((await at.ask("DELETE", path, { token })).status, 403, path);
  await alice.collaborators.delete({ ...notes, username: "dave" });
  assert.equal(await mayAt(at, seeded("dave"), "alice/notes"), "");
});

test("a free plan has one private repository", async (context) => {
  const { as } = await stage(context);
  const dave = as("dave");
  const make = (name: string) =>
    dave.repositories.create({ namespace: "dave", name, is_private: true });
  const left = async () =>
    (await dave.users.getRegistrySettings({ username: "dave" })).private_repo_available;
  await make("first");
  assert.equal(await left(), 0);
  await refused(make("second"), "PLAN_INSUFFICIENT", /No more private/);
  const first = { namespace: "dave", repository: "first" };
  await dave.repositories.setPrivacy({ ...first, is_private: true });
  await dave.repositories.setPrivacy({ ...first, is_private: false });
  assert.equal(await left(), 1);
  await make("second");
  await refused(
    dave.repositories.setPrivacy({ ...first, is_private: true }),
    "PLAN_INSUFFICIENT",
    /No more private/,
  );
  assert.equal((await dave.repositories.get(first)).is_private, false);
});

/** Members of every kind; teams with every permission on harbour/ledger. */
async function people({ as }: Stage): Promise<Record<string, Login>> {
  const [alice, directory] = [as("alice"), as(undefined).scim];
  const org_name = "harbour";
  for (const name of ["plain", "edith", "readers", "writers", "keepers", "both"])
    await directory.createUser({
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      userName: `${name}@example.com`,
    });
  await alice.orgMembers.update({ org_name, username: "edith", role: "editor" });
  for (const [name, permission] of [
    ["readers", "read"],
    ["writers", "write"],
    ["keepers", "admin"],
  ] as const) {
    const { id: group_id = 0 } = await alice.groups.create({ org_name, name });
    await alice.groups.addMember({ org_name, group_name: name, member: name });
    if (name !== "keepers")
      await alice.groups.addMember({ org_name, group_name: name, member: "both" });
    const ledger = { namespace: org_name, repository: "ledger" };
    await alice.repositoryGroups.assign({ ...ledger, group_id, permission });
  }
  return {
    owner: seeded("alice"),
    editor: seeded("edith"),
    member: seeded("plain"),
    reader: seeded("readers"),
    writer: seeded("writers"),
    keeper: seeded("keepers"),
    "in two teams": seeded("both"),
    stranger: seeded("dave"),
  };
}

async function loginOf(
  { as }: Stage,
  logins: Record<string, Login>,
  who: string,
): Promise<Login | undefined> {
  const [name = "", scopes] = who.split(" with ");
  const login = logins[name];
  if (scopes === undefined) return login;
  if (login) {
    const hub = as({ kind: "secret", identifier: login.user, secret: login.password });
    const { token = "" } = await hub.accessTokens.create({
      token_label: who,
      scopes: [scopes as "repo:read"],
    });
    return { user: login.user, password: token };
  }
  const asked = scopes === "nothing" ? [] : scopes.split(" ").map((scope) => `scope-${scope}`);
  const isOrg = (scope: string) =>
    /-(?:member|group|invite|activity|repository-create)/.test(`-${scope.slice(6)}`);
  const [forOrg, forRepository] = [asked.filter(isOrg), asked.filter((scope) => !isOrg(scope))];
  const { token = "", id } = await as("alice").orgAccessTokens.create({
    org_name: "harbour",
    label: who,
    resources: [
      ...(forOrg.length > 0
        ? [{ type: "TYPE_ORG" as const, path: "harbour", scopes: forOrg }]
        : []),
      ...(forRepository.length > 0
        ? [{ type: "TYPE_REPO" as const, path: "harbour/*", scopes: forRepository }]
        : []),
    ],
  });
  assert.match(id, /./);
  return { user: "harbour", password: token };
}

async function sessionOf({ ask }: Stage, { user, password }: Login): Promise<string> {
  const { status, body } = await ask("POST", "/v2/auth/token", {
    body: { identifier: user, secret: password },
  });
  assert.equal(status, 200, user);
  return body.access_token as string;
}
