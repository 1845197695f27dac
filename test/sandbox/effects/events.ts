/** What follows from what is done: the audit log, webhooks and builds. */
import assert from "node:assert/strict";

import { pusher } from "../pusher.ts";
import { registryFor } from "../registry-calls.ts";
import { refused, type Stage } from "../stage.ts";
import { scenario, type Scenarios } from "./scenario.ts";

const namespace = "harbour";
const api = { namespace, repository: "api" };

interface Payload {
  readonly push_data: { readonly tag: string };
  readonly repository: { readonly dockerfile: string };
}

/** What a push to harbour/api sends, and where to. Nobody has to listen there: it stands in the state before it is sent. */
async function sentBy(at: Stage, tag: string): Promise<{ url: string; payload: Payload }[]> {
  assert.equal(await (await pusher(at, "bob", "harbour/api"))(tag), 201);
  return at.sandbox.deliveries
    .map(({ hook_url: url, payload }) => ({ url, payload: payload as Payload }))
    .filter(({ payload }) => payload.push_data.tag === tag);
}

export const events: Scenarios = {
  "what other operations do stands in the log, by actions that are listed": scenario(
    ["auditLogs.list listActions", "groups.create", "stars.add", "accessTokens.create"],
    async (at) => {
      const alice = at.as("alice");
      await alice.groups.create({ org_name: namespace, name: "pilots" });
      await alice.stars.add(api);
      await alice.accessTokens.create({ token_label: "ci", scopes: ["repo:read"] });
      const { logs } = await alice.auditLogs.list({ account: namespace, page_size: 100 });
      assert.deepEqual(
        [logs[0]?.action, logs[0]?.actor, logs[0]?.data],
        ["org.team.create", "alice", { team: "pilots" }],
      );
      const own = await alice.auditLogs.list({ account: "alice", page_size: 100 });
      const { actions } = await alice.auditLogs.listActions({ account: namespace });
      const listed = Object.entries(actions).flatMap(([group, { actions = [] }]) =>
        actions.map(({ name }) => `${group}.${name}`),
      );
      for (const { action } of [...logs, ...own.logs]) assert(listed.includes(action), action);
    },
  ),

  "a webhook is called by pushes from when it has an address, until it is deleted": scenario(
    ["webhooks.create createHook list delete", "webhookPipelines.create delete"],
    async (at) => {
      const { webhooks, webhookPipelines } = at.as("alice");
      const [deploy, check] = ["http://127.0.0.1:9/deploy", "http://127.0.0.1:9/check"];
      const called = async (tag: string) =>
        (await sentBy(at, tag)).map(({ url }) => url).toSorted();
      const shown = async () =>
        (await webhooks.list(api)).results.map(({ name, hooks }) => [
          name,
          ...(hooks ?? []).map(({ hook_url }) => hook_url),
        ]);
      const { id: webhook_id = 0 } = await webhooks.create({ ...api, name: "Deploy" });
      assert.deepEqual(await called("t1"), []);
      await webhooks.createHook({ ...api, webhook_id, hook_url: deploy });
      const { slug = "" } = await webhookPipelines.create({
        ...api,
        name: "Check it",
        webhooks: [{ name: "check", hook_url: check }],
      });
      assert.deepEqual(await shown(), [
        ["Deploy", deploy],
        ["Check it", check],
      ]);
      assert.deepEqual(await called("t2"), [check, deploy]);
      await webhookPipelines.delete({ ...api, slug });
      assert.deepEqual(await called("t3"), [deploy]);
      await webhooks.delete({ ...api, webhook_id });
      assert.deepEqual([await shown(), await called("t4")], [[], []]);
    },
  ),

  "a trigger pushes what the source says, as far as tags may be moved": scenario(
    [
      "builds.callTrigger listSources",
      "dockerfile.get",
      "immutableTags.update",
      "repositories.delete",
    ],
    async (at) => {
      const [alice, nobody] = [at.as("alice"), at.as(undefined)];
      const state = async () => (await nobody.builds.listSources(api)).objects[0]?.["state"];
      const response = await fetch(`${at.sandbox.urls.control}/builds`);
      const [{ trigger = "" } = {}] = (await response.json()) as { trigger?: string }[];
      const [, source_uuid = "", trigger_uuid = ""] =
        /source\/(.+)\/trigger\/(.+)\/call/.exec(trigger) ?? [];
      const { objects } = await nobody.builds.listSources(api);
      assert.deepEqual([objects[0]?.["uuid"], objects[0]?.["image"]], [source_uuid, "harbour/api"]);
      const build = { source_uuid, trigger_uuid, source_type: "Tag", source_name: "v7.0" } as const;
      await nobody.builds.callTrigger(build);
      const { digest } = await nobody.tags.get({ ...api, tag: "v7.0" });
      const call = await registryFor(at, undefined, "harbour/api", "pull");
      const head = await call("HEAD", "manifests/v7.0");
      assert.equal(head.headers.get("docker-content-digest"), digest);
      const rules = { immutable_tags: true, immutable_tags_rules: ["v7.*"] };
      await alice.immutableTags.update({ ...api, ...rules });
      at.clock.now += 60_000;
      await nobody.builds.callTrigger(build);
      assert.deepEqual(
        [await state(), (await nobody.tags.get({ ...api, tag: "v7.0" })).digest],
        ["Failed", digest],
      );
      // The Dockerfile stays with its repository: a webhook tells the same, and both go with it.
      const hooks = [{ name: "hook", hook_url: "http://127.0.0.1:9/" }];
      await alice.webhookPipelines.create({ ...api, webhooks: hooks });
      const [sent] = await sentBy(at, "other");
      const { contents } = await nobody.dockerfile.get(api);
      assert.equal(sent?.payload.repository.dockerfile, contents);
      await alice.repositories.delete(api);
      await refused(nobody.dockerfile.get(api), "NOT_FOUND");
      assert.equal(await state(), undefined);
    },
  ),
};
