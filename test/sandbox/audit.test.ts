/** The audit log: what is done anywhere stands in it, and only those read it whom it concerns. */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { test } from "node:test";

import { spawnWharf, wharfOk } from "../wharf.ts";
import { pusher } from "./pusher.ts";
import { emptyIndex, index, registryFor } from "./registry-calls.ts";
import { refused, stage, type Stage } from "./stage.ts";

const api = { namespace: "harbour", repository: "api" };
const harbour = { org_name: "harbour" };

/** Actions and names since `from`, oldest first. */
async function logged({ as, clock }: Stage, account: string, work: () => Promise<unknown>) {
  clock.now += 1000;
  const from = new Date(clock.now).toISOString();
  await work();
  const { logs } = await as("alice").auditLogs.list({ account, from, page_size: 100 });
  return logs.toReversed().map(({ action, name }) => `${action} ${name}`);
}

test("what is done to repositories is logged where they are", async (context) => {
  const at = await stage(context);
  const alice = at.as("alice");
  const one = { namespace: "alice", repository: "shelf" };
  const events = await logged(at, "alice", async () => {
    await alice.repositories.create({ namespace: "alice", name: "shelf" });
    await alice.repositories.update({ ...one, description: "Of books" });
    await alice.repositories.setPrivacy({ ...one, is_private: true });
    await alice.repositories.setCategories({ ...one, categories: [{ slug: "gaming", name: "" }] });
    const rules = { immutable_tags: true, immutable_tags_rules: ["^v"] };
    await alice.immutableTags.update({ ...one, ...rules });
    await alice.tags.delete({ namespace: "alice", repository: "site", tag: "latest" });
    await alice.repositories.delete(one);
  });
  assert.deepEqual(events, [
    "repo.create alice/shelf",
    "repo.update alice/shelf",
    "repo.change_privacy alice/shelf",
    "repo.category.updated alice/shelf",
    "repo.immutable.tags.updated alice/shelf",
    "repo.tag.delete alice/site",
    "repo.delete alice/shelf",
  ]);
});

test("what is done to an organization is logged there, under the name of whom it happened to", async (context) => {
  const at = await stage(context);
  const alice = at.as("alice");
  const team = { ...harbour, group_name: "pilots" };
  const events = await logged(at, "harbour", async () => {
    await alice.groups.create({ ...harbour, name: "pilots" });
    await alice.groups.update({ ...team, description: "They steer" });
    await alice.groups.addMember({ ...team, member: "bob" });
    await alice.groups.addMember({ ...team, member: "bob" });
    await alice.groups.deleteMember({ ...team, username: "bob" });
    await alice.groups.delete(team);
    await alice.invites.create({ org: "harbour", invitees: ["dave"] });
    const { data } = await alice.invites.list(harbour);
    await fetch(`${at.sandbox.url}/_sandbox/invites/${data![0]!.id}/accept`, { method: "POST" });
    await alice.orgMembers.update({ ...harbour, username: "dave", role: "editor" });
    await alice.orgMembers.delete({ ...harbour, username: "dave" });
    const made = await alice.orgAccessTokens.create({ ...harbour, label: "ci", resources: [] });
    const one = { ...harbour, access_token_id: made.id! };
    await alice.orgAccessTokens.update({ ...one, is_active: false });
    await alice.orgAccessTokens.delete(one);
    const restricted_images = {
      enabled: true,
      allow_official_images: true,
      allow_verified_publishers: false,
    };
    await alice.orgSettings.update({ ...harbour, restricted_images });
    const standard_registries = [{ id: "DockerHub", allowed: true }];
    const quay = { address: "https://quay.io", friendly_name: "Quay", allowed: true };
    const access = { ...harbour, enabled: true, standard_registries };
    await alice.registryAccess.update({ ...access, custom_registries: [quay] });
    await alice.registryAccess.update({
      ...access,
      custom_registries: [{ ...quay, allowed: false }],
    });
    await alice.registryAccess.update({ ...access, enabled: false, custom_registries: [] });
  });
  assert.deepEqual(events, [
    "org.team.create harbour",
    "org.team.update harbour",
    "org.team.member.add bob",
    "org.team.member.remove bob",
    "org.team.delete harbour",
    "org.member.invite.send dave",
    "org.member.add dave",
    "org.member.role.change dave",
    "org.member.remove dave",
    "org.access_token.create harbour",
    "org.access_token.update harbour",
    "org.access_token.delete harbour",
    "org.settings.update harbour",
    "org.registry_access.enabled harbour",
    "org.registry_access.registry_added harbour",
    "org.registry_access.registry_updated harbour",
    "org.registry_access.disabled harbour",
    "org.registry_access.registry_removed harbour",
  ]);
  const { actions } = await alice.auditLogs.listActions({ account: "harbour" });
  const known = Object.entries(actions).flatMap(([group, { actions = [] }]) =>
    actions.map(({ name }) => `${group}.${name}`),
  );
  for (const event of events) assert(known.includes(event.split(" ")[0]!), event);
});

test("who comes and goes by the directory is logged as a member that comes and goes", async (context) => {
  const at = await stage(context);
  const { scim } = at.as(undefined);
  const schemas = ["urn:ietf:params:scim:schemas:core:2.0:User"];
  const events = await logged(at, "harbour", async () => {
    const { id } = await scim.createUser({ schemas, userName: "jon.snow@example.com" });
    const name = { familyName: "Snow" };
    for (const enabled of [false, false, true, true])
      await scim.updateUser({ id, schemas, enabled, name });
  });
  const [came, went] = ["org.member.add jonsnow", "org.member.remove jonsnow"];
  assert.deepEqual(events, [came, went, came]);
});

test("a push that makes a repository is logged as both", async (context) => {
  const at = await stage(context);
  const push = await registryFor(at, "bob", "bob/fresh");
  const logs = async () => (await at.as("bob").auditLogs.list({ account: "bob" })).logs;
  const before = (await logs()).length;
  assert.equal((await push("PUT", "manifests/v1", emptyIndex(), index)).status, 201);
  const events = (await logs()).slice(0, -before || undefined);
  assert.deepEqual(
    events.map(({ action, name, actor }) => `${action} ${name} by ${actor}`),
    ["repo.tag.push bob/fresh by bob", "repo.create bob/fresh by bob"],
  );
});

test("a push is logged with whoever pushed, tag and digest; what was refused is not", async (context) => {
  const at = await stage(context);
  const push = await pusher(at, "bob", "harbour/api");
  const events = await logged(at, "harbour", () => push("v2"));
  assert.deepEqual(events, ["repo.tag.push harbour/api"]);
  const { logs } = await at.as("alice").auditLogs.list({ account: "harbour", page_size: 1 });
  const { digest } = await at.as("alice").tags.get({ ...api, tag: "v2" });
  assert.deepEqual(logs[0], {
    account: "harbour",
    action: "repo.tag.push",
    name: "harbour/api",
    actor: "bob",
    data: { tag: "v2", digest },
    timestamp: "2026-05-01T12:00:01.000000Z",
    action_description: `pushed the tag v2 with the digest ${digest} to the repository harbour/api`,
  });
  const refusedOnes = await logged(at, "harbour", async () => {
    await refused(at.as("bob").repositories.delete(api), "FORBIDDEN");
    await refused(
      at.as("alice").repositories.create({ namespace: "harbour", name: "api" }),
      "CONFLICT",
    );
  });
  assert.deepEqual(refusedOnes, []);
});

test("events are found by action, actor, name and time, a page at a time", async (context) => {
  const at = await stage(context);
  const alice = at.as("alice");
  const [byAlice, byBob] = [
    await pusher(at, "alice", "harbour/api"),
    await pusher(at, "bob", "harbour/api"),
  ];
  const begin = at.clock.now;
  for (const [index, push] of [byAlice, byBob, byAlice].entries()) {
    at.clock.now = begin + (index + 1) * 1000;
    await push(`t${index}`);
  }
  at.clock.now += 1000;
  await alice.groups.create({ ...harbour, name: "pilots" });
  const moment = (second: number) => new Date(begin + second * 1000).toISOString();
  const found = async (filter: object) => {
    const asked = { account: "harbour", from: moment(1), ...filter };
    const { logs } = await alice.auditLogs.list(asked);
    return logs.map(({ action, data }) => data?.["tag"] ?? action);
  };
  assert.deepEqual(await found({}), ["org.team.create", "t2", "t1", "t0"]);
  assert.deepEqual(await found({ action: "repo.tag.push" }), ["t2", "t1", "t0"]);
  assert.deepEqual(await found({ actor: "bob" }), ["t1"]);
  assert.deepEqual(await found({ name: "harbour/api" }), ["t2", "t1", "t0"]);
  assert.deepEqual(await found({ name: "harbour" }), ["org.team.create"]);
  assert.deepEqual(await found({ from: moment(2), to: moment(3) }), ["t2", "t1"]);
  assert.deepEqual(await found({ page: 2, page_size: 3 }), ["t0"]);
  assert.deepEqual(await found({ page: 3, page_size: 3 }), []);
  for (let count = 0; count < 26; count += 1) await byBob("again");
  assert.equal((await alice.auditLogs.list({ account: "harbour" })).logs.length, 25);
  at.clock.now += 367 * 24 * 3600_000;
  assert.deepEqual(await found({}), []);
});

test("owners read their organization's log, users their own, and nobody another's", async (context) => {
  const { as } = await stage(context);
  await as("dave").repositories.create({ namespace: "dave", name: "one" });
  const { logs } = await as("dave").auditLogs.list({ account: "dave" });
  assert.deepEqual([logs[0]?.action, logs[0]?.actor], ["repo.create", "dave"]);
  await refused(as("alice").auditLogs.list({ account: "dave" }), "FORBIDDEN");
  for (const stranger of ["bob", "dave"])
    await refused(as(stranger).auditLogs.list({ account: "harbour" }), "FORBIDDEN");
  await refused(as("dave").auditLogs.listActions({ account: "harbour" }), "FORBIDDEN");
  await refused(as("dave").auditLogs.list({ account: "nobody" }), "NOT_FOUND");
  const { token } = await as("alice").accessTokens.create({
    token_label: "x",
    scopes: ["repo:admin"],
  });
  const byToken = as({ kind: "secret", identifier: "alice", secret: token! });
  await refused(byToken.auditLogs.list({ account: "harbour" }), "FORBIDDEN");
});

test("wharf hub audit reads it, and follows it", async (context) => {
  const at = await stage(context, { clock: Date.now });
  const environment = {
    DOCKERHUB_URL: at.sandbox.hubUrl,
    DOCKERHUB_USERNAME: "alice",
    DOCKERHUB_PASSWORD: "alice-password",
  };
  const alice = at.as("alice");
  for (const name of ["pilots", "stokers"]) await alice.groups.create({ ...harbour, name });
  const words = ["hub", "audit", "harbour", "--action"];
  const { stdout } = await wharfOk([...words, "org.team.create", "--limit", "1"], { environment });
  assert.match(stdout, /^2.*Z {2}alice {2}org\.team\.create {2}harbour\n$/);

  await alice.groups.delete({ ...harbour, group_name: "pilots" });
  const follower = spawnWharf(
    [...words, "org.team.delete", "--follow", "--every", "1s", "--json"],
    { environment },
  );
  const ended = new Promise<number | null>((resolve) => follower.once("close", resolve));
  context.after(async () => {
    follower.kill("SIGKILL");
    await ended;
  });
  const lines = createInterface(follower.stdout)[Symbol.asyncIterator]();
  const next = async () => (JSON.parse((await lines.next()).value) as { data: object }).data;
  assert.deepEqual(await next(), { team: "pilots" });
  await alice.groups.delete({ ...harbour, group_name: "stokers" });
  assert.deepEqual(await next(), { team: "stokers" });

  follower.kill("SIGINT");
  assert.equal(await ended, 130);
});

test("the seed's log goes back a year", async (context) => {
  const { as, clock } = await stage(context);
  const hub = as({ kind: "secret", identifier: "erin", secret: "erin-password" });
  const months = new Set<string>();
  for await (const { timestamp } of hub.auditLogs.list({ account: "pier" })) {
    const time = Date.parse(timestamp!);
    assert(time <= clock.now && time > clock.now - 366 * 24 * 3600_000);
    months.add(timestamp!.slice(0, 7));
  }
  assert(months.size >= 12, [...months].join(" "));
});
