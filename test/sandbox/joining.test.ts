/** From a stranger to somebody who pushes, and back; with our client and with another. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { connect, copy, isError, type RemoteRegistry } from "../../src/entrance/registry.ts";
import { tool } from "../tools.ts";
import { type Login, mayAt, seeded } from "./registryAccess.ts";
import { refused, type Stage, stage } from "./stage.ts";

const skopeo = tool("skopeo", "apt-get install skopeo");
const org_name = "harbour";
const ledger = { namespace: org_name, repository: "ledger" };

function client(context: TestContext, { sandbox }: Stage, { user, password }: Login) {
  const registry = connect(sandbox.urls.registry, {
    credentials: { find: async () => ({ kind: "basic", username: user, password }) },
  });
  context.after(() => registry.close());
  return registry;
}

/** Puts what library/hello has into a repository of the sandbox. */
async function push(registry: RemoteRegistry, path: string, tag: string): Promise<void> {
  await copy(registry.repository("library/hello"), "latest", registry.repository(path), { tag });
}

async function denied(work: Promise<unknown>): Promise<void> {
  await assert.rejects(work, (error) => isError(error, "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND"));
}

test("who is invited, joins, comes into a team that may write, pushes; who leaves does not", async (context) => {
  const at = await stage(context, { clock: Date.now });
  const [alice, dave] = [at.as("alice"), at.as("dave")];
  const pushes = (tag: string) =>
    push(client(context, at, seeded("dave")), `${org_name}/ledger`, tag);
  const tags = async () =>
    (await alice.tags.list({ ...ledger })).results.map(({ name }) => name).toSorted();
  const before = await tags();
  await denied(pushes("stranger"));

  const { invitees } = await alice.invites.create({ org: org_name, invitees: ["dave"] });
  await denied(pushes("invited"));
  const { id } = (invitees as { invite: { id: string } }[])[0]!.invite;
  await at.sandbox.acceptInvite(id);
  await denied(pushes("member"));
  await assert.rejects(at.sandbox.acceptInvite(id), (error) => isError(error, "NOT_FOUND"));

  const team = { org_name, group_name: "scribes" };
  const { id: group_id = 0 } = await alice.groups.create({ org_name, name: "scribes" });
  await alice.groups.addMember({ ...team, member: "dave" });
  await denied(pushes("in-team"));
  await alice.repositoryGroups.assign({ ...ledger, group_id, permission: "read" });
  await denied(pushes("may-read"));
  await alice.repositoryGroups.update({ ...ledger, group_id, permission: "write" });
  await pushes("may-write");
  assert.deepEqual(await tags(), [...before, "may-write"].toSorted());
  assert.equal(
    (await dave.tags.get({ ...ledger, tag: "may-write" })).last_updater_username,
    "dave",
  );

  const { token: password = "", uuid } = await dave.accessTokens.create({
    token_label: "ci",
    scopes: ["repo:read"],
  });
  const { digest } = await client(context, at, { user: "dave", password })
    .repository(`${org_name}/ledger`)
    .resolve("may-write");
  assert.match(digest, /^sha256:/);
  await denied(push(client(context, at, { user: "dave", password }), `${org_name}/ledger`, "x"));
  await dave.accessTokens.delete({ uuid });
  assert.equal(await mayAt(at, { user: "dave", password }, "harbour/ledger"), "401");

  await alice.orgMembers.delete({ org_name, username: "dave" });
  await denied(pushes("gone"));
  await refused(dave.repositories.get(ledger), "NOT_FOUND");
  assert.deepEqual(await tags(), [...before, "may-write"].toSorted());
});

test("our client pushes as an organization, until its token is switched off", async (context) => {
  const at = await stage(context, { clock: Date.now });
  const alice = at.as("alice");
  const { token: password = "", id } = await alice.orgAccessTokens.create({
    org_name,
    label: "ci",
    resources: [
      { type: "TYPE_REPO", path: "harbour/*", scopes: ["scope-image-push"] },
      { type: "TYPE_REPO", path: "*/*/public", scopes: ["scope-image-pull"] },
    ],
  });
  const machine = { user: org_name, password };
  await push(client(context, at, machine), "harbour/ledger", "by-robot");
  const tag = await alice.tags.get({ ...ledger, tag: "by-robot" });
  assert.equal(tag.last_updater_username, org_name);
  await denied(push(client(context, at, machine), "harbour/brand-new", "x"));
  await denied(push(client(context, at, machine), "alice/site", "x"));
  await alice.orgAccessTokens.update({ org_name, access_token_id: id, is_active: false });
  await denied(push(client(context, at, machine), "harbour/ledger", "too-late"));
});

test(
  "skopeo signs in as an organization and pushes what the token opens",
  { skip: skopeo.skip },
  async (context) => {
    const at = await stage(context, { clock: Date.now });
    const alice = at.as("alice");
    const folder = await mkdtemp(join(tmpdir(), "wharf-sandbox-"));
    context.after(() => rm(folder, { recursive: true, force: true }));
    const { host } = at.sandbox;
    const environment = { REGISTRY_AUTH_FILE: join(folder, "auth.json") };
    const { token = "", id } = await alice.orgAccessTokens.create({
      org_name,
      label: "skopeo",
      resources: [{ type: "TYPE_REPO", path: "harbour/*", scopes: ["scope-image-push"] }],
    });
    const login = () =>
      skopeo.run(["login", "--tls-verify=false", "-u", org_name, "--password-stdin", host], {
        environment,
        stdin: token,
      });
    const copyTo = (to: string) =>
      skopeo.run(
        [
          "copy",
          "--all",
          "--insecure-policy",
          "--src-tls-verify=false",
          "--dest-tls-verify=false",
          `docker://${host}/harbour/api:latest`,
          `docker://${host}/${to}`,
        ],
        { environment },
      );
    await login();
    await copyTo("harbour/ledger:by-skopeo");
    assert.equal((await alice.tags.get({ ...ledger, tag: "by-skopeo" })).name, "by-skopeo");
    await assert.rejects(copyTo("alice/site:by-skopeo"), /denied|unauthorized|authentication/);
    await alice.orgAccessTokens.delete({ org_name, access_token_id: id });
    await assert.rejects(login(), /invalid username\/password/);
  },
);
