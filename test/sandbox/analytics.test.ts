/** Publisher analytics: what was pulled at the registry is in them; who may see them; exports. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { index, registryFor } from "./registry-calls.ts";
import { refused, stage } from "./stage.ts";

const api = { namespace: "harbour", repo: "api" };

test("pulls at the registry are in the analytics of the running month, by repository and in all", async (context) => {
  const at = await stage(context);
  const { analytics } = at.as("bob");
  const month = { timespan: "months", period: "last-2-months" } as const;
  const count = async () => {
    const { pulls } = await analytics.getRepositoryPulls({ ...api, ...month });
    return pulls!.find(({ start }) => start === "2026-05-01T00:00:00Z")?.pullCount ?? 0;
  };
  const before = await count();
  const call = await registryFor(at, "dave", "harbour/api", "pull");
  for (let pull = 0; pull < 3; pull += 1)
    assert.equal((await call("GET", "manifests/latest")).status, 200);
  assert.equal((await call("HEAD", "manifests/latest")).status, 200);
  assert.equal(await count(), before + 3);

  const many = await analytics.getManyRepositoriesPulls({ repos: ["harbour/api"], ...month });
  const own = many.repos!["harbour/api"]!.pulls!;
  assert.equal(own.find(({ start }) => start === "2026-05-01T00:00:00Z")!.pullCount, before + 3);
  const weeks = await analytics.getNamespacePulls({
    namespace: "harbour",
    timespan: "weeks",
    period: "last-12-months",
    group: "namespace",
  });
  assert(weeks.pulls!.length > 40);
  assert.equal(weeks.pulls!.at(-1)!.namespace, "harbour");
  assert.equal(new Date(weeks.pulls!.at(-1)!.start!).getUTCDay(), 1);
});

test("of private repositories not even the name is told, for not every member may know of them", async (context) => {
  const at = await stage(context);
  const call = await registryFor(at, "alice", "harbour/ledger", "pull");
  const { tags } = (await (await call("GET", "tags/list")).json()) as { tags: string[] };
  assert.equal((await call("GET", `manifests/${tags[0]}`)).status, 200);
  const open = await registryFor(at, "alice", "harbour/api", "pull");
  assert.equal((await open("GET", "manifests/latest")).status, 200);
  at.clock.now = Date.parse("2026-06-01T00:00:00Z");
  const { analytics } = at.as("alice");
  await refused(
    analytics.getRepositoryPulls({ namespace: "harbour", repo: "ledger" }),
    "NOT_FOUND",
  );
  const all = await analytics.getNamespacePulls({ namespace: "harbour", period: "last-2-months" });
  const names = all.pulls!.map(({ repo }) => repo);
  assert(names.includes("api") && !names.includes("ledger"), names.join());
  for (const dataview of ["raw", "summary"] as const) {
    const may = { namespace: "harbour", year: 2026, timespantype: "months", timespan: 5 } as const;
    const { data } = await analytics.listExportFiles({ ...may, dataview });
    const csv = await (await fetch(data![0]!.url!)).text();
    assert.match(csv, /,api,/);
    assert.doesNotMatch(csv, /ledger/);
  }
});

test("exports are for months and weeks that are over, and are downloaded as CSV until their address ends", async (context) => {
  const at = await stage(context);
  const { analytics } = at.as("alice");
  const call = await registryFor(at, undefined, "harbour/api", "pull");
  await call("GET", "manifests/v1.2.0");
  for (let look = 0; look < 2; look += 1) await call("HEAD", "manifests/v1.2.0");
  const may = { namespace: "harbour", year: 2026, timespantype: "months", timespan: 5 } as const;
  await refused(analytics.getTimespan(may), "NOT_FOUND");
  at.clock.now = Date.parse("2026-06-01T00:00:00Z");
  // This one is June's.
  const later = await registryFor(at, undefined, "harbour/api", "pull");
  assert.equal((await later("GET", "manifests/v1.2.0")).status, 200);
  const hub = at.as("alice");
  assert.equal((await hub.analytics.getTimespan(may)).month, 5);
  const { years } = await hub.analytics.listYears({ namespace: "harbour" });
  assert.deepEqual(
    years!.map(({ year }) => year),
    [2025, 2026],
  );
  const { timespan: _, ...spans } = may;
  const { months } = await hub.analytics.listTimespans(spans);
  assert.equal(months!.at(-1)!.month, 5);
  const { weeks } = await hub.analytics.listTimespans({ ...spans, timespantype: "weeks" });
  assert.equal(weeks!.at(-1)!.week, 18);

  for (const [dataview, line] of [
    ["summary", /^month,2026-05-01,harbour,api,v1\.2\.0,1,1,0,2$/m],
    ["repo-summary", /^month,2026-05-01,harbour,api,\d+,\d+,\d+,2$/m],
    ["namespace-summary", /^month,2026-05-01,harbour,\d+,\d+,\d+,2$/m],
    [
      "raw",
      /^pull_by_tag,2026-05-01,,sha256:\w+,,,GET,harbour,The Harbour Company,v1\.2\.0,api,v1\.2\.0,/m,
    ],
  ] as const) {
    const { data } = await hub.analytics.listExportFiles({ ...may, dataview });
    const [{ url, size } = {}] = data!;
    const answer = await fetch(url!);
    assert.match(answer.headers.get("content-type")!, /^text\/csv/);
    const text = await answer.text();
    assert.equal(Buffer.byteLength(text), size);
    assert.match(text, line);
    assert.equal((await fetch(url!.replace("harbour", "pier"))).status, 404);
    at.clock.now += 16 * 60_000;
    assert.equal((await fetch(url!)).status, 403);
  }
});

test("members of a publisher see its pulls, others do not know of them", async (context) => {
  const { as } = await stage(context);
  assert.deepEqual(await as("bob").analytics.listNamespaces(), { namespaces: ["harbour"] });
  const [metadata] = await as("erin").analytics.listNamespaceMetadata();
  assert.deepEqual(metadata, await as("erin").analytics.getNamespace({ namespace: "pier" }));
  assert.deepEqual(metadata!.datasets![0]!.timespans, ["months", "weeks"]);
  assert.deepEqual(await as("dave").analytics.listNamespaces(), { namespaces: [] });
  await refused(as("dave").analytics.getRepositoryPulls(api), "NOT_FOUND");
  await refused(as("bob").analytics.getNamespace({ namespace: "library" }), "NOT_FOUND");
  await refused(as(undefined).analytics.listNamespaces(), "UNAUTHORIZED");
});

test("a period is so many whole months and the running one; open-source publishers have figures, too", async (context) => {
  const at = await stage(context, {
    clock: () => Date.parse("2026-05-20T12:00:00Z"),
    seed: {
      accounts: [{ name: "ann", password: "ann-password" }],
      organizations: [{ name: "works", badge: "open_source", members: { ann: "owner" } }],
      repositories: [{ name: "works/app", tags: ["latest"], created: "1y", pulls: 100_000 }],
    },
  });
  const { analytics } = at.as("ann");
  assert.deepEqual(await analytics.listNamespaces(), { namespaces: ["works"] });
  const months = async (period: "last-2-months" | "last-6-months") => {
    const { pulls } = await analytics.getNamespacePulls({ namespace: "works", period });
    return pulls!.map(({ start }) => start!.slice(0, 7)).join(" ");
  };
  assert.equal(await months("last-2-months"), "2026-03 2026-04 2026-05");
  assert.equal(
    await months("last-6-months"),
    "2025-11 2025-12 2026-01 2026-02 2026-03 2026-04 2026-05",
  );
});

test("what a push brings is no pull", async (context) => {
  const at = await stage(context);
  const call = await registryFor(at, "alice", "harbour/api");
  const ask = () =>
    at.as("alice").analytics.getRepositoryPulls({ ...api, period: "last-2-months" });
  const bytes = await (await call("GET", "manifests/latest")).text();
  const before = await ask();
  await call("PUT", "manifests/v3", bytes, index);
  assert.deepEqual(await ask(), before);
});

test("the first weeks of a year are found before its first month is over", async (context) => {
  const at = await stage(context);
  at.clock.now = Date.parse("2027-01-06T12:00:00Z");
  const call = await registryFor(at, undefined, "harbour/api", "pull");
  await call("GET", "manifests/latest");
  at.clock.now = Date.parse("2027-01-20T12:00:00Z");
  const { analytics } = at.as("alice");
  const { years } = await analytics.listYears({ namespace: "harbour" });
  assert.deepEqual(years!.at(-1), { year: 2027 });
  const { weeks } = await analytics.listTimespans({
    namespace: "harbour",
    year: 2027,
    timespantype: "weeks",
  });
  assert.deepEqual(weeks, [{ week: 1 }]);
});

test("weeks are told whole, also the one in which a period begins", async (context) => {
  const at = await stage(context);
  for (const day of ["2026-06-30", "2026-07-02"]) {
    at.clock.now = Date.parse(`${day}T12:00:00Z`);
    const call = await registryFor(at, undefined, "harbour/api", "pull");
    await call("GET", "manifests/latest");
  }
  at.clock.now = Date.parse("2026-09-10T12:00:00Z");
  const { pulls } = await at.as("bob").analytics.getRepositoryPulls({
    ...api,
    timespan: "weeks",
    period: "last-2-months",
  });
  const [week, ...others] = pulls!;
  assert.deepEqual(others, []);
  assert.deepEqual(week, {
    start: "2026-06-29T00:00:00Z",
    end: "2026-07-06T00:00:00Z",
    namespace: "harbour",
    repo: "api",
    pullCount: 2,
    ipCount: 1,
    country: null,
  });
});

test("a month of a billion pulls has sizes at once, and files that can be downloaded", async (context) => {
  const seed = {
    accounts: [{ name: "ann", password: "secret" }],
    organizations: [
      { name: "works", badge: "verified_publisher", members: { ann: "owner" } } as const,
    ],
    repositories: [{ name: "works/app", tags: ["latest"], pulls: 1e12 }],
  };
  const at = await stage(context, { seed });
  const hub = at.as({ kind: "secret", identifier: "ann", secret: "secret" });
  const { data } = await hub.analytics.listExportFiles({
    namespace: "works",
    year: 2026,
    timespantype: "months",
    timespan: 4,
    dataview: "raw",
  });
  assert.equal(data!.length, 1000);
  for (const { url, size } of [data![0]!, data!.at(-1)!]) {
    const text = await (await fetch(url!)).text();
    assert.equal(Buffer.byteLength(text), size);
    assert.equal(text.split("\n").length, 50_002);
  }
});
