/** Every operation of Docker Scout, answered by the sandbox: each result is what the catalogue declares. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { buildSchema, validateSchema } from "graphql";

import { entries } from "../../../src/operation.ts";
import * as catalogue from "../../../src/scout/catalogue.ts";
import { mutations, queries } from "../../../src/sandbox/scout/fields/index.ts";
import { schemaText } from "../../../src/sandbox/scout/schema/schema.ts";
import { digestOf, latest, pier, scoutStage } from "./stage.ts";

const schema = buildSchema(schemaText);

test("the schema is one, and something stands behind all that can be asked and changed", () => {
  assert.deepEqual(validateSchema(schema), []);
  const fields = (type: "Query" | "Mutation") =>
    Object.keys((type === "Query" ? schema.getQueryType() : schema.getMutationType())!.getFields());
  assert.deepEqual(fields("Query").toSorted(), Object.keys(queries).toSorted());
  assert.deepEqual(fields("Mutation").toSorted(), Object.keys(mutations).toSorted());
});

test("every operation is answered, as it is declared", async (context) => {
  const at = await scoutStage(context);
  const digest = await digestOf(at, "erin", "pier/gateway", "v1.0.0");
  const hostName = "hub.docker.com";
  const place = { digest, hostName, repoName: "pier/gateway" };
  const stream = { ...pier, stream: latest };
  const image = { org: "pier", repo: "gateway" };
  const hardened = await at.scout(undefined).hardenedRepository({ repoName: "python" });
  const { manifestDigest } = hardened.images[0]!.imageManifests[0]!;
  const hardenedPlace = { digest: manifestDigest, hostName: "dhi.io", repoName: "python" };
  const inputs: Readonly<Record<string, object>> = {
    imageSummaries: { ...pier, digests: [digest] },
    imageDetails: { ...pier, digest, repository: "pier/gateway" },
    imagePackages: { ...pier, digest },
    imageCves: { ...pier, digest },
    imageSecrets: { ...pier, digest },
    baseImages: { ...pier, digest },
    recommendations: { ...pier, digest },
    tagRecommendations: { repository: "pier/gateway", tag: "v1.0.0" },
    vulnerabilitiesByPackage: { packageUrls: ["pkg:generic/hello@1.0.0"] },
    recentCves: { ...stream, severities: ["CRITICAL"] },
    cve: { cveId: "CVE-2026-90001" },
    attestations: { ...pier, ...place },
    provenance: { ...pier, ...place },
    hardenedAttestations: hardenedPlace,
    hardenedProvenance: hardenedPlace,
    hardenedRepositories: { categoryId: "languages" },
    hardenedRepository: { repoName: "python" },
    hardenedTag: { repoName: "python", tag: "3.14" },
    mirrors: pier,
    mirrorsOf: { ...pier, namespace: "dhi", name: "python" },
    mirroringLogs: { ...pier, includedStatuses: ["SUCCEEDED"] },
    policies: pier,
    imagePolicies: { ...pier, digest },
    policyImages: {
      ...stream,
      definitionName: "default-non-root-user",
      configurationName: "default",
    },
    organizationStatus: pier,
    entitlements: pier,
    enabledRepositories: pier,
    serviceStatus: {},
    streams: pier,
    streamImages: stream,
    streamCves: stream,
    imagesWithCve: { ...stream, cveId: "CVE-2026-90002" },
    imagesWithPackage: { ...stream, name: "hello", type: "generic" },
    exceptions: pier,
    getMetrics: { org: "pier" },
    getImageSummary: image,
    listVulnerabilities: { ...image, reference: "v1.0.0", severity: "critical" },
    getSbom: { ...image, format: "cyclonedx" },
    compareImages: { ...image, base: "v1.0.0", target: "v1.6.0" },
    listPolicies: { org: "pier" },
    getPolicyEvaluation: image,
  };
  const erin = at.scout("erin");
  const exporter = at.scout("erin", "dckr_pat_sandbox-erin-monitoring");
  const nobody = at.scout(undefined);
  for (const { verb, operation } of entries(catalogue)) {
    const input = inputs[verb];
    assert(input, `there is no call of scout.${verb}`);
    const { auth } = operation;
    const client = auth === "token" ? exporter : auth === "optional" ? nobody : erin;
    const call = client[verb as "imageDetails"] as (input: object) => Promise<unknown>;
    const result = await call(input);
    assert.notDeepEqual(result, {}, verb);
  }
});
