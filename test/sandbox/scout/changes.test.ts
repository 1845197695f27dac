/** What is changed in Scout, and where else it shows: environments, lists, policies. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { collect } from "../../../src/hub/testing/stage.ts";
import { refused } from "../stage.ts";
import { built } from "./built.ts";
import { latest, pier, scoutStage } from "./stage.ts";

const environment = `mutation set($context: Context!, $stream: String!, $images: [SetStreamImagesImage!]!) {
  setStreamImages(context: $context, input: { stream: $stream, images: $images }) { status }
}`;

test("a mutation that fails half way leaves nothing behind", async (context) => {
  const at = await scoutStage(context);
  const images = [
    { image: "pier/gateway:v1.0.0", appName: "gateway" },
    { image: "pier/gateway:none", appName: "other" },
  ];
  await refused(
    at.run("erin", environment, { context: pier, stream: "production", images }),
    "NOT_FOUND",
  );
  const { items } = await at.scout("erin").streams(pier);
  assert.deepEqual(items, [{ name: latest }]);
});

test("an environment has the images that somebody says run there, one for each application", async (context) => {
  const at = await scoutStage(context);
  const scout = at.scout("erin");
  const stream = "production";
  const images = [
    { image: "pier/gateway:v1.0.0", appName: "gateway" },
    {
      image: "pier/tides:latest",
      appName: "tides",
      platform: { os: "linux", architecture: "arm64" },
    },
  ];
  await at.run("erin", environment, { context: pier, stream, images });
  assert.deepEqual((await scout.streams({ ...pier, namePrefix: "prod" })).items, [
    { name: stream },
  ]);
  const of = async () => {
    const found = await scout.streamImages({ ...pier, stream });
    return found.items
      .map(({ repository, platform }) => `${repository.repoName} ${platform?.architecture}`)
      .toSorted();
  };
  assert.deepEqual(await of(), ["pier/gateway amd64", "pier/gateway arm64", "pier/tides arm64"]);
  const cves = await scout.streamCves({ ...pier, stream, field: "SEVERITY" });
  assert.deepEqual(
    cves.items.map(({ cveId, detectedInCount, fixable }) => [cveId, detectedInCount, fixable]),
    [
      ["CVE-2026-90001", 2, true],
      ["CVE-2026-90004", 2, true],
      ["CVE-2026-90002", 3, false],
      ["CVE-2026-90005", 2, true],
    ],
  );
  const worst = await scout.streamCves({ ...pier, stream, severities: ["LOW"] });
  assert.equal(worst.paging.totalCount, 1);
  const rising = await scout.streamCves({
    ...pier,
    stream,
    field: "CVSS_SCORE",
    sortOrder: "ASCENDING",
  });
  assert.equal(rising.items[0]!.cveId, "CVE-2026-90005");

  // Of the same application the newer one replaces the older.
  const document = `mutation add($context: Context!, $input: AddImageToStreamInput!) {
    addImageToStream(context: $context, input: $input) { status }
  }`;
  const input = { stream, image: "pier/gateway:v1.6.0", appName: "gateway" };
  await at.run("erin", document, { context: pier, input });
  const after = await scout.streamCves({ ...pier, stream });
  assert.deepEqual(
    after.items.map(({ cveId }) => cveId),
    ["CVE-2026-90002"],
  );
  const counts = await at.run(
    "erin",
    `query ($context: Context!) {
      streamSummary(context: $context, query: { stream: "production", summaryMode: UNIQUE_BY_CVE }) {
        vulnerabilityReport { medium total }
      }
    }`,
    { context: pier },
  );
  assert.deepEqual(counts["streamSummary"].vulnerabilityReport, { medium: 1, total: 1 });
  await refused(scout.streamImages({ ...pier, stream: "nowhere" }), "NOT_FOUND", /nowhere/);
});

test("lists come page after page, filtered and in the order that is asked for", async (context) => {
  const at = await scoutStage(context);
  const scout = at.scout("erin");
  const all = await collect(scout.streamImages({ ...pier, stream: latest, pageSize: 4 }));
  assert.equal(all.length, 6);
  assert.equal(new Set(all.map((each) => each.repository.repoName + each.digest)).size, 6);
  const second = await scout.streamImages({ ...pier, stream: latest, pageSize: 4, page: 2 });
  assert.deepEqual([second.items.length, second.paging.totalCount], [2, 6]);
  const tides = await scout.streamImages({ ...pier, stream: latest, repoName: "pier/tides" });
  assert.equal(tides.paging.totalCount, 2);
  const rising = await scout.streamImages({
    ...pier,
    stream: latest,
    field: "TAG_UPDATED_AT",
    sortOrder: "ASCENDING",
  });
  const times = rising.items.map(({ tags }) => tags[0]!.updatedAt!);
  assert.deepEqual(times, times.toSorted());
  await refused(
    scout.streamImages({ ...pier, stream: latest, pageSize: 1000 }),
    "REQUEST_INVALID",
    /pageSize/,
  );
  const found = await scout.imagesWithPackage({
    ...pier,
    stream: latest,
    name: "hello",
    type: "generic",
    packageVersion: "1.6.0",
    repoName: "pier/berths",
  });
  assert.deepEqual(
    [found.versions, found.items.map(({ repository }) => repository.repoName)],
    [["1.6.0"], ["pier/berths", "pier/berths"]],
  );
});

test("policies count what complies, and what has changed since", async (context) => {
  const at = await scoutStage(context);
  const scout = at.scout("alice");
  const harbour = { organization: "harbour" };
  const before = await summary();
  at.clock.now += 60_000;
  const deltaTimestamp = new Date(at.clock.now).toISOString().replace("Z", "000Z");
  at.clock.now += 60_000;
  const bad = await built([{ purl: "pkg:npm/lodash@4.17.20", license: "AGPL-3.0-only" }]);
  await at.push("alice", "harbour/bad", bad);
  const after = await summary(deltaTimestamp);
  assert.deepEqual(
    [after.totalImages - before.totalImages, after.totalDeviations - before.totalDeviations],
    [1, 1],
  );
  assert.deepEqual(
    [after.delta.totalImages, after.delta.totalDeviations, after.delta.timestamp],
    [1, 1, deltaTimestamp],
  );
  const { items } = await scout.policyImages({
    ...harbour,
    stream: latest,
    definitionName: "copyleft-licenses",
    configurationName: "default",
    policyState: "noncompliant",
  });
  assert.deepEqual(
    items.map(({ latestImage, policy }) => [
      latestImage.repository.repoName,
      policy.currentResult?.deviations?.map((each) => each["purl"]),
    ]),
    [["harbour/bad", ["pkg:npm/lodash@4.17.20"]]],
  );
  const results = await scout.imagePolicies({ ...harbour, digest: bad.digest });
  assert.deepEqual(
    results.policies.map(({ definitionName, currentResult }) => [
      definitionName,
      currentResult?.statusLabel,
    ]),
    [
      ["critical-high-vulnerabilities", "noncompliant"],
      ["high-profile-vulnerabilities", "compliant"],
      ["copyleft-licenses", "noncompliant"],
      ["default-non-root-user", "noncompliant"],
      ["supply-chain-attestations", "compliant"],
      ["up-to-date-base-images", undefined],
    ],
  );
  await refused(
    scout.policyImages({
      ...harbour,
      stream: latest,
      definitionName: "none",
      configurationName: "default",
    }),
    "NOT_FOUND",
  );

  async function summary(since?: string) {
    const found = await scout.policies({
      ...harbour,
      definitionName: "copyleft-licenses",
      ...(since !== undefined && { deltaTimestamp: since }),
    });
    return found.items[0]!;
  }
});

test("a filter by teams takes what they may use; one by what the sandbox does not have is refused", async (context) => {
  const at = await scoutStage(context);
  const erin = at.as("erin");
  const { id } = await erin.groups.create({ org_name: "pier", name: "pilots" });
  await erin.repositoryGroups.assign({
    namespace: "pier",
    repository: "tides",
    group_id: id!,
    permission: "read",
  });
  const summary = async (query: object) => {
    const document = `query ($context: Context!, $query: PolicySummaryQuery!) {
      goalResultSummaries(context: $context, query: $query) { items { totalImages } }
    }`;
    const { goalResultSummaries: found } = await at.run("erin", document, { context: pier, query });
    return (found.items as { totalImages: number }[])[0]!.totalImages;
  };
  const policy = { definitionName: "copyleft-licenses", configurationName: "default" };
  const images = async (filter: object) => {
    const document = `query ($context: Context!, $query: GoalResultsPolicyQuery!) {
      goalResults(context: $context, query: $query) { items { latestImage { repository { repoName } } } }
    }`;
    const query = { ...policy, stream: latest, filter };
    const { goalResults: found } = await at.run("erin", document, { context: pier, query });
    return (found.items as { latestImage: { repository: { repoName: string } } }[]).map(
      ({ latestImage }) => latestImage.repository.repoName,
    );
  };
  const listed = { repoName: "pier/tides" };
  assert.equal(await summary({ filter: { hubTeams: null, kvs: [] }, orgFilters: [] }), 6);
  assert.equal(await summary({ filter: { hubTeams: ["owners"] } }), 6);
  assert.equal(await summary({ filter: { hubTeams: ["pilots"] } }), 2);
  assert.deepEqual(await images({ hubTeams: ["pilots"] }), ["pier/tides", "pier/tides"]);
  const here = { repos: [{ hostName: "hub.docker.com", ...listed }] };
  assert.equal(await summary({ filter: here }), 2);
  const elsewhere = { repos: [{ hostName: "quay.io", ...listed }] };
  assert.equal(await summary({ filter: elsewhere }), 0);
  await refused(summary({ filter: { hubTeams: ["none"] } }), "NOT_FOUND", /no team none/);
  const kvs = [{ key: "environment", values: ["production"] }];
  const orgFilters = [{ name: "environment", value: "production" }];
  await refused(summary({ filter: { kvs } }), "REQUEST_INVALID", /kvs/);
  await refused(images({ kvs }), "REQUEST_INVALID", /kvs/);
  await refused(summary({ orgFilters }), "REQUEST_INVALID", /orgFilters/);
  for (const field of ["streamImages", "cvesByStream"])
    await refused(
      at.run(
        "erin",
        `query ($context: Context!, $filters: [ScOrganizationFilterInput!]) {
          ${field}(context: $context, query: { stream: "${latest}", orgFilters: $filters }) { paging { totalCount } }
        }`,
        { context: pier, filters: orgFilters },
      ),
      "REQUEST_INVALID",
      /orgFilters/,
    );
  await refused(summary({ deltaTimestamp: "yesterday" }), "REQUEST_INVALID", /no time/);
});
