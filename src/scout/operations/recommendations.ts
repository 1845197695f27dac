/** What an image is built on, and what would be better. Source: see images.ts. */
import * as z from "zod";
import { named } from "../../operation.ts";
import { query } from "../graphql/query.ts";
import { anyOrganization, contextOf, digest } from "../parameters.ts";
import { commonFields, ScoutBaseImage } from "../schemas/image.ts";
import { reportFields, VulnerabilityReport } from "../schemas/vulnerability.ts";

const base = z.looseObject({
  /** The layers that are the base image's. */
  layerMatches: z.array(z.looseObject({ layerOrdinal: z.int(), layerDigest: z.string() })),
  /** Several where it was pushed to several repositories. */
  images: z.array(ScoutBaseImage),
});
/** A base image of an image. */
export interface BaseImageMatch extends z.infer<typeof base> {}

/** Lists the images that an image is built on, with the layers they share. */
export const baseImages = query({
  summary: "Lists the images that an image is built on, with the layers they share.",
  effect: "read",
  input: z.strictObject({ organization: anyOrganization, digest }),
  output: z.array(named<BaseImageMatch>(base)),
  document: `query baseImages($context: Context!, $digest: String!) {
  baseImagesByDigest(context: $context, digest: $digest) {
    layerMatches { layerOrdinal layerDigest }
    images { ${commonFields} }
  }
}`,
  variables: ({ organization, ...rest }) => ({ context: contextOf(organization), ...rest }),
});

const tag = z.looseObject({
  digest: z.string(),
  indexDigest: z.string().nullish(),
  createdAt: z.string(),
  packageCount: z.int(),
  /** Bytes. */
  imageSize: z.number(),
  tags: z.array(z.string()),
  aliases: z.array(z.string()),
  vulnerabilityReport: VulnerabilityReport.nullish(),
  tag: z.looseObject({
    name: z.string(),
    os: z.string().nullish(),
    framework: z.string().nullish(),
    runtime: z.string().nullish(),
    flavor: z.string().nullish(),
    slim: z.boolean().nullish(),
  }),
  scoring: z
    .looseObject({
      total: z.int(),
      summary: z.string(),
      details: z.array(z.looseObject({ name: z.string(), reason: z.string(), score: z.int() })),
    })
    .nullish(),
});
/** A tag of a base image, with why it is good. */
export interface RecommendedTag extends z.infer<typeof tag> {}
const RecommendedTag = named<RecommendedTag>(tag);
const recommended = z.looseObject({
  repository: z.looseObject({
    name: z.string(),
    pullCount: z.number().nullish(),
    starCount: z.int().nullish(),
    description: z.string().nullish(),
  }),
  recommendations: z.array(
    z.looseObject({ currentTag: RecommendedTag, recommendedTags: z.array(RecommendedTag) }),
  ),
});
/** Better tags of a repository. */
export interface Recommendations extends z.infer<typeof recommended> {}
const Recommendations = named<Recommendations>(recommended);

const tagFields = `digest indexDigest createdAt packageCount imageSize tags aliases
        vulnerabilityReport { ${reportFields} }
        tag { name os framework runtime flavor slim }
        scoring { total summary details { name reason score } }`;
const fields = `repository { name pullCount starCount description }
    recommendations {
      currentTag { ${tagFields} }
      recommendedTags { ${tagFields} }
    }`;

/** Recommends tags in place of those that a digest has, or had. */
export const recommendations = query({
  summary: "Recommends tags in place of those that a digest has, or had.",
  description: "Give it the digest of a base image to learn what to build on instead.",
  effect: "read",
  input: z.strictObject({
    organization: anyOrganization,
    digest,
    repository: z.string().min(1).optional().describe("Only tags of this repository"),
  }),
  output: Recommendations,
  document: `query recommendations($context: Context!, $digest: String!, $repository: String) {
  tagRecommendationsByDigest(context: $context, digest: $digest, repository: $repository) {
    ${fields}
  }
}`,
  variables: ({ organization, ...rest }) => ({ context: contextOf(organization), ...rest }),
});

/** Recommends tags in place of one of a repository. */
export const tagRecommendations = query({
  summary: "Recommends tags in place of one of a repository.",
  effect: "read",
  input: z.strictObject({
    organization: anyOrganization,
    repository: z.string().min(1).describe("Repository"),
    tag: z.string().min(1).max(128).describe("Tag of the repository"),
  }),
  output: Recommendations,
  document: `query tagRecommendations($context: Context!, $repository: String!, $tag: String!) {
  tagRecommendationsByRepositoryAndTag(context: $context, repository: $repository, tag: $tag) {
    ${fields}
  }
}`,
  variables: ({ organization, ...rest }) => ({ context: contextOf(organization), ...rest }),
});
