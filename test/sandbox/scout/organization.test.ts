/** Scout of the sandbox, what belongs to an organization: repositories, mirrors, webhooks. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { collect } from "../../../src/hub/testing/stage.ts";
import { refused } from "../stage.ts";
import { built } from "./built.ts";
import { digestOf, latest, pier, scoutStage } from "./stage.ts";

const add = `mutation add($context: Context!, $input: AddVulnerabilityExceptionInput!) {
  addVulnerabilityException(context: $context, input: $input) { exception { id type author } }
}`;

test("a repository that is switched off is not analysed, nor is a blocked one", async (context) => {
  const at = await scoutStage(context);
  const scout = at.scout("erin");
  const digest = await digestOf(at, "erin", "pier/tides", "latest");
  const state = async () => {
    const { items } = await scout.streamImages({ ...pier, stream: latest, repoName: "pier/tides" });
    const found = await scout.imageDetails({ ...pier, digest, repository: "pier/tides" });
    const { count } = await scout.enabledRepositories(pier);
    return [items.length, found[0]?.sbomState, count];
  };
  const reporting = `mutation set($context: Context, $enabled: Boolean!) {
    setRepoVulnerabilityReporting(context: $context, reporting: { repoName: "pier/tides", enabled: $enabled }) { enabled }
  }`;
  const blocking = `mutation set($context: Context!, $blocked: Boolean!) {
    setReposBlocked(context: $context, input: { repoNames: ["pier/tides"], blocked: $blocked }) { repoName blocked }
  }`;
  assert.deepEqual(await state(), [2, "INDEXED", 3]);
  await at.run("erin", reporting, { context: pier, enabled: false });
  assert.deepEqual(await state(), [0, "NONE", 2]);
  const { lastRepoEnablementChangeAt } = await scout.organizationStatus(pier);
  assert.equal(lastRepoEnablementChangeAt, "2026-05-01T12:00:00.000000Z");
  await at.run("erin", reporting, { context: pier, enabled: true });
  await at.run("erin", blocking, { context: pier, blocked: true });
  assert.deepEqual(await state(), [0, "NONE", 2]);
  const { listBlockedRepos } = await at.run(
    "erin",
    "query ($context: Context!) { listBlockedRepos(context: $context) { repos { repoName } } }",
    { context: pier },
  );
  assert.deepEqual(listBlockedRepos.repos, [{ repoName: "pier/tides" }]);
  await refused(
    at.run("erin", reporting, { context: pier, enabled: true }),
    "REQUEST_INVALID",
    /blocked/,
  );
  await at.run("erin", blocking, { context: pier, blocked: false });
  assert.deepEqual(await state(), [2, "INDEXED", 3]);
});

test("what is pushed is analysed only as long as somebody wants that", async (context) => {
  const at = await scoutStage(context);
  const scout = at.scout("alice");
  const harbour = { organization: "harbour" };
  const onPush = (enabled: boolean) =>
    at.run(
      "alice",
      "mutation ($c: Context!, $enabled: Boolean!) { setEnableReposOnPush(context: $c, input: { enabled: $enabled }) { enabled } }",
      { c: harbour, enabled },
    );
  const before = (await scout.enabledRepositories(harbour)).count;
  await onPush(false);
  await at.push("alice", "harbour/late", await built([]));
  assert.equal((await scout.enabledRepositories(harbour)).count, before, "what is there stays");
  await onPush(true);
  await at.push("alice", "harbour/later", await built([]));
  const { repos } = await scout.enabledRepositories(harbour);
  assert.deepEqual(
    repos.map(({ repoName }) => repoName).filter((name) => name.includes("late")),
    ["harbour/later"],
  );
});

test("a plan that includes one repository refuses a second one", async (context) => {
  const at = await scoutStage(context);
  const dave = { organization: "dave" };
  for (const name of ["one", "two"])
    await at.as("dave").repositories.create({ namespace: "dave", name });
  const { plan, featureEntitlements } = await at.scout("dave").entitlements(dave);
  assert.deepEqual(
    [plan.isFree, featureEntitlements?.remoteRepository.repoEntitlementExceeded],
    [true, true],
  );
  await refused(
    at.run(
      "dave",
      'mutation { setRepoVulnerabilityReporting(reporting: { repoName: "dave/one", enabled: true }) { enabled } }',
    ),
    "PLAN_INSUFFICIENT",
  );
});

test("a mirror brings a repository with hardened images, which the registry gives out", async (context) => {
  const at = await scoutStage(context);
  const scout = at.scout("erin");
  const mirroring = (name: string, source = "python") =>
    at.run(
      "erin",
      `mutation set($context: Context!, $from: DhiSourceRepositoryInput!, $to: DhiDestinationRepositoryInput!) {
        dhiSetMirroredRepository(context: $context, input: { dhiSourceRepository: $from, destinationRepository: $to }) {
          mirroredRepository { id }
        }
      }`,
      {
        context: pier,
        from: { namespace: "dhi", name: source },
        to: { namespace: "pier", name },
      },
    );
  const { dhiSetMirroredRepository: made } = await mirroring("dhi-python");
  const { mirroredRepositories, totalCount } = await scout.mirrors(pier);
  assert.equal(totalCount, 1);
  assert.equal(mirroredRepositories[0]!.dhiSourceRepository.displayName, "Python");
  const { results } = await at
    .as("erin")
    .tags.list({ namespace: "pier", repository: "dhi-python" });
  assert.deepEqual(results.map(({ name }) => name).toSorted(), ["3", "3.14", "3.14-debian12"]);
  const logs = await collect(
    scout.mirroringLogs({ ...pier, triggeredSince: "2026-01-01T00:00:00Z" }),
  );
  assert.deepEqual(
    logs.map(({ tag, status }) => [tag, status]),
    [
      ["3", "SUCCEEDED"],
      ["3.14", "SUCCEEDED"],
      ["3.14-debian12", "SUCCEEDED"],
    ],
  );
  assert.equal(logs[0]!.digest, results[0]!.digest);
  const { repos } = await scout.enabledRepositories(pier);
  assert.equal(repos.find(({ repoName }) => repoName === "pier/dhi-python")?.type, "dhi_mirror");
  await refused(mirroring("python"), "REQUEST_INVALID", /dhi-/);
  await refused(mirroring("dhi-none", "none"), "NOT_FOUND");
  const { dhiRemoveMirroredRepository: removed } = await at.run(
    "erin",
    "mutation ($c: Context!, $id: String!) { dhiRemoveMirroredRepository(context: $c, input: { mirroredRepositoryId: $id }) { status } }",
    { c: pier, id: made.mirroredRepository.id },
  );
  assert.equal(removed.status, "ACCEPTED");
  assert.equal((await scout.mirrors(pier)).totalCount, 0);
  assert(await at.as("erin").repositories.check({ namespace: "pier", repository: "dhi-python" }));
});

test("webhooks are kept, and their secrets are not told again", async (context) => {
  const at = await scoutStage(context);
  const { createWebhook: made } = await at.run(
    "erin",
    `mutation ($c: Context!) {
      createWebhook(context: $c, input: { payloadUrl: "https://example.com/hook", events: [EVERYTHING], signingKey: "sesame", active: true }) { id }
    }`,
    { c: pier },
  );
  const list = async () =>
    (
      await at.run(
        "erin",
        "query ($c: Context!) { listWebhooks(context: $c) { items { id payloadUrl events signingKey active } } }",
        { c: pier },
      )
    )["listWebhooks"].items;
  assert.deepEqual(await list(), [
    {
      id: made.id,
      payloadUrl: "https://example.com/hook",
      events: ["EVERYTHING"],
      signingKey: "********",
      active: true,
    },
  ]);
  await at.run(
    "erin",
    `mutation ($c: Context!, $id: String!) {
      updateWebhook(context: $c, input: { id: $id, payloadUrl: "https://example.com/other", events: [DHI_MIRROR_COMPLETED], active: false }) { id }
    }`,
    { c: pier, id: made.id },
  );
  assert.deepEqual(
    (await list()).map((each: { active: boolean; payloadUrl: string }) => [
      each.active,
      each.payloadUrl,
    ]),
    [[false, "https://example.com/other"]],
  );
  await refused(
    at.run("bob", "query ($c: Context!) { listWebhooks(context: $c) { items { id } } }", {
      c: { organization: "harbour" },
    }),
    "FORBIDDEN",
  );
  await at.run(
    "erin",
    "mutation ($c: Context!, $id: String!) { deleteWebhook(context: $c, id: $id) { success } }",
    {
      c: pier,
      id: made.id,
    },
  );
  assert.deepEqual(await list(), []);
});

test("webhooks that notify people are made, changed and removed", async (context) => {
  const at = await scoutStage(context);
  const fields = `... on SlackWebhook { ID name url streams weeklyReportSettings { enabled excludePolicies } }
    ... on GenericWebhook { ID name }`;
  const { addNotificationWebhook: made } = await at.run(
    "erin",
    `mutation ($c: Context!) {
      addNotificationWebhook(context: $c, input: {
        name: "news", webhookType: SLACK, url: "https://hooks.example.com/services/secret", streams: ["production"]
      }) { ${fields} }
    }`,
    { c: pier },
  );
  assert.equal(made.url, "https://hooks.example.com/********");
  await at.run(
    "erin",
    `mutation ($c: Context!, $id: String!) {
      updateNotificationWebhook(context: $c, input: { ID: $id, weeklyReportSettings: { enabled: true } }) { ${fields} }
    }`,
    { c: pier, id: made.ID },
  );
  const list = async (type: string) =>
    (
      await at.run(
        "erin",
        `query ($c: Context!, $type: WebhookType) {
          notificationWebhooks(context: $c, filter: { webhookType: $type }) { __typename ${fields} }
        }`,
        { c: pier, type },
      )
    )["notificationWebhooks"];
  assert.deepEqual(await list("GENERIC"), []);
  assert.deepEqual(await list("SLACK"), [
    {
      __typename: "SlackWebhook",
      ID: made.ID,
      name: "news",
      url: "https://hooks.example.com/********",
      streams: ["production"],
      weeklyReportSettings: { enabled: true, excludePolicies: false },
    },
  ]);
  const removing =
    "mutation ($c: Context!, $id: String!) { removeNotificationWebhook(context: $c, ID: $id) }";
  await at.run("erin", removing, { c: pier, id: made.ID });
  assert.deepEqual(await list("SLACK"), []);
  await refused(at.run("erin", removing, { c: pier, id: made.ID }), "NOT_FOUND");
});

test("a reset takes all of it away, a snapshot keeps it", async (context) => {
  const at = await scoutStage(context);
  const input = { cveId: "CVE-2026-90001", type: "ACCEPTED_RISK", additionalDetails: "x" };
  await at.run("erin", add, { context: pier, input });
  const snapshot = await at.sandbox.snapshot();
  const count = async () => (await at.scout("erin").exceptions(pier)).paging.totalCount;
  assert.equal(await count(), 1);
  await at.sandbox.reset();
  assert.equal(await count(), 0);
  await at.sandbox.restore(snapshot);
  assert.equal(await count(), 1);
});
