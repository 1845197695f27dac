/** What Scout finds in images that are pushed: packages and vulnerabilities, base images, provenance, secrets. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { isError } from "../../../src/entrance/scout.ts";
import { refused } from "../stage.ts";
import { built } from "./built.ts";
import { digestOf, latest, scoutStage } from "./stage.ts";

const harbour = { organization: "harbour" };
const lodash = { purl: "pkg:npm/lodash@4.17.20", license: "MIT", file: "app/lodash/package.json" };
const log4j = { purl: "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1" };

test("an image that is pushed with its bill of materials shows its packages and what is wrong with them", async (context) => {
  const at = await scoutStage(context);
  const image = await built([lodash, log4j, { purl: "pkg:npm/semver@7.7.1", license: "ISC" }]);
  await at.push("alice", "harbour/new", image);
  const scout = at.scout("alice");
  const { digest } = image;
  const { packages, sbomState, layers } = await scout.imagePackages({ ...harbour, digest });
  assert.equal(sbomState, "INDEXED");
  assert.deepEqual(
    packages.map(({ purl, licenses, author, locations }) => [purl, licenses, author, locations]),
    [
      [log4j.purl, [], "Jane", []],
      [
        lodash.purl,
        ["MIT"],
        "Jane",
        [{ path: "/app/lodash/package.json", diffId: layers[0]!.diffId }],
      ],
      ["pkg:npm/semver@7.7.1", ["ISC"], "Jane", []],
    ],
  );
  const cves = await scout.imageCves({ ...harbour, digest });
  assert.deepEqual(
    cves.packages.map(({ name, vulnerabilities }) => [
      name,
      vulnerabilities.map(({ sourceId, fixedBy, cisaExploited }) => [
        sourceId,
        fixedBy,
        cisaExploited,
      ]),
    ]),
    [
      ["log4j-core", [["CVE-2021-44228", "2.15.0", true]]],
      [
        "lodash",
        [
          ["CVE-2021-23337", "4.17.21", false],
          ["CVE-2020-28500", "4.17.21", false],
        ],
      ],
    ],
  );
  const [summary] = await scout.imageSummaries({ ...harbour, digests: [digest] });
  assert.deepEqual(summary?.vulnerabilityReport, {
    critical: 1,
    high: 1,
    medium: 1,
    low: 0,
    unspecified: 0,
    total: 3,
  });
  const [details, ...others] = await scout.imageDetails({ ...harbour, digest: image.root.digest });
  assert(details && others.length === 0, "an attestation is no image");
  assert.deepEqual(
    [details.digest, details.packageCount, details.tags.map(({ name }) => name)],
    [digest, 3, ["latest"]],
  );
  const affected = await scout.imagesWithCve({
    ...harbour,
    stream: latest,
    cveId: "CVE-2021-44228",
  });
  assert.deepEqual(
    affected.items.map(({ affectedImage }) => affectedImage.repository.repoName),
    ["harbour/new"],
  );
});

test("an image that says by OpenVEX that it is not affected does not count as vulnerable", async (context) => {
  const at = await scoutStage(context);
  const image = await built([lodash, log4j], {
    vex: [
      {
        vulnerability: { name: "CVE-2021-23337" },
        status: "not_affected",
        products: [
          { "@id": "pkg:docker/harbour/app", subcomponents: [{ "@id": "pkg:npm/lodash" }] },
        ],
      },
      {
        vulnerability: { name: "CVE-2021-44228" },
        status: "under_investigation",
        products: [{ "@id": log4j.purl }],
      },
    ],
  });
  await at.push("alice", "harbour/app", image);
  const scout = at.scout("alice");
  const input = { ...harbour, digest: image.digest };
  const namesOf = async (more: object) =>
    (await scout.imageCves({ ...input, ...more })).packages.flatMap(({ vulnerabilities }) =>
      vulnerabilities.map(({ sourceId, isExcepted }) => `${sourceId} ${isExcepted}`),
    );
  assert.deepEqual(await namesOf({}), ["CVE-2021-44228 false", "CVE-2020-28500 false"]);
  assert.deepEqual(await namesOf({ includeExcepted: true }), [
    "CVE-2021-44228 false",
    "CVE-2021-23337 true",
    "CVE-2020-28500 false",
  ]);
});

test("a bill of materials may refer to its image in place of standing beside it", async (context) => {
  const at = await scoutStage(context);
  const image = await built([lodash], { attached: true });
  await at.push("alice", "alice/new", image);
  const scout = at.scout("alice");
  const alice = { organization: "alice" };
  const { packages } = await scout.imageCves({ ...alice, digest: image.digest });
  assert.deepEqual(
    packages.map(({ purl }) => purl),
    [lodash.purl],
  );
});

test("without a bill of materials nothing is known, and one that cannot be read is told so", async (context) => {
  const at = await scoutStage(context);
  const [plain, broken] = [await built(undefined), await built("no document", { layers: 2 })];
  await at.push("alice", "harbour/plain", plain);
  await at.push("alice", "harbour/broken", broken);
  const scout = at.scout("alice");
  const digests = [plain.digest, broken.digest, `sha256:${"0".repeat(64)}`];
  assert.deepEqual(await scout.imageSummaries({ ...harbour, digests }), [
    { digest: plain.digest, sbomState: "NONE", vulnerabilityReport: null },
    { digest: broken.digest, sbomState: "INDEXING_FAILED", vulnerabilityReport: null },
  ]);
  const { items } = await scout.streamImages({ ...harbour, stream: latest });
  assert(
    !items.some(({ digest }) => digests.includes(digest)),
    "what is not indexed is in no stream",
  );
  await refused(scout.imageCves({ ...harbour, digest: digests[2]! }), "NOT_FOUND");
  assert.deepEqual(await scout.imageDetails({ ...harbour, digest: digests[2]! }), []);
});

test("what is attached under a name that every object has is left out", async (context) => {
  const at = await scoutStage(context);
  const image = await built([lodash], { also: ["constructor", "__proto__", "toString"] });
  await at.push("alice", "harbour/odd", image);
  const { packages } = await at.scout("alice").imageCves({ ...harbour, digest: image.digest });
  assert.deepEqual(
    packages.map(({ purl }) => purl),
    [lodash.purl],
  );
});

test("what the seed holds is known, with a bill of materials or without", async (context) => {
  const at = await scoutStage(context);
  const scout = at.scout("dave");
  const hello = await digestOf(at, "dave", "library/hello", "latest");
  const { packages } = await scout.imagePackages({ digest: hello });
  assert.deepEqual(
    packages.map(({ purl }) => purl),
    ["pkg:generic/hello@1.0", "pkg:generic/os-release@1.0"],
  );
  const old = await digestOf(at, "dave", "pier/gateway", "v1.0.0");
  const fresh = await digestOf(at, "dave", "pier/gateway", "v1.6.0");
  const reports = await scout.imageSummaries({ digests: [old, fresh] });
  assert.deepEqual(
    reports.map(({ vulnerabilityReport }) => vulnerabilityReport?.total),
    [4, 1],
  );
});

test("the base image is the one whose layers come first, and better tags of it are recommended", async (context) => {
  const at = await scoutStage(context);
  const old = await built([lodash, log4j], { layers: 2, tag: "1" });
  const better = await built([{ purl: "pkg:npm/lodash@4.17.21" }], { layers: 1, tag: "2" });
  const mine = await built([lodash], { layers: 3 });
  await at.push("alice", "alice/base", old);
  await at.push("alice", "alice/base", better);
  await at.push("alice", "harbour/app", mine);
  const scout = at.scout("alice");
  const found = await scout.baseImages({ ...harbour, digest: mine.digest });
  assert.deepEqual(
    found.map(({ images, layerMatches }) => [images[0]!.digest, layerMatches.length]),
    [
      [old.digest, 2],
      [better.digest, 1],
    ],
  );
  const [details] = await scout.imageDetails({ ...harbour, digest: mine.digest });
  assert.deepEqual(
    [details?.baseImage?.repository.repoName, details?.baseImageTag?.name],
    ["alice/base", "1"],
  );
  const { recommendations } = await scout.recommendations({ ...harbour, digest: old.digest });
  assert.deepEqual(
    recommendations.map(({ currentTag, recommendedTags }) => [
      currentTag.tag.name,
      recommendedTags.map(({ tag, scoring }) => [tag.name, scoring?.details[0]?.reason]),
    ]),
    [["1", [["2", "3 vulnerabilities fewer"]]]],
  );
  const named = await scout.tagRecommendations({ repository: "alice/base", tag: "2" });
  assert.deepEqual(named.recommendations[0]?.recommendedTags, [], "there is no better one");
  // Somebody moves the tag: then the base is outdated.
  const before = await baseResult();
  await at.push("alice", "alice/base", await built([], { layers: 4, tag: "1" }));
  assert.deepEqual([before, await baseResult()], ["compliant", "noncompliant"]);

  async function baseResult() {
    const { policies } = await scout.imagePolicies({ ...harbour, digest: mine.digest });
    const policy = policies.find(
      ({ definitionName }) => definitionName === "up-to-date-base-images",
    );
    return policy?.currentResult?.statusLabel;
  }
});

test("how an image was built is told by its provenance", async (context) => {
  const at = await scoutStage(context);
  const image = await built([lodash], { config: { Entrypoint: ["/app"], WorkingDir: "/srv" } });
  await at.push("alice", "harbour/app", image);
  const scout = at.scout("alice");
  const place = {
    ...harbour,
    digest: image.digest,
    hostName: "hub.docker.com",
    repoName: "harbour/app",
  };
  const { items } = await scout.attestations(place);
  assert.deepEqual(
    items.map(({ predicateType }) => predicateType),
    ["https://spdx.dev/Document", "https://slsa.dev/provenance/v1"],
  );
  assert.match(items[0]!.reference, /^docker\.io\/harbour\/app@sha256:/);
  const { buildParameters, dockerfile, ociConfig, source } = await scout.provenance(place);
  assert.deepEqual(buildParameters?.args, [{ key: "VERSION", value: "2" }]);
  assert.equal(dockerfile?.rawContent, "FROM scratch\nCOPY . /\n");
  assert.deepEqual(
    dockerfile?.sourceMap.map(({ instruction, startLine, digests }) => [
      instruction,
      startLine,
      digests.length,
    ]),
    [["COPY", 2, 1]],
  );
  assert.deepEqual(
    [ociConfig?.config.entrypoint, ociConfig?.config.workingDir, source?.commitUrl],
    [["/app"], "/srv", "https://github.com/acme/app/commit/0123456789abcdef"],
  );
});

test("secrets in the configuration are found, and not told", async (context) => {
  const at = await scoutStage(context);
  const secret = `dckr_pat_${"x".repeat(27)}`;
  const image = await built(undefined, {
    config: { Env: ["PATH=/", `TOKEN=${secret}`], Labels: { proxy: "http://me:sesame@proxy" } },
  });
  await at.push("alice", "alice/leaky", image);
  const scout = at.scout("alice");
  const { secrets } = await scout.imageSecrets({ organization: "alice", digest: image.digest });
  assert.deepEqual(
    secrets.map(({ source, findings }) => [source.type, findings[0]!.ruleId, findings[0]!.match]),
    [
      ["ENV", "docker-pat", "TOKEN=****"],
      ["LABEL", "password-in-url", "proxy=http://me:****@proxy"],
    ],
  );
});

test("thousands of secrets in one text are told as a few, and shortened", async (context) => {
  const at = await scoutStage(context);
  const text = `dckr_pat_${"x".repeat(27)} `.repeat(5_000);
  const image = await built(undefined, { config: { Env: [`TOKENS=${text}`] } });
  await at.push("alice", "alice/leaky", image);
  const scout = at.scout("alice");
  const { secrets } = await scout.imageSecrets({ organization: "alice", digest: image.digest });
  assert.equal(secrets.length, 1);
  assert.equal(secrets[0]!.findings.length, 20);
  assert.match(secrets[0]!.findings[0]!.match, /^TOKENS=(?:\*{4} )+/);
  assert(secrets[0]!.findings.every(({ match }) => match.length === 500));
});

test("an image is seen by whoever may read its repository", async (context) => {
  const at = await scoutStage(context);
  const hidden = await built([lodash], { layers: 2 });
  await at.push("alice", "harbour/ledger", hidden);
  const input = { ...harbour, digest: hidden.digest };
  assert.equal((await at.scout("alice").imageDetails(input)).length, 1);
  assert.deepEqual(
    await at.scout("bob").imageDetails(input),
    [],
    "the team of bob may not read it",
  );
  await refused(at.scout("dave").imageDetails(input), "FORBIDDEN");
  assert.deepEqual(await at.scout("dave").imageDetails({ digest: hidden.digest }), []);
  await assert.rejects(
    at.scout("dave").imageDetails({ ...input, organization: "nobody" }),
    (error) => isError(error, "FORBIDDEN"),
    "who does not belong to it does not learn whether it is there",
  );
  await refused(at.scout(undefined).imageDetails(input), "UNAUTHORIZED");
  const response = await at.send("/v1/graphql", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      query: "{ user { username } serviceStatus { maintenance { title } } }",
    }),
  });
  assert.deepEqual(response.body.errors[0].extensions, { code: "UNAUTHENTICATED", status: 401 });
});
