/** The catalogue of Docker Hardened Images. Source: see images.ts. */
import * as z from "zod";
import { named } from "../../operation.ts";
import { query } from "../graphql/query.ts";
import { anyOrganization, contextOf, given } from "../parameters.ts";
import { reportFields, VulnerabilityReport } from "../schemas/vulnerability.ts";

const category = z.looseObject({ id: z.string(), name: z.string() });
const common = {
  name: z.string(),
  namespace: z.string(),
  displayName: z.string(),
  shortDescription: z.string(),
  featured: z.boolean(),
  fipsCompliant: z.boolean(),
  stigCertified: z.boolean(),
  homeUrl: z.string().nullish(),
  categories: z.array(category),
  distributions: z.array(z.string()),
  platforms: z.array(z.string()),
};
const repository = z.looseObject(common);
/** A repository of hardened images. */
export interface HardenedRepositoryEntry extends z.infer<typeof repository> {}
const repositories = z.looseObject({
  items: z.array(named<HardenedRepositoryEntry>(repository)),
  /** Every category, whatever was asked for. */
  categories: z.array(category),
});
/** Repositories of hardened images. */
export interface HardenedRepositories extends z.infer<typeof repositories> {}

const commonFields = `name namespace displayName shortDescription featured fipsCompliant stigCertified homeUrl
      categories { id name } distributions platforms`;

/** Lists the repositories of Docker Hardened Images. */
export const hardenedRepositories = query({
  summary: "Lists the repositories of Docker Hardened Images.",
  auth: "optional",
  effect: "read",
  input: z.strictObject({
    categoryId: z.string().optional().describe("Only of this category"),
    organization: anyOrganization,
  }),
  output: named<HardenedRepositories>(repositories),
  document: `query hardenedRepositories($context: Context, $query: DhiRepositoriesQuery) {
  dhiRepositories(context: $context, query: $query) {
    items { ${commonFields} }
    categories { id name }
  }
}`,
  variables: ({ organization, categoryId }) => ({
    context: contextOf(organization),
    query: { filter: given({ categoryId }) },
  }),
});

const tag = z.looseObject({ name: z.string(), lastUpdated: z.string() });
const manifest = z.looseObject({
  manifestDigest: z.string(),
  platform: z.string(),
  distribution: z.string(),
  /** Bytes. */
  compressedSize: z.number(),
  packageManager: z.string().nullish(),
  shell: z.string().nullish(),
  user: z.string(),
  workingDirectory: z.string(),
  fipsCompliant: z.boolean(),
  stigCertified: z.boolean(),
  lastPushed: z.string(),
  vulnerabilities: VulnerabilityReport.nullish(),
  scoutHealthScore: z
    .looseObject({
      score: z.string(),
      policies: z.array(
        z.looseObject({
          name: z.string(),
          label: z.string(),
          status: z.string(),
          violationCount: z.int(),
        }),
      ),
    })
    .nullish(),
});
/** A hardened image of one platform. */
export interface HardenedManifest extends z.infer<typeof manifest> {}
const HardenedManifest = named<HardenedManifest>(manifest);
const manifestFields = `manifestDigest platform distribution compressedSize packageManager shell user workingDirectory
      fipsCompliant stigCertified lastPushed vulnerabilities { ${reportFields} }
      scoutHealthScore { score policies { name label status violationCount } }`;

const details = z.looseObject({
  ...common,
  /** Markdown. */
  overview: z.string(),
  /** Markdown. */
  guides: z.string(),
  images: z.array(
    z.looseObject({
      indexDigest: z.string(),
      tags: z.array(tag),
      imageManifests: z.array(HardenedManifest),
    }),
  ),
});
/** A repository of hardened images, with its images. */
export interface HardenedRepository extends z.infer<typeof details> {}

const repoName = z.string().min(1).describe("Repository of the catalogue: python");

/** Shows a repository of hardened images, with its tags and images. */
export const hardenedRepository = query({
  summary: "Shows a repository of hardened images, with its tags and images.",
  auth: "optional",
  effect: "read",
  input: z.strictObject({ repoName, organization: anyOrganization }),
  output: named<HardenedRepository>(details),
  document: `query hardenedRepository($context: Context, $query: DhiRepositoryDetailsQuery!) {
  dhiRepositoryDetails(context: $context, query: $query) {
    ${commonFields} overview guides
    images {
      indexDigest tags { name lastUpdated }
      imageManifests { ${manifestFields} }
    }
  }
}`,
  variables: ({ organization, ...rest }) => ({ context: contextOf(organization), query: rest }),
});

const tagDetails = z.looseObject({
  repo: z.string(),
  indexDigest: z.string(),
  tag,
  /** Every tag of the same image. */
  allTags: z.array(tag),
  imageManifests: z.array(HardenedManifest),
});
/** A tag of hardened images. */
export interface HardenedTag extends z.infer<typeof tagDetails> {}

/** Shows a tag of hardened images, platform by platform. */
export const hardenedTag = query({
  summary: "Shows a tag of hardened images, platform by platform.",
  auth: "optional",
  effect: "read",
  input: z.strictObject({
    repoName,
    tag: z.string().min(1).max(128).describe("Tag of the repository"),
    organization: anyOrganization,
  }),
  output: named<HardenedTag>(tagDetails),
  document: `query hardenedTag($context: Context, $query: DhiTagDetailsQuery!) {
  dhiTagDetails(context: $context, query: $query) {
    repo indexDigest tag { name lastUpdated } allTags { name lastUpdated }
    imageManifests { ${manifestFields} }
  }
}`,
  variables: ({ organization, ...rest }) => ({ context: contextOf(organization), query: rest }),
});
