/** Vulnerabilities that somebody decided to live with: who may, and where else it shows. */
import assert from "node:assert/strict";
import { test } from "node:test";

import { refused } from "../stage.ts";
import { digestOf, pier, scoutStage } from "./stage.ts";

const add = `mutation add($context: Context!, $input: AddVulnerabilityExceptionInput!) {
  addVulnerabilityException(context: $context, input: $input) { exception { id type author } }
}`;
const update = `mutation update($context: Context!, $input: UpdateVulnerabilityExceptionInput!) {
  updateVulnerabilityException(context: $context, input: $input) { exception { imageScopes { repoName } } }
}`;
const remove = `mutation remove($context: Context!, $ids: [ID!]!) {
  removeVulnerabilityException(context: $context, input: { ids: $ids }) { ids }
}`;
test("an exception takes a vulnerability out of counts, lists and policies until it is removed", async (context) => {
  const at = await scoutStage(context);
  const scout = at.scout("erin");
  const digest = await digestOf(at, "erin", "pier/gateway", "v1.0.0");
  const other = await digestOf(at, "erin", "pier/gateway", "v1.0.1");
  const totals = async () => {
    const found = await scout.imageSummaries({ ...pier, digests: [digest, other] });
    return found.map(({ vulnerabilityReport }) => vulnerabilityReport?.total);
  };
  const deviations = async () => {
    const { policies } = await scout.imagePolicies({ ...pier, digest });
    return policies[0]!.currentResult?.deviationCount;
  };
  assert.deepEqual([await totals(), await deviations()], [[4, 4], 2]);

  const { addVulnerabilityException: made } = await at.run("erin", add, {
    context: pier,
    input: {
      cveId: "CVE-2026-90001",
      type: "ACCEPTED_RISK",
      additionalDetails: "Nobody greets at length here.",
      imageScopes: [
        {
          repoName: "pier/gateway",
          digest,
          packageScopes: [{ purlFields: { type: "generic", name: "hello" } }],
        },
      ],
    },
  });
  assert.equal(made.exception.author, "erin");
  assert.deepEqual([await totals(), await deviations()], [[3, 4], 1]);
  const { packages } = await scout.imageCves({ ...pier, digest, includeExcepted: true });
  assert.deepEqual(
    packages[0]!.vulnerabilities
      .filter(({ isExcepted }) => isExcepted)
      .map((each) => each.sourceId),
    ["CVE-2026-90001"],
  );
  const listed = await scout.exceptions({ ...pier, digest });
  assert.deepEqual(
    listed.items.map(({ id, vulnerability, imageScopes, reason }) => [
      id,
      vulnerability.highestSeverity,
      imageScopes?.[0]?.packageScopes,
      reason?.additionalDetails,
    ]),
    [
      [
        made.exception.id,
        "CRITICAL",
        [{ purl: "pkg:generic/hello" }],
        "Nobody greets at length here.",
      ],
    ],
  );

  const { updateVulnerabilityException: changed } = await at.run("erin", update, {
    context: pier,
    input: { id: made.exception.id, imageScopes: null },
  });
  assert.equal(changed.exception.imageScopes, null);
  assert.deepEqual(await totals(), [3, 3], "now it is for every image of the organization");
  assert.deepEqual((await scout.exceptions({ ...pier, digest })).items, []);

  await at.run("erin", remove, { context: pier, ids: [made.exception.id] });
  assert.deepEqual([await totals(), await deviations()], [[4, 4], 2]);
  assert.equal((await scout.exceptions(pier)).paging.totalCount, 0);
});

test("exceptions are made by owners and editors, and have to make sense", async (context) => {
  const at = await scoutStage(context);
  const input = { cveId: "CVE-2026-90001", type: "ACCEPTED_RISK", additionalDetails: "x" };
  const frank = "dckr_pat_sandbox-frank-pipeline";
  const making = (more: object = {}) =>
    at.run("frank", add, { context: pier, input: { ...input, ...more } }, frank);
  const harbour = { organization: "harbour" };
  await refused(at.run("bob", add, { context: harbour, input }), "FORBIDDEN", /owner or an editor/);
  await refused(at.run("dave", add, { context: pier, input }), "FORBIDDEN");
  await refused(
    at.run("erin", add, { context: pier, input }, "dckr_pat_sandbox-erin-monitoring"),
    "FORBIDDEN",
    /reads only/,
  );
  await refused(making({ imageScopes: [] }), "REQUEST_INVALID", /imageScopes/);
  await refused(making({ type: "FALSE_POSITIVE" }), "REQUEST_INVALID", /justification/);
  await refused(making({ type: "SHRUG" }), "REQUEST_INVALID", /SHRUG/);
  await refused(at.run("erin", remove, { context: pier, ids: ["none"] }), "NOT_FOUND");
  await making();
  const { items } = await at.scout("erin").exceptions(pier);
  assert.deepEqual(
    items.map(({ author }) => author),
    ["frank"],
  );
});

test("a vulnerability of an exception counts however its name is written", async (context) => {
  const at = await scoutStage(context);
  const scout = at.scout("erin");
  const digest = await digestOf(at, "erin", "pier/gateway", "v1.0.0");
  const input = { cveId: "cve-2026-90001", type: "ACCEPTED_RISK", additionalDetails: "So be it." };
  await at.run("erin", add, { context: pier, input });
  const [image] = await scout.imageSummaries({ ...pier, digests: [digest] });
  assert.equal(image!.vulnerabilityReport?.total, 3);
  const { items } = await scout.exceptions({ ...pier, cveId: "CVE-2026-90001" });
  assert.equal(items.length, 1);
});
