/** Automated builds: what the address of a trigger brings about. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { refused, stage, type Stage } from "./stage.ts";

const api = { namespace: "harbour", repository: "api" };

/** The two secrets of the trigger of harbour/api, from the sandbox's control. */
async function triggerOf({ sandbox }: Stage) {
  const response = await fetch(`${sandbox.url}/_sandbox/builds`);
  const [build] = (await response.json()) as { repository: string; trigger: string }[];
  assert.equal(build?.repository, "harbour/api");
  const [, source_uuid = "", trigger_uuid = ""] =
    /source\/(.+)\/trigger\/(.+)\/call/.exec(build.trigger) ?? [];
  return { source_uuid, trigger_uuid };
}

test("the trigger of a build pushes a new image, as its owner", async (context) => {
  const at = await stage(context);
  const [alice, nobody] = [at.as("alice"), at.as(undefined)];
  const before = await nobody.tags.get({ ...api, tag: "latest" });
  at.clock.now += 60_000;
  await nobody.builds.callTrigger(await triggerOf(at));
  const after = await nobody.tags.get({ ...api, tag: "latest" });
  assert.notEqual(after.digest, before.digest);
  assert.equal(after.tag_last_pushed, "2026-05-01T12:01:00.000000Z");
  assert.deepEqual(
    after.images?.map(({ digest }) => digest),
    before.images?.map(({ digest }) => digest),
  );
  const { logs } = await alice.auditLogs.list({ account: "harbour", page_size: 1 });
  assert.deepEqual(
    [logs[0]?.action, logs[0]?.actor, logs[0]?.data],
    ["repo.tag.push", "harbour", { tag: "latest", digest: after.digest }],
  );
});

test("a tag of the sources becomes a tag; what no rule names is not built", async (context) => {
  const at = await stage(context);
  const nobody = at.as(undefined);
  const trigger = await triggerOf(at);
  const build = (source_type: "Branch" | "Tag", source_name: string) =>
    nobody.builds.callTrigger({ ...trigger, source_type, source_name });
  await build("Tag", "v3.0");
  assert.equal(await nobody.tags.check({ ...api, tag: "v3.0" }), true);
  const { count } = await nobody.tags.list(api);
  await build("Branch", "v4.0");
  await build("Tag", "nightly");
  assert.equal((await nobody.tags.list(api)).count, count);
});

test("a build cannot move a tag that is immutable, and says so", async (context) => {
  const at = await stage(context);
  const stateOf = async () => {
    const { objects } = await at.as(undefined).builds.listSources(api);
    return objects[0]?.["state"];
  };
  assert.equal(await stateOf(), "Success");
  const rules = { immutable_tags: true, immutable_tags_rules: ["^latest$"] };
  await at.as("alice").immutableTags.update({ ...api, ...rules });
  const before = await at.as(undefined).tags.get({ ...api, tag: "latest" });
  await at.as(undefined).builds.callTrigger(await triggerOf(at));
  assert.deepEqual(await at.as(undefined).tags.get({ ...api, tag: "latest" }), before);
  assert.equal(await stateOf(), "Failed");
});

test("only a repository that is built has sources, a Dockerfile and a trigger", async (context) => {
  const at = await stage(context);
  const nobody = at.as(undefined);
  assert.match((await nobody.dockerfile.get(api)).contents, /^FROM hello\n/);
  assert.equal((await nobody.repositories.get(api)).is_automated, true);
  const site = { namespace: "alice", repository: "site" };
  await refused(nobody.dockerfile.get(site), "NOT_FOUND");
  assert.deepEqual((await nobody.builds.listSources(site)).objects, []);
  await at.as("alice").repositories.setPrivacy({ ...api, is_private: true });
  assert.deepEqual((await nobody.builds.listSources(api)).objects, []);
  await refused(nobody.dockerfile.get(api), "NOT_FOUND");
  const { source_uuid } = await triggerOf(at);
  const wrong = { source_uuid, trigger_uuid: source_uuid };
  await refused(nobody.builds.callTrigger(wrong), "NOT_FOUND");
});
