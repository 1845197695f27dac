/**
 * What is in an image, by the digest of one platform's manifest. Docker does not publish its GraphQL; the fields are those
 * of the schema that its own MCP server ships (github.com/docker/hub-mcp), and may change without notice.
 */
import * as z from "zod";
import { named } from "../../operation.ts";
import { query } from "../graphql/query.ts";
import { anyOrganization, contextOf, digest, given, hostName, repoName } from "../parameters.ts";
import { imageFields, sbomState, ScoutImage } from "../schemas/image.ts";
import { reportFields, VulnerabilityReport } from "../schemas/vulnerability.ts";

const summary = z.looseObject({
  digest: z.string(),
  sbomState,
  /** Null where the image was not scanned yet. */
  vulnerabilityReport: VulnerabilityReport.nullish(),
});
/** Vulnerabilities of an image, counted. */
export interface ImageSummary extends z.infer<typeof summary> {}

/** Counts the vulnerabilities of images, by severity. */
export const imageSummaries = query({
  summary: "Counts the vulnerabilities of images, by severity.",
  description: "An image that Docker Scout does not know is left out.",
  effect: "read",
  input: z.strictObject({
    organization: anyOrganization,
    digests: z.array(digest).min(1).describe("Digests of images of one platform"),
    hostName: hostName.optional(),
    repoName: repoName.optional(),
  }),
  output: z.array(named<ImageSummary>(summary)),
  document: `query imageSummaries($context: Context!, $digests: [String!]!, $repository: ScRepositoryInput) {
  imageSummariesByDigest(context: $context, digests: $digests, repository: $repository) {
    digest sbomState vulnerabilityReport { ${reportFields} }
  }
}`,
  variables: ({ organization, digests, ...repository }) => ({
    context: contextOf(organization),
    digests,
    repository: given(repository),
  }),
});

/** Shows the images behind a digest: size, packages, base image, vulnerabilities counted. */
export const imageDetails = query({
  summary: "Shows the images behind a digest: size, packages, base image, vulnerabilities counted.",
  description: "The digest of an index gives the image of every platform.",
  effect: "read",
  input: z.strictObject({
    organization: anyOrganization,
    digest: digest.describe("Digest of an image or of an index, sha256:…"),
    repository: z.string().min(1).optional().describe("Only as it is in this repository"),
  }),
  output: z.array(ScoutImage),
  document: `query imageDetails($context: Context!, $digest: String!, $repository: String) {
  imageDetailsListByDigest(context: $context, digest: $digest, repository: $repository) {
    ${imageFields}
  }
}`,
  variables: ({ organization, ...rest }) => ({ context: contextOf(organization), ...rest }),
});

const found = z.looseObject({
  name: z.string().nullish(),
  namespace: z.string().nullish(),
  version: z.string().nullish(),
  type: z.string(),
  /** Package URL: `pkg:deb/debian/openssl@3.0.15`. */
  purl: z.string(),
  author: z.string().nullish(),
  licenses: z.array(z.string()),
  /** Paths, and the layers that hold them. */
  locations: z.array(z.looseObject({ path: z.string(), diffId: z.string() })),
});
/** A package in an image. */
export interface ImagePackage extends z.infer<typeof found> {}
const packages = z.looseObject({
  digest: z.string(),
  sbomState,
  packages: z.array(named<ImagePackage>(found)),
  /** Docker Scout's `diffId` is the digest of the compressed layer. */
  layers: z.array(z.looseObject({ diffId: z.string(), ordinal: z.int() })),
});
/** What Docker Scout found in an image. */
export interface ImagePackages extends z.infer<typeof packages> {}

/** Lists the packages of an image, with licences and places: its bill of materials. */
export const imagePackages = query({
  summary: "Lists the packages of an image, with licences and places: its bill of materials.",
  effect: "read",
  input: z.strictObject({
    organization: anyOrganization,
    digest,
    includePublic: z.boolean().optional().describe("Whether to look among public images too"),
  }),
  output: named<ImagePackages>(packages),
  document: `query imagePackages($context: Context!, $digest: String!, $query: IpImagePackagesByDigestQuery) {
  imagePackagesByDigest(context: $context, digest: $digest, query: $query) {
    digest sbomState
    imagePackages {
      packages {
        package { name namespace version type purl author licenses }
        locations { path diffId }
      }
    }
    imageLayers { layers { diffId ordinal } }
  }
}`,
  variables: ({ organization, digest: image, ...rest }) => ({
    context: contextOf(organization),
    digest: image,
    query: given(rest),
  }),
  result: ({ imagePackages: within, imageLayers, ...image }: Packages) => ({
    ...image,
    packages: within.packages.map(({ package: one, locations }) => ({ ...one, locations })),
    layers: imageLayers.layers,
  }),
});

interface Packages {
  readonly imagePackages: {
    readonly packages: readonly { readonly package: object; readonly locations: unknown }[];
  };
  readonly imageLayers: { readonly layers: unknown };
}

const secrets = z.looseObject({
  digest: z.string(),
  secrets: z.array(
    z.looseObject({
      source: z.looseObject({
        /** FILE, ENV, LABEL or HISTORY. */
        type: z.string(),
        location: z
          .looseObject({
            path: z.string().nullish(),
            ordinal: z.int().nullish(),
            digest: z.string().nullish(),
            diffId: z.string().nullish(),
          })
          .nullish(),
      }),
      findings: z.array(
        z.looseObject({
          ruleId: z.string(),
          category: z.string(),
          title: z.string(),
          severity: z.string(),
          /** The line, in which the secret is hidden already. */
          match: z.string(),
          startLine: z.int().nullish(),
          endLine: z.int().nullish(),
        }),
      ),
    }),
  ),
});
/** Secrets that somebody left in an image. */
export interface ImageSecrets extends z.infer<typeof secrets> {}

/** Lists secrets that were left in an image. */
export const imageSecrets = query({
  summary: "Lists secrets that were left in an image.",
  description: "Docker Scout hides the secrets themselves.",
  effect: "read",
  input: z.strictObject({ organization: anyOrganization, digest }),
  output: named<ImageSecrets>(secrets),
  document: `query imageSecrets($context: Context!, $digest: String!) {
  imageDetectedSecretsByDigest(context: $context, digest: $digest) {
    digest
    secrets {
      source { type location { path ordinal digest diffId } }
      findings { ruleId category title severity match startLine endLine }
    }
  }
}`,
  variables: ({ organization, ...rest }) => ({ context: contextOf(organization), ...rest }),
});
