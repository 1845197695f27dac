/** Fixtures of policies. */
import { digest, platform, tag, xz } from "./parts.ts";

const context = { organization: "acme" };
const counts = { totalImages: 10, compliantImages: 7, totalDeviations: 12, unknownImages: 1 };
const result = { statusLabel: "noncompliant", createdDateTime: tag.updatedAt, isStale: false };
const named = (name: string) => ({
  definitionName: name,
  configurationName: `${name}-1`,
  displayName: name,
  description: null,
  evaluated: true,
});
const deviation = { id: "d1", details: [{ key: "user", value: "root", displayName: "User" }] };
const vulnerable = {
  ...result,
  deviationCount: 1,
  deviations: [
    {
      id: "d2",
      vulnerability: "CVE-2024-3094",
      purl: xz.purl,
      severity: "CRITICAL",
      cvssScore: "10.0",
      fixedBy: "5.6.1",
    },
  ],
};
const root = { ...result, hasDeviation: true, deviation };
const licence = {
  ...result,
  deviationCount: 1,
  deviations: [{ id: "d3", purl: xz.purl, license: "GPL-3.0" }],
};
const other = { ...result, deviationCount: 1, deviations: [deviation] };

const sent = [
  { __typename: "ScVulnerabilityPolicy", ...named("cves"), vulnerabilityResult: vulnerable },
  { __typename: "ScBooleanPolicy", ...named("user"), booleanResult: root },
  { __typename: "ScLicencePolicy", ...named("licences"), licenceResult: licence },
  { __typename: "ScGenericPolicy", ...named("base"), genericResult: other },
  { __typename: "ScGenericPolicy", ...named("new"), evaluated: false, genericResult: null },
];
const shown = [
  { __typename: "ScVulnerabilityPolicy", ...named("cves"), currentResult: vulnerable },
  { __typename: "ScBooleanPolicy", ...named("user"), currentResult: root },
  { __typename: "ScLicencePolicy", ...named("licences"), currentResult: licence },
  { __typename: "ScGenericPolicy", ...named("base"), currentResult: other },
  { __typename: "ScGenericPolicy", ...named("new"), evaluated: false, currentResult: null },
];
const image = {
  digest,
  createdAt: tag.updatedAt,
  tags: [tag],
  repository: { hostName: "registry.example", repoName: "acme/app" },
  platform,
};
const paging = { totalCount: 1 };
const one = { definitionName: "cves", configurationName: "cves-1", stream: "production" };

export const policies = {
  policies: {
    input: { organization: "acme", stream: "production" },
    variables: { context, query: { stream: "production" } },
    value: {
      items: [
        {
          stream: "production",
          ...counts,
          policy: {
            definitionName: "cves",
            configurationName: "cves-1",
            displayName: "No criticals",
            description: null,
            resultType: "vulnerability",
            owner: "DOCKER",
            enabled: true,
            remediationLink: null,
          },
          delta: { ...counts, timestamp: tag.updatedAt },
        },
      ],
    },
  },
  imagePolicies: {
    input: { organization: "acme", digest },
    variables: { context, query: { digest } },
    value: { ...image, policies: sent },
    output: { ...image, policies: shown },
  },
  policyImages: {
    input: { organization: "acme", ...one, policyState: "noncompliant" as const, page: 2 },
    variables: {
      context,
      query: { ...one, paging: { page: 2 }, filter: { policyState: "noncompliant" } },
    },
    value: { paging, items: [{ latestImage: image, policy: sent[0] }] },
    output: { paging, items: [{ latestImage: image, policy: shown[0] }] },
  },
};
