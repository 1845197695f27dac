/** Organizations of the sandbox: from an invitation to a push. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { refused, stage } from "./stage.ts";

const org_name = "harbour";
const ledger = { namespace: "harbour", repository: "ledger" };

test("somebody is invited, joins, comes into a team, and may push when the team may", async (context) => {
  const { as, sandbox } = await stage(context);
  const [alice, dave] = [as("alice"), as("dave")];
  await refused(dave.orgs.get({ org_name }), "FORBIDDEN");
  await alice.groups.create({ org_name, name: "auditors", description: "They look" });
  const invitees = ["dave", "bob", "no-such-user", "someone@example.com"];
  const dry = await alice.invites.create({ org: org_name, invitees, dry_run: true });
  assert.equal((await alice.invites.list({ org_name })).data.length, 0);
  const sent = await alice.invites.create({ org: org_name, invitees, team: "auditors" });
  for (const outcome of [dry, sent])
    assert.deepEqual(
      (outcome.invitees as { status: string }[]).map(({ status }) => status),
      ["invited", "existing_org_member", "invalid_email_or_docker_id", "invited"],
    );
  const { data } = await alice.invites.list({ org_name });
  const [daves, mailed] = data;
  assert.deepEqual(
    [daves?.invitee, daves?.team, daves?.inviter_username],
    ["dave", "auditors", "alice"],
  );
  await alice.invites.resend({ id: mailed!.id });
  await alice.invites.delete({ id: mailed!.id });
  await refused(dave.invites.delete({ id: daves!.id }), "FORBIDDEN");
  assert.equal((await alice.orgMembers.list({ org_name, invites: true })).count, 3);
  const accepted = await fetch(`${sandbox.url}/_sandbox/invites/${daves!.id}/accept`, {
    method: "POST",
  });
  assert.equal(accepted.status, 200);
  assert.equal((await alice.invites.list({ org_name })).data.length, 0);
  assert.equal((await dave.orgs.list()).results[0]?.user_role, "Member");

  const { id: group_id = 0 } = await dave.groups.get({ org_name, group_name: "auditors" });
  assert.equal(await dave.repositories.check(ledger), false);
  await alice.repositoryGroups.assign({ ...ledger, group_id, permission: "read" });
  assert.equal((await dave.repositories.get(ledger)).permissions?.write, false);
  await refused(
    alice.repositoryGroups.assign({ ...ledger, group_id, permission: "write" }),
    "REQUEST_INVALID",
  );
  await alice.repositoryGroups.update({ ...ledger, group_id, permission: "write" });
  const asked = await fetch(`${sandbox.url}/token?scope=repository:harbour/ledger:pull,push`, {
    headers: { authorization: `Basic ${btoa("dave:dave-password")}` },
  });
  const { token } = (await asked.json()) as { token: string };
  const { access } = JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());
  assert.deepEqual(access[0].actions, ["pull", "push"]);
  await alice.repositoryGroups.delete({ ...ledger, group_id });
  assert.equal(await dave.repositories.check(ledger), false);
});

test("a team of another organization is none here, and one that is gone takes nobody in", async (context) => {
  const { as, sandbox } = await stage(context);
  const [alice, erin] = [as("alice"), as("erin")];
  const { id: group_id = 0 } = await erin.groups.create({ org_name: "pier", name: "pilots" });
  const theirs = { ...ledger, group_id, permission: "read" } as const;
  await refused(alice.repositoryGroups.assign(theirs), "NOT_FOUND");
  await refused(
    alice.invites.create({ org: org_name, invitees: ["dave"], team: "pilots" }),
    "NOT_FOUND",
  );
  await alice.groups.create({ org_name, name: "divers" });
  await alice.invites.create({ org: org_name, invitees: ["dave"], team: "divers" });
  await alice.groups.delete({ org_name, group_name: "divers" });
  await sandbox.acceptInvite((await alice.invites.list({ org_name })).data[0]!.id);
  assert.equal((await as("dave").orgs.list()).count, 1);
  await refused(alice.groups.get({ org_name, group_name: "divers" }), "NOT_FOUND");
});

test("an organization keeps its last owner", async (context) => {
  const { as } = await stage(context);
  const alice = as("alice");
  await refused(
    alice.orgMembers.delete({ org_name, username: "alice" }),
    "REQUEST_INVALID",
    /last owner/,
  );
  await refused(
    alice.orgMembers.update({ org_name, username: "alice", role: "member" }),
    "REQUEST_INVALID",
    /last owner/,
  );
  await refused(
    as("bob").orgMembers.update({ org_name, username: "bob", role: "owner" }),
    "FORBIDDEN",
  );
  const { role } = await alice.orgMembers.update({ org_name, username: "bob", role: "owner" });
  assert.equal(role, "Owner");
  await as("bob").orgMembers.delete({ org_name, username: "alice" });
  await refused(alice.repositories.get(ledger), "NOT_FOUND");
});

test("owners are who is in the team owners, which stays", async (context) => {
  const { as, sandbox } = await stage(context);
  const [alice, bob] = [as("alice"), as("bob")];
  const team = { org_name, group_name: "owners" };
  const owners = async () => {
    const names: string[] = [];
    for await (const { username } of alice.groups.listMembers(team)) names.push(username ?? "");
    return names.toSorted();
  };
  await alice.groups.addMember({ ...team, member: "bob" });
  await bob.groups.create({ org_name, name: "made-by-bob" });
  await bob.groups.deleteMember({ ...team, username: "bob" });
  await refused(bob.groups.create({ org_name, name: "again" }), "FORBIDDEN");
  const before = await owners();
  await alice.orgMembers.update({ org_name, username: "bob", role: "owner" });
  assert.deepEqual(await owners(), [...before, "bob"].toSorted());
  await alice.orgMembers.update({ org_name, username: "bob", role: "editor" });
  assert.deepEqual(await owners(), before);

  const { invitees } = await alice.invites.create({
    org: org_name,
    invitees: ["dave"],
    team: "owners",
  });
  const { id } = (invitees as { invite: { id: string } }[])[0]!.invite;
  const accept = (query = "") =>
    fetch(`${sandbox.url}/_sandbox/invites/${id}/accept${query}`, { method: "POST" });
  assert.equal((await accept("?username=carol")).status, 404, "it is dave's");
  assert.equal((await accept()).status, 200);
  assert.equal((await as("dave").orgs.list()).results[0]?.user_role, "Owner");

  assert((await owners()).includes("dave"));
  await alice.invites.create({ org: org_name, invitees: ["carol"], role: "owner" });
  const { data } = await alice.invites.list({ org_name });
  await sandbox.acceptInvite(data[0]!.id);
  assert((await owners()).includes("carol"), "also who joins as one");
  for (const username of (await owners()).filter((name) => name !== "alice"))
    await alice.orgMembers.delete({ org_name, username });
  await refused(
    alice.groups.deleteMember({ ...team, username: "alice" }),
    "REQUEST_INVALID",
    /last/,
  );
  await refused(alice.groups.delete(team), "REQUEST_INVALID", /has to stay/);
  await refused(alice.groups.update({ ...team, name: "lords" }), "REQUEST_INVALID", /has to stay/);
  assert.deepEqual(await owners(), ["alice"]);
});

test("teams are made, renamed, filled and taken away, by owners only", async (context) => {
  const { as } = await stage(context);
  const [alice, bob] = [as("alice"), as("bob")];
  const team = { org_name, group_name: "pilots" };
  await refused(bob.groups.create({ org_name, name: "pilots" }), "FORBIDDEN");
  await alice.groups.create({ org_name, name: "pilots", description: "They steer" });
  await refused(alice.groups.create({ org_name, name: "pilots" }), "CONFLICT");
  await refused(alice.groups.addMember({ ...team, member: "dave" }), "REQUEST_INVALID");
  await alice.groups.addMember({ ...team, member: "bob" });
  assert.equal((await bob.groups.get(team)).member_count, 1);
  const seen = async (hub: typeof bob) => (await hub.groups.listMembers(team)).results[0];
  assert.deepEqual(
    [(await seen(alice))?.email, (await seen(bob))?.email],
    ["bob@example.com", undefined],
  );
  await alice.groups.update({ ...team, name: "steersmen" });
  await refused(bob.groups.get(team), "NOT_FOUND");
  await alice.groups.replace({ org_name, group_name: "steersmen", name: "pilots" });
  assert.equal((await bob.groups.get(team)).description, "");
  const { results } = await alice.groups.list({ org_name, username: "bob" });
  assert.deepEqual(
    results.map(({ name }) => name),
    ["developers", "pilots"],
  );
  assert.match(
    await alice.orgMembers.export({ org_name }),
    /^Bob,bob,bob@example.com,User,Member,"developers, pilots",/m,
  );
  await alice.groups.deleteMember({ ...team, username: "bob" });
  await alice.groups.delete(team);
  await refused(bob.groups.get(team), "NOT_FOUND");
});

test("what members may use is said by owners, and seen by members", async (context) => {
  const { as } = await stage(context);
  const [alice, bob, dave] = [as("alice"), as("bob"), as("dave")];
  const restricted_images = {
    enabled: true,
    allow_official_images: true,
    allow_verified_publishers: false,
  };
  assert.equal((await bob.orgSettings.get({ org_name })).restricted_images.enabled, false);
  await refused(bob.orgSettings.update({ org_name, restricted_images }), "FORBIDDEN");
  await alice.orgSettings.update({ org_name, restricted_images });
  assert.deepEqual(await bob.orgSettings.get({ org_name }), { restricted_images });
  const other = await as("erin").orgSettings.get({ org_name: "pier" });
  assert.equal(other.restricted_images.enabled, false, "another organization has its own");
  await refused(dave.orgSettings.get({ org_name }), "FORBIDDEN");
  const access = {
    enabled: true,
    standard_registries: [{ id: "DockerHub", allowed: false }],
    custom_registries: [{ address: "r.example", friendly_name: "ours", allowed: true }],
  };
  await alice.registryAccess.update({ org_name, ...access });
  assert.deepEqual(await bob.registryAccess.get({ org_name }), access);
});

test("somebody is one person, whether invited by name or mail address, in capitals or not", async (context) => {
  const { as, sandbox } = await stage(context);
  const { invites } = as("alice");
  const invited = async (...invitees: string[]) => {
    const outcome = await invites.create({ org: org_name, invitees });
    return (outcome.invitees as { status: string }[]).map(({ status }) => status).join(" ");
  };
  assert.equal(await invited("Dave", "dave"), "invited existing_invite");
  assert.equal(await invited("New@Example.com", "new@example.com"), "invited existing_invite");
  assert.equal(await invited("É@example.com"), "invited");
  assert.equal(await invited("É@example.com"), "existing_invite");
  assert.equal(await invited("BOB@example.com", "Bob"), "existing_org_member existing_org_member");
  assert.equal(
    await invited("@", "a b@c", "_"),
    Array(3).fill("invalid_email_or_docker_id").join(" "),
  );
  const { data } = await invites.list({ org_name });
  assert.deepEqual(
    data.map(({ invitee }) => invitee),
    ["dave", "new@example.com", "é@example.com"],
  );
  const address = `${sandbox.urls.control}/invites/${data[0]!.id}/accept?username=Dave`;
  assert.equal((await fetch(address, { method: "POST" })).status, 200);
  assert.equal((await invites.list({ org_name })).data.length, 2);
});
