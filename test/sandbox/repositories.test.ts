/** Repositories of the sandbox: who sees them, what they say, how they go. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { registryFor } from "./registry-calls.ts";
import { refused, stage } from "./stage.ts";

const ledger = { namespace: "harbour", repository: "ledger" };

test("a private repository is seen by owners and by members of its teams, and by nobody else", async (context) => {
  const { as } = await stage(context);
  const [alice, bob, dave, nobody] = [as("alice"), as("bob"), as("dave"), as(undefined)];
  assert.equal((await alice.repositories.get(ledger)).permissions?.admin, true);
  for (const hub of [bob, dave, nobody]) {
    await refused(hub.repositories.get(ledger), "NOT_FOUND");
    assert.equal(await hub.repositories.check(ledger), false);
    await refused(hub.tags.list(ledger), "NOT_FOUND");
    const { results } = await hub.repositories.list({ namespace: "harbour" });
    assert.deepEqual(
      results.map(({ name }) => name),
      ["api"],
    );
  }
  await alice.groups.addMember({
    org_name: "harbour",
    group_name: "bookkeepers",
    member: "bob",
  });
  assert.equal(await bob.repositories.check(ledger), true);
  assert.equal((await bob.repositories.list({ namespace: "harbour" })).count, 2);
  await alice.repositories.setPrivacy({ ...ledger, is_private: false });
  assert.equal((await nobody.repositories.get(ledger)).is_private, false);
  await refused(dave.repositories.update({ ...ledger, description: "mine" }), "FORBIDDEN");
});

test("a repository is made, described, sorted in, starred and deleted", async (context) => {
  const { as } = await stage(context);
  const [alice, dave] = [as("alice"), as("dave")];
  const one = { namespace: "alice", repository: "new-one" };
  const made = await alice.repositories.create({
    namespace: "alice",
    name: "new-one",
    description: "First",
  });
  assert.deepEqual([made.description, made.star_count, made.is_private], ["First", 0, false]);
  await refused(
    alice.repositories.create({ namespace: "alice", name: "new-one" }),
    "CONFLICT",
    /already exists/,
  );
  await refused(dave.repositories.create({ namespace: "alice", name: "theirs" }), "FORBIDDEN");
  await alice.repositories.update({ ...one, full_description: "# New" });
  const [category] = await alice.categories.list();
  await alice.repositories.setCategories({ ...one, categories: [category!] });
  await dave.stars.add(one);
  await dave.stars.add(one);
  const shown = await dave.repositories.get(one);
  assert.deepEqual(
    [shown.full_description, shown.categories, shown.star_count, shown.has_starred],
    ["# New", [category], 1, true],
  );
  assert.equal((await dave.stars.list({ username: "dave" })).results[0]?.name, "new-one");
  assert.equal((await dave.search.query({ query: "new-one" })).total, 1);
  await dave.stars.delete(one);
  assert.equal((await alice.repositories.get(one)).star_count, 0);
  await refused(dave.repositories.delete(one), "FORBIDDEN");
  await alice.repositories.delete(one);
  assert.equal(await alice.repositories.check(one), false);
  assert.equal((await dave.search.query({ query: "new-one" })).total, 0);
});

test("a collaborator may push to a user's private repository, an organization has none", async (context) => {
  const { as } = await stage(context);
  const [alice, dave] = [as("alice"), as("dave")];
  const notes = { namespace: "alice", repository: "notes" };
  await alice.collaborators.add({ ...notes, user: "dave" });
  assert.equal((await dave.repositories.get(notes)).permissions?.write, true);
  assert.deepEqual((await alice.collaborators.list(notes)).results, [{ user: "dave" }]);
  await alice.collaborators.delete({ ...notes, username: "dave" });
  assert.equal(await dave.repositories.check(notes), false);
  await refused(alice.collaborators.delete({ ...notes, username: "dave" }), "NOT_FOUND");
  await refused(alice.collaborators.add({ ...notes, user: "harbour" }), "REQUEST_INVALID");
  await refused(alice.collaborators.add({ ...ledger, user: "dave" }), "REQUEST_INVALID");
});

test("lists are sorted, filtered and paged as they are asked for", async (context) => {
  const { as, ask, sandbox } = await stage(context);
  const alice = as("alice");
  for (let number = 10; number < 35; number += 1)
    await alice.repositories.create({ namespace: "alice", name: `box-${number}` });
  const names = [];
  for await (const { name } of alice.repositories.list(
    { namespace: "alice", name: "box", ordering: "name" },
    { pageSize: 7 },
  ))
    names.push(name);
  assert.deepEqual(
    names,
    Array.from({ length: 25 }, (_, number) => `box-${number + 10}`),
  );
  const oldest = async (ordering: "last_updated" | "-last_updated") =>
    (await alice.repositories.list({ namespace: "pier", ordering })).results.map(
      ({ last_updated }) => last_updated,
    );
  const rising = await oldest("last_updated");
  assert.deepEqual(rising, rising.toSorted());
  assert.deepEqual(await oldest("-last_updated"), rising.toReversed());
  const path = "/v2/namespaces/alice/repositories?name=box&ordering=-name";
  const first = await ask("GET", `${path}&page_size=20`);
  assert.equal(first.body.count, 25);
  assert.equal(first.body.results[0].name, "box-34");
  assert.equal(first.body.next, `${sandbox.hubUrl}${path}&page_size=20&page=2`);
  assert.equal(first.body.previous, null);
  const second = await (await fetch(first.body.next)).json();
  assert.equal((second as { results: unknown[] }).results.length, 5);
  assert.equal((await ask("GET", `${path}&page=9`)).status, 404);
  assert.equal((await ask("GET", `${path}&page_size=5000`)).body.results.length, 25);
  const wrong = await ask("GET", "/v2/namespaces/alice/repositories?ordering=size");
  assert.equal(wrong.status, 400);
  assert.deepEqual(Object.keys(wrong.body), ["fields", "text"]);
});

test("a search finds what is official first, then what is pulled most, in part and in order", async (context) => {
  const { as, ask } = await stage(context);
  const { search } = as(undefined);
  type Question = Parameters<typeof search.query>[0];
  const names = async (question: Question = {}) =>
    (await search.query(question)).results.map(({ name }) => name);
  const all = await names();
  assert.deepEqual(all.slice(0, 4), ["hello", "wharf", "pier/gateway", "harbour/api"]);
  assert.deepEqual(await names({ from: 1, size: 2 }), all.slice(1, 3));
  const byPulls = await names({ sort: "pull_count" });
  assert.deepEqual(byPulls.slice(0, 3), ["hello", "pier/gateway", "wharf"]);
  assert.equal((await names({ sort: "pull_count", order: "asc" })).at(-1), "hello");
  const words = async (count: number) =>
    (await ask("GET", `/api/search/v4?query=${"api+".repeat(count)}`)).body.total as number;
  assert.equal(await words(3000), await words(1), "of very many words the first ones count");
});

test("tags are listed by name, by time, and as far as they have a platform", async (context) => {
  const at = await stage(context);
  const path = "/v2/repositories/harbour/api/tags/";
  const call = await registryFor(at, "bob", "harbour/api");
  const index = (await (await call("GET", "manifests/latest")).json()) as {
    manifests: { digest: string; mediaType: string }[];
  };
  const [{ digest, mediaType }] = index.manifests as [(typeof index.manifests)[number]];
  const amd64 = await (await call("GET", `manifests/${digest}`)).text();
  at.clock.now += 60_000;
  assert.equal((await call("PUT", "manifests/a-new-one", amd64, mediaType)).status, 201);
  const names = async (query: string) =>
    (await at.ask("GET", path + query)).body.results.map(({ name }: { name: string }) => name);
  const all = ["a-new-one", "latest", "v1.2.0"];
  assert.deepEqual(await names("?ordering=name"), all);
  assert.deepEqual(await names("?ordering=-name"), all.toReversed());
  assert.equal((await names("?ordering=last_updated")).at(-1), "a-new-one");
  assert.equal((await names(""))[0], "a-new-one");
  const api = { namespace: "harbour", repository: "api" };
  const having = async (platform: { os?: string; architecture?: string }) =>
    (await at.as(undefined).tags.list({ ...api, ...platform })).count;
  assert.deepEqual(
    [await having({ architecture: "amd64" }), await having({ architecture: "arm64" })],
    [3, 2],
  );
  assert.deepEqual([await having({ os: "linux" }), await having({ os: "windows" })], [3, 0]);
  assert.equal(await having({ os: "windows", architecture: "amd64" }), 0);
});

test("comments of older days are shown, the newest first", async (context) => {
  const { as } = await stage(context);
  const { count, results } = await as(undefined).comments.list({
    namespace: "library",
    repository: "hello",
  });
  assert.deepEqual([count, results.map(({ user }) => user)], [2, ["bob", "dave"]]);
});

test("a logo is for namespaces with a badge, and must be a picture", async (context) => {
  const { as } = await stage(context);
  const [alice, nobody] = [as("alice"), as(undefined)];
  const api = { namespace: "harbour", repository: "api" };
  const image = new Uint8Array(Buffer.from("89504e470d0a1a0a2a", "hex"));
  await refused(nobody.repositories.getLogo(api), "NOT_FOUND");
  await refused(
    alice.repositories.uploadLogo({ ...api, image: Buffer.from("text") }),
    "REQUEST_INVALID",
  );
  await alice.repositories.uploadLogo({ ...api, image });
  assert.deepEqual(new Uint8Array(await nobody.repositories.getLogo(api)), image);
  await alice.repositories.setPrivacy({ ...api, is_private: true });
  await refused(nobody.repositories.getLogo(api), "NOT_FOUND");
  await alice.repositories.setPrivacy({ ...api, is_private: false });
  await alice.repositories.deleteLogo(api);
  await refused(nobody.repositories.getLogo(api), "NOT_FOUND");
  const site = { namespace: "alice", repository: "site", image };
  await refused(alice.repositories.uploadLogo(site), "FORBIDDEN", /verified/);
});
