import * as scout from "../../src/scout/operations.ts";
import { scoutFixtures } from "./fixture.ts";
import { hardened } from "./hardened.ts";
import {
  apt,
  base,
  clean,
  digest,
  image,
  minor,
  other,
  platform,
  report,
  repository,
  tag,
  vulnerability,
  xz,
} from "./parts.ts";
import { policies } from "./policies.ts";

const organization = "acme";
const context = { organization };
const paging = { totalCount: 1 };
const coordinates = { hostName: "registry.example", repoName: "acme/app" };
const tree = { repo: "app", org: "acme" };

const provenance = {
  buildParameters: { args: [{ key: "VERSION", value: "1.27" }] },
  dockerfile: {
    rawContent: "FROM debian\n",
    sourceMap: [
      { instruction: "FROM", source: "FROM debian", digests: [other], startLine: 1, endLine: 1 },
    ],
  },
  ociConfig: {
    config: {
      user: null,
      exposedPorts: ["80/tcp"],
      env: ["PATH=/usr/bin"],
      entrypoint: ["/docker-entrypoint.sh"],
      cmd: ["nginx"],
      volumes: [],
      workingDir: null,
      labels: [{ key: "a", value: "b" }],
    },
  },
  source: {
    commitUrl: "https://github.com/acme/app/commit/1",
    commitSha: "1",
    dockerfileUrl: null,
  },
};
const attested = {
  paging,
  items: [
    {
      digest: other,
      predicateType: "https://slsa.dev/provenance/v0.2",
      reference: `registry.example/acme/app@${other}`,
    },
  ],
};
const recommended = {
  digest: other,
  indexDigest: null,
  createdAt: "2026-01-01T00:00:00Z",
  packageCount: 88,
  imageSize: 28_000_000,
  tags: ["bookworm-slim"],
  aliases: [],
  vulnerabilityReport: clean,
  tag: {
    name: "bookworm-slim",
    os: "debian",
    framework: null,
    runtime: null,
    flavor: null,
    slim: true,
  },
  scoring: {
    total: 7,
    summary: "Fewer vulnerabilities",
    details: [{ name: "size", reason: "It is smaller", score: 3 }],
  },
};
const recommendations = {
  repository: { name: "debian", pullCount: 1e9, starCount: 5000, description: null },
  recommendations: [
    { currentTag: { ...recommended, scoring: null }, recommendedTags: [recommended] },
  ],
};
const fromRegistry = {
  digest,
  sbomState: "INDEXED",
  imagePackages: {
    packages: [
      { package: { ...xz, vulnerabilities: [vulnerability, minor] } },
      { package: { ...apt, vulnerabilities: [] } },
    ],
  },
};

export default scoutFixtures(scout, {
  ...hardened,
  ...policies,
  getMetrics: {
    input: { org: "acme" },
    request: { method: "GET", path: "/v1/exporter/org/acme/metrics" },
    answer: {
      status: 200,
      headers: { "content-type": "text/plain" },
      body: 'scout_stream_vulnerabilities{id="latest-indexed",severity="critical"} 1\n',
    },
  },
  getImageSummary: {
    input: { ...tree, reference: "1.0" },
    request: { method: "GET", path: "/v1/orgs/acme/images/app/summary?reference=1.0" },
    answer: { status: 200, body: { digest, vulnerabilities: {}, policy: {}, sbom: {} } },
  },
  listVulnerabilities: {
    input: { ...tree, severity: "critical" },
    request: { method: "GET", path: "/v1/orgs/acme/images/app/vulnerabilities?severity=critical" },
    answer: { status: 200, body: { cves: [], count: 0 } },
  },
  getSbom: {
    input: { ...tree, format: "spdx" },
    request: { method: "GET", path: "/v1/orgs/acme/images/app/sbom?format=spdx" },
    answer: { status: 200, body: { spdxVersion: "SPDX-2.3" } },
  },
  compareImages: {
    input: { ...tree, base: "1.0", target: "1.1" },
    request: { method: "GET", path: "/v1/orgs/acme/images/app/compare?base=1.0&target=1.1" },
    answer: { status: 200, body: { added: [] } },
  },
  listPolicies: {
    input: { org: "acme" },
    request: { method: "GET", path: "/v1/orgs/acme/policies" },
    answer: { status: 200, body: [{ name: "no criticals" }] },
  },
  getPolicyEvaluation: {
    input: tree,
    request: { method: "GET", path: "/v1/orgs/acme/images/app/policy" },
    answer: { status: 200, body: { policies: [], results: [], outcome: "pass" } },
  },
  imageSummaries: {
    input: { digests: [digest, other], ...coordinates },
    variables: { context: {}, digests: [digest, other], repository: coordinates },
    value: [
      { digest, sbomState: "INDEXED", vulnerabilityReport: report },
      { digest: other, sbomState: "NONE", vulnerabilityReport: null },
    ],
  },
  imageDetails: {
    input: { organization, digest: other, repository: "library/nginx" },
    variables: { context, digest: other, repository: "library/nginx" },
    value: [image, { ...image, baseImage: null, baseImageTag: null, user: null, labels: [] }],
  },
  imagePackages: {
    input: { digest, includePublic: true },
    variables: { context: {}, digest, query: { includePublic: true } },
    value: {
      digest,
      sbomState: "INDEXED",
      imagePackages: {
        packages: [
          {
            package: { ...xz, author: null, licenses: ["0BSD"] },
            locations: [{ path: "/var/lib/dpkg/status", diffId: other }],
          },
        ],
      },
      imageLayers: { layers: [{ diffId: other, ordinal: 0 }] },
    },
    output: {
      digest,
      sbomState: "INDEXED",
      packages: [
        {
          ...xz,
          author: null,
          licenses: ["0BSD"],
          locations: [{ path: "/var/lib/dpkg/status", diffId: other }],
        },
      ],
      layers: [{ diffId: other, ordinal: 0 }],
    },
  },
  imageCves: {
    input: { organization, digest, includeExcepted: false },
    variables: { context, digest, query: { includeExcepted: false } },
    value: fromRegistry,
    output: {
      digest,
      sbomState: "INDEXED",
      packages: [{ ...xz, vulnerabilities: [vulnerability, minor] }],
    },
  },
  imageSecrets: {
    input: { digest },
    variables: { context: {}, digest },
    value: {
      digest,
      secrets: [
        {
          source: {
            type: "FILE",
            location: { path: "/root/.npmrc", ordinal: 2, digest: other, diffId: other },
          },
          findings: [
            {
              ruleId: "npm-access-token",
              category: "npm",
              title: "NPM access token",
              severity: "CRITICAL",
              match: "//registry.npmjs.org/:_authToken=****",
              startLine: 1,
              endLine: null,
            },
          ],
        },
      ],
    },
  },
  vulnerabilitiesByPackage: {
    input: { packageUrls: [xz.purl], digest, includeExcepted: true },
    variables: { context: {}, packageUrls: [xz.purl], digest, includeExcepted: true },
    value: [{ purl: xz.purl, vulnerabilities: [vulnerability] }],
  },
  recentCves: {
    input: { organization, stream: "latest-indexed", severities: ["CRITICAL"] },
    variables: {
      context,
      query: { stream: "latest-indexed", filter: { severities: ["CRITICAL"] } },
    },
    value: {
      items: [
        {
          cveId: "CVE-2024-3094",
          highestSeverity: "CRITICAL",
          highestCVSSScore: "10.0",
          detectedInCount: 3,
          publishedAt: "2024-03-29T17:15:21Z",
        },
      ],
    },
  },
  cve: {
    input: { cveId: "CVE-2024-3094" },
    variables: { context: {}, query: { cveId: "CVE-2024-3094" } },
    value: {
      cveId: "CVE-2024-3094",
      defaultSource: "nist",
      epss: { score: 0.85, percentile: 0.99, priority: "CRITICAL" },
      sources: [
        {
          source: "nist",
          sourceName: "NIST",
          sourceId: "CVE-2024-3094",
          url: null,
          description: "Malicious code in xz.",
          createdAt: "2024-03-29T17:15:21Z",
          updatedAt: "2025-01-01T00:00:00Z",
          withdrawnAt: null,
          state: null,
          cvss: vulnerability.cvss,
          packages: [
            {
              name: "xz-utils",
              type: "deb",
              namespace: "debian",
              versions: [{ vulnerableRange: "<5.6.1", fixedBy: "5.6.1" }],
            },
          ],
          advisories: ["https://www.openwall.com/lists/oss-security/2024/03/29/4"],
          exploits: [],
        },
      ],
    },
  },
  baseImages: {
    input: { digest },
    variables: { context: {}, digest },
    value: [{ layerMatches: [{ layerOrdinal: 0, layerDigest: other }], images: [base] }],
  },
  recommendations: {
    input: { digest: other, repository: "library/debian" },
    variables: { context: {}, digest: other, repository: "library/debian" },
    value: recommendations,
  },
  tagRecommendations: {
    input: { repository: "library/debian", tag: "bookworm" },
    variables: { context: {}, repository: "library/debian", tag: "bookworm" },
    value: recommendations,
  },
  attestations: {
    input: { organization, digest, ...coordinates },
    variables: { context, query: { digest, ...coordinates } },
    value: attested,
  },
  hardenedAttestations: {
    input: { digest, ...coordinates },
    variables: { context: {}, query: { digest, ...coordinates } },
    value: attested,
  },
  provenance: {
    input: { organization, digest, ...coordinates },
    variables: { context, query: { digest, ...coordinates } },
    value: provenance,
  },
  hardenedProvenance: {
    input: { digest, ...coordinates },
    variables: { context: {}, query: { digest, ...coordinates } },
    value: { buildParameters: null, dockerfile: null, ociConfig: null, source: null },
  },
  streams: {
    input: { organization, namePrefix: "prod", page: 1, pageSize: 5 },
    variables: {
      context,
      query: { paging: { page: 1, pageSize: 5 }, filter: { namePrefix: "prod" } },
    },
    value: { paging, items: [{ name: "production" }] },
  },
  streamImages: {
    input: { organization, stream: "production", field: "LAST_PUSHED", sortOrder: "DESCENDING" },
    variables: {
      context,
      query: { stream: "production", ordering: { field: "LAST_PUSHED", sortOrder: "DESCENDING" } },
    },
    value: { paging, items: [image] },
  },
  streamCves: {
    input: { organization, stream: "production", severities: ["HIGH"], field: "CVSS_SCORE" },
    variables: {
      context,
      query: {
        stream: "production",
        filter: { severities: ["HIGH"] },
        ordering: { field: "CVSS_SCORE" },
      },
    },
    value: {
      paging,
      items: [
        {
          cveId: "CVE-2024-3094",
          highestSeverity: "CRITICAL",
          highestCVSSScore: null,
          detectedInCount: 3,
          fixable: true,
          packages: [{ purl: xz.purl, severity: "CRITICAL", fixedBy: ["5.6.1"] }],
        },
      ],
    },
  },
  imagesWithCve: {
    input: { organization, stream: "production", cveId: "CVE-2024-3094", repoName: "acme/app" },
    variables: {
      context,
      query: { stream: "production", cveId: "CVE-2024-3094", filter: { repoName: "acme/app" } },
    },
    value: {
      paging,
      packageCount: 1,
      items: [
        {
          affectedImage: image,
          affectedPackages: [{ purl: xz.purl, name: xz.name, version: xz.version, type: xz.type }],
        },
      ],
    },
  },
  imagesWithPackage: {
    input: { organization, stream: "production", name: "xz-utils", type: "deb", pageSize: 2 },
    variables: {
      context,
      query: { stream: "production", name: "xz-utils", type: "deb", paging: { pageSize: 2 } },
    },
    value: {
      paging,
      versions: ["5.6.0-0.1"],
      items: [
        {
          digest,
          name: null,
          lastPushed: "2026-01-04T21:06:53Z",
          repository: { hostName: repository.hostName, repoName: "acme/app" },
          packageVersions: ["5.6.0-0.1"],
          platform,
        },
      ],
    },
  },
  exceptions: {
    input: { organization, type: "ACCEPTED_RISK" },
    variables: { context, query: { paging: {}, filter: { type: "ACCEPTED_RISK" } } },
    value: {
      paging,
      items: [
        {
          id: "1",
          author: "jon",
          timestamp: tag.updatedAt,
          type: "ACCEPTED_RISK",
          vulnerability: { cveId: "CVE-2011-3374", highestSeverity: "LOW", highestCVSSScore: null },
          imageScopes: [
            {
              hostName: null,
              repoName: "acme/app",
              digest: null,
              packageScopes: [{ purl: apt.purl }],
            },
          ],
          reason: { justification: null, additionalDetails: "Not reachable" },
        },
      ],
    },
  },
  organizationStatus: {
    input: { organization },
    variables: { context },
    value: {
      hasImageAnalysisEnabled: true,
      hasAnalyzedImages: true,
      hasEverAnalyzedImages: true,
      lastRepoEnablementChangeAt: null,
    },
  },
  entitlements: {
    input: { organization },
    variables: { context },
    value: {
      namespace: "acme",
      isEnrolled: true,
      plan: { displayName: "Docker Team", isFree: false, isLegacy: false },
      featureEntitlements: {
        scoutAPI: { enabled: true, accessRestrictedDueToRepoLimits: false },
        localRepository: { enabled: true },
        remoteRepository: {
          enabled: true,
          accountLimit: 5,
          isUnlimited: false,
          enabledRepoCount: 2,
          entitlementUsed: 2,
          repoEntitlementExceeded: false,
        },
        configurablePolicy: { enabled: true },
        dhi: {
          dhiEnabled: false,
          canViewCatalog: true,
          canMirrorMoreRepositories: false,
          repositoriesLimit: 0,
          mirroredRepositoriesCount: 0,
          freeTrial: false,
          freeTrialEndDate: null,
        },
      },
    },
  },
  enabledRepositories: {
    input: { organization },
    variables: { context },
    value: { count: 1, entitlementUsed: 1, repos: [{ ...coordinates, type: "standard" }] },
  },
  serviceStatus: {
    input: {},
    variables: {},
    value: { maintenance: { severity: "info", title: "Soon", message: "On Sunday" } },
  },
});
