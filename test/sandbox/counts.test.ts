/** Stars, pulls and times move wherever they are told. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { pusher } from "./pusher.ts";
import { stage } from "./stage.ts";

const api = { namespace: "harbour", repository: "api" };

test("a star is counted wherever stars are, once for each account", async (context) => {
  const { as, ask } = await stage(context);
  const dave = as("dave");
  const seen = async () => {
    const { star_count, has_starred } = await dave.repositories.get(api);
    const { results } = await dave.search.query({ query: "harbour/api" });
    const { results: starred } = await dave.stars.list({ username: "dave" });
    const { count } = (await as(undefined).stars.count(api)) as { count: number };
    const hit = results.find(({ name }) => name === "harbour/api");
    const isListed = starred.some(({ name }) => name === "api");
    return [star_count, hit?.star_count, count, has_starred, isListed];
  };
  const [before] = await seen();
  await dave.stars.add(api);
  await dave.stars.add(api);
  const after = Number(before) + 1;
  assert.deepEqual(await seen(), [after, after, after, true, true]);
  const listed = async (who: string) => {
    const { body } = await ask("GET", "/v2/users/dave/repositories/starred/", {
      token: await as(who).token(),
    });
    return body.results.some(({ name }: { name: string }) => name === "api");
  };
  await as("alice").repositories.setPrivacy({ ...api, is_private: true });
  assert.deepEqual([await listed("alice"), await listed("erin")], [true, false]);
  await as("alice").repositories.setPrivacy({ ...api, is_private: false });
  await dave.stars.delete(api);
  assert.deepEqual(await seen(), [before, before, before, false, false]);
});

test("a pull is counted, and tag, image and manifest tell when it was", async (context) => {
  const at = await stage(context);
  const nobody = at.as(undefined);
  const seen = async () => {
    const { results } = await nobody.search.query({ query: "harbour/api" });
    const hit = results.find(({ name }) => name === "harbour/api");
    const { pull_count } = await nobody.repositories.get(api);
    assert.equal(hit?.pull_count, String(pull_count));
    const tag = await nobody.tags.get({ ...api, tag: "latest" });
    const { manifests } = await at.as("dave").manifests.list(api);
    const whole = manifests?.find(({ digest }) => digest === tag.digest);
    assert.equal(whole?.["last_pulled"], tag.tag_last_pulled);
    const times = tag.images?.map(({ last_pulled }) => last_pulled);
    return { pulls: pull_count!, tag: tag.tag_last_pulled, images: times, status: tag.tag_status };
  };
  at.clock.now += 40 * 24 * 3600_000;
  const before = await seen();
  assert.equal(before.status, "inactive");
  const anonymous = `${at.sandbox.url}/token?scope=repository:harbour/api:pull`;
  const { token } = (await (await fetch(anonymous)).json()) as { token: string };
  const pull = async (reference: string) => {
    const path = `${at.sandbox.url}/v2/harbour/api/manifests/${reference}`;
    const answer = await fetch(path, { headers: { authorization: `Bearer ${token}` } });
    return (await answer.json()) as { manifests: { digest: string }[] };
  };
  const { manifests } = await pull("latest");
  await pull(manifests[0]!.digest);
  const now = new Date(at.clock.now).toISOString().replace("Z", "000Z");
  assert.deepEqual(await seen(), {
    pulls: before.pulls + 2,
    tag: now,
    images: [now, ...before.images!.slice(1)],
    status: "active",
  });
});

test("a push tells its time in the tag, the image and the repository, and is first in the list", async (context) => {
  const at = await stage(context);
  const nobody = at.as(undefined);
  const push = await pusher(at, "bob", "harbour/api");
  at.clock.now += 60_000;
  await push("v1.2.0");
  const now = new Date(at.clock.now).toISOString().replace("Z", "000Z");
  const { results } = await nobody.tags.list(api);
  assert.deepEqual([results[0]?.name, results[0]?.tag_last_pushed], ["v1.2.0", now]);
  assert.equal((await nobody.repositories.get(api)).last_updated, now);
  const listed = await nobody.repositories.list({ namespace: "harbour" });
  assert.equal(listed.results[0]?.name, "api");
});
