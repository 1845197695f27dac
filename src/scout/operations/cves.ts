/** Vulnerabilities: of images, of packages, one by its name. Source: see images.ts. */
import * as z from "zod";
import { named } from "../../operation.ts";
import { query } from "../graphql/query.ts";
import {
  anyOrganization,
  contextOf,
  digest,
  given,
  includeExcepted,
  organization,
  severity,
  stream,
} from "../parameters.ts";
import { sbomState } from "../schemas/image.ts";
import {
  PackageVulnerabilities,
  Vulnerability,
  vulnerabilityFields,
} from "../schemas/vulnerability.ts";

const vulnerable = z.looseObject({
  name: z.string().nullish(),
  namespace: z.string().nullish(),
  version: z.string().nullish(),
  type: z.string(),
  purl: z.string(),
  vulnerabilities: z.array(Vulnerability),
});
/** A package of an image that has vulnerabilities. */
export interface VulnerablePackage extends z.infer<typeof vulnerable> {}
const cves = z.looseObject({
  digest: z.string(),
  sbomState,
  packages: z.array(named<VulnerablePackage>(vulnerable)),
});
/** The vulnerabilities of an image, package by package. */
export interface ImageCves extends z.infer<typeof cves> {}

/** Lists the vulnerabilities of an image, package by package. */
export const imageCves = query({
  summary: "Lists the vulnerabilities of an image, package by package.",
  description: "Packages without any are left out; scout.imagePackages has all of them.",
  effect: "read",
  input: z.strictObject({
    organization: anyOrganization,
    digest,
    includeExcepted,
    includePublic: z.boolean().optional().describe("Whether to look among public images too"),
  }),
  output: named<ImageCves>(cves),
  document: `query imageCves($context: Context!, $digest: String!, $query: IpImagePackagesByDigestQuery) {
  imagePackagesByDigest(context: $context, digest: $digest, query: $query) {
    digest sbomState
    imagePackages {
      packages {
        package { name namespace version type purl vulnerabilities { ${vulnerabilityFields} } }
      }
    }
  }
}`,
  variables: ({ organization: name, digest: image, ...rest }) => ({
    context: contextOf(name),
    digest: image,
    query: given(rest),
  }),
  result: ({ imagePackages, ...image }: Packages) => ({
    ...image,
    packages: imagePackages.packages
      .map((each) => each.package)
      .filter(({ vulnerabilities }) => vulnerabilities.length > 0),
  }),
});

interface Packages {
  readonly imagePackages: {
    readonly packages: readonly {
      readonly package: { readonly vulnerabilities: readonly unknown[] };
    }[];
  };
}

/** Lists the vulnerabilities of packages, by package URL. */
export const vulnerabilitiesByPackage = query({
  summary: "Lists the vulnerabilities of packages, by package URL.",
  effect: "read",
  input: z.strictObject({
    organization: anyOrganization,
    packageUrls: z
      .array(z.string().startsWith("pkg:"))
      .min(1)
      .describe("Package URLs: pkg:npm/lodash@4.17.20"),
    digest: digest.optional().describe("Digest of the image they are in, for its exceptions"),
    includeExcepted,
  }),
  output: z.array(PackageVulnerabilities),
  document: `query vulnerabilitiesByPackage($context: Context!, $packageUrls: [String!]!, $digest: String, $includeExcepted: Boolean) {
  vulnerabilitiesByPackage(context: $context, packageUrls: $packageUrls, digest: $digest, includeExcepted: $includeExcepted) {
    purl vulnerabilities { ${vulnerabilityFields} }
  }
}`,
  variables: ({ organization: name, ...rest }) => ({ context: contextOf(name), ...rest }),
});

const recent = z.looseObject({
  cveId: z.string(),
  highestSeverity: z.string(),
  highestCVSSScore: z.string().nullish(),
  /** How many images have it. */
  detectedInCount: z.int(),
  publishedAt: z.string(),
});
/** A vulnerability that was published lately. */
export interface RecentCve extends z.infer<typeof recent> {}
const recents = z.looseObject({ items: z.array(named<RecentCve>(recent)) });
/** Vulnerabilities that were published lately. */
export interface RecentCves extends z.infer<typeof recents> {}

/** Lists vulnerabilities that were published lately, and how many of an organization's images have them. */
export const recentCves = query({
  summary:
    "Lists vulnerabilities that were published lately, and how many of an organization's images have them.",
  effect: "read",
  input: z.strictObject({
    organization,
    stream,
    severities: z.array(severity).optional().describe("Only these severities"),
  }),
  output: named<RecentCves>(recents),
  document: `query recentCves($context: Context!, $query: ScRecentCVEsQuery!) {
  recentCves(context: $context, query: $query) {
    items { cveId highestSeverity highestCVSSScore detectedInCount publishedAt }
  }
}`,
  variables: ({ organization: name, stream: within, ...filter }) => ({
    context: contextOf(name),
    query: { stream: within, filter: given(filter) },
  }),
});

const source = z.looseObject({
  source: z.string(),
  sourceName: z.string(),
  sourceId: z.string(),
  url: z.string().nullish(),
  description: z.string().nullish(),
  createdAt: z.string(),
  updatedAt: z.string(),
  withdrawnAt: z.string().nullish(),
  state: z.string().nullish(),
  cvss: z.looseObject({
    severity: z.string().nullish(),
    version: z.string().nullish(),
    score: z.number().nullish(),
    vector: z.string().nullish(),
  }),
  packages: z.array(
    z.looseObject({
      name: z.string().nullish(),
      type: z.string(),
      namespace: z.string().nullish(),
      versions: z.array(
        z.looseObject({ vulnerableRange: z.string().nullish(), fixedBy: z.string().nullish() }),
      ),
    }),
  ),
  advisories: z.array(z.string()),
  exploits: z.array(z.string()),
});
const sources = z.looseObject({
  cveId: z.string(),
  defaultSource: z.string(),
  sources: z.array(source),
  epss: z
    .looseObject({ score: z.number(), percentile: z.number(), priority: z.string() })
    .nullish(),
});
/** What the sources say of one vulnerability. */
export interface CveSources extends z.infer<typeof sources> {}

/** Shows what the sources say of one vulnerability. */
export const cve = query({
  summary: "Shows what the sources say of one vulnerability.",
  effect: "read",
  input: z.strictObject({
    cveId: z.string().min(1).describe("Its name: CVE-2024-3094"),
    organization: anyOrganization,
  }),
  output: named<CveSources>(sources),
  document: `query cve($context: Context!, $query: ScCVESourcesQuery!) {
  cveSources(context: $context, query: $query) {
    cveId defaultSource epss { score percentile priority }
    sources {
      source sourceName sourceId url description createdAt updatedAt withdrawnAt state
      cvss { severity version score vector }
      packages { name type namespace versions { vulnerableRange fixedBy } }
      advisories exploits
    }
  }
}`,
  variables: ({ organization: name, ...rest }) => ({ context: contextOf(name), query: rest }),
});
