/** Policies of an organization, and what complies with them. Source: see images.ts. */
import * as z from "zod";
import { named } from "../../operation.ts";
import { query } from "../graphql/query.ts";
import {
  contextOf,
  digest,
  given,
  organization,
  paged,
  pages,
  pagingOf,
  stream,
} from "../parameters.ts";
import { paging, pagingFields, platform, tag } from "../schemas/image.ts";

const counts = {
  totalImages: z.int(),
  compliantImages: z.int(),
  totalDeviations: z.int(),
  unknownImages: z.int(),
};
const summary = z.looseObject({
  ...counts,
  stream: z.string(),
  policy: z.looseObject({
    definitionName: z.string(),
    configurationName: z.string(),
    displayName: z.string().nullish(),
    description: z.string().nullish(),
    resultType: z.string(),
    /** DOCKER or USER. */
    owner: z.string(),
    enabled: z.boolean(),
    remediationLink: z.string().nullish(),
  }),
  /** The change since `timestamp`. */
  delta: z.looseObject({ ...counts, timestamp: z.string() }),
});
/** A policy, and how many images comply with it. */
export interface PolicySummary extends z.infer<typeof summary> {}
const summaries = z.looseObject({ items: z.array(named<PolicySummary>(summary)) });
/** The policies of an organization. */
export interface PolicySummaries extends z.infer<typeof summaries> {}

const countFields = "totalImages compliantImages totalDeviations unknownImages";

/** Lists the policies of an organization, and how many images comply with each. */
export const policies = query({
  summary: "Lists the policies of an organization, and how many images comply with each.",
  effect: "read",
  input: z.strictObject({
    organization,
    stream: stream.optional(),
    definitionName: z.string().optional().describe("Only policies of this definition"),
    configurationName: z.string().optional().describe("Only the policy of this configuration"),
    deltaTimestamp: z.string().optional().describe("Since when changes are counted"),
  }),
  output: named<PolicySummaries>(summaries),
  document: `query policies($context: Context!, $query: PolicySummaryQuery!) {
  goalResultSummaries(context: $context, query: $query) {
    items {
      stream ${countFields}
      policy {
        definitionName configurationName displayName description resultType owner enabled remediationLink
      }
      delta { ${countFields} timestamp }
    }
  }
}`,
  variables: ({ organization: name, ...rest }) => ({ context: contextOf(name), query: rest }),
});

const policy = z.looseObject({
  /** What kind of policy it is, such as `ScVulnerabilityPolicy`. */
  __typename: z.string(),
  definitionName: z.string(),
  configurationName: z.string(),
  displayName: z.string().nullish(),
  description: z.string().nullish(),
  evaluated: z.boolean(),
  /** Null where it was not evaluated. Deviations differ from kind to kind. */
  currentResult: z
    .looseObject({
      statusLabel: z.string(),
      createdDateTime: z.string(),
      isStale: z.boolean().nullish(),
      deviationCount: z.int().optional(),
      deviations: z.array(z.looseObject({ id: z.string() })).optional(),
      hasDeviation: z.boolean().optional(),
      deviation: z.looseObject({ id: z.string() }).nullish(),
    })
    .nullish(),
});
/** What a policy says of an image. */
export interface PolicyResult extends z.infer<typeof policy> {}
const PolicyResult = named<PolicyResult>(policy);

const image = {
  digest: z.string(),
  createdAt: z.string(),
  tags: z.array(tag),
  repository: z.looseObject({ hostName: z.string(), repoName: z.string() }),
  platform: platform.nullish(),
};
const evaluated = z.looseObject({ ...image, policies: z.array(PolicyResult) });
/** What the policies say of an image. */
export interface ImagePolicies extends z.infer<typeof evaluated> {}

const imageFields = `digest createdAt tags { name updatedAt current digest } repository { hostName repoName }
    platform { os architecture variant }`;
const nameFields = "definitionName configurationName displayName description evaluated";
const resultFields = "statusLabel createdDateTime isStale";
const detailFields = "id details { key value displayName }";
// Kinds of policies have fields of one name and several types, which one selection must not mix without an alias.
const policyFields = `__typename
      ... on ScBooleanPolicy {
        ${nameFields} booleanResult: currentResult { ${resultFields} hasDeviation deviation { ${detailFields} } }
      }
      ... on ScGenericPolicy {
        ${nameFields} genericResult: currentResult { ${resultFields} deviationCount deviations { ${detailFields} } }
      }
      ... on ScLicencePolicy {
        ${nameFields} licenceResult: currentResult { ${resultFields} deviationCount deviations { id purl license } }
      }
      ... on ScVulnerabilityPolicy {
        ${nameFields} vulnerabilityResult: currentResult {
          ${resultFields} deviationCount deviations { id vulnerability purl severity cvssScore fixedBy }
        }
      }`;

interface Sent {
  readonly booleanResult?: unknown;
  readonly genericResult?: unknown;
  readonly licenceResult?: unknown;
  readonly vulnerabilityResult?: unknown;
}

/** Whatever kind it is, its result is in one field. */
function withResult(sent: Sent): object {
  const { booleanResult, genericResult, licenceResult, vulnerabilityResult, ...rest } = sent;
  const currentResult = booleanResult ?? genericResult ?? licenceResult ?? vulnerabilityResult;
  return { ...rest, currentResult: currentResult ?? null };
}

/** Shows what the policies of an organization say of an image. */
export const imagePolicies = query({
  summary: "Shows what the policies of an organization say of an image.",
  effect: "read",
  input: z.strictObject({ organization, digest }),
  output: named<ImagePolicies>(evaluated),
  document: `query imagePolicies($context: Context!, $query: GoalResultsQuery!) {
  goalResultsByDigest(context: $context, query: $query) {
    ${imageFields}
    policies {
      ${policyFields}
    }
  }
}`,
  variables: ({ organization: name, ...rest }) => ({ context: contextOf(name), query: rest }),
  result: ({ policies: sent, ...rest }: { readonly policies: readonly Sent[] }) => ({
    ...rest,
    policies: sent.map(withResult),
  }),
});

const result = z.looseObject({ latestImage: z.looseObject(image), policy: PolicyResult });
/** What one policy says of one image. */
export interface PolicyImage extends z.infer<typeof result> {}
const results = z.looseObject({ paging, items: z.array(named<PolicyImage>(result)) });
/** What one policy says of the images of a stream. */
export interface PolicyImages extends z.infer<typeof results> {}

/** Lists what one policy says of the images of a stream. */
export const policyImages = query({
  summary: "Lists what one policy says of the images of a stream.",
  effect: "read",
  input: z.strictObject({
    organization,
    definitionName: z
      .string()
      .min(1)
      .describe("Definition of the policy, as scout.policies has it"),
    configurationName: z.string().min(1).describe("Configuration of the policy"),
    stream,
    policyState: z
      .enum(["compliant", "noncompliant", "unknown"])
      .optional()
      .describe("Only images that are so"),
    ...pages,
  }),
  output: named<PolicyImages>(results),
  paging: paged,
  document: `query policyImages($context: Context!, $query: GoalResultsPolicyQuery!) {
  goalResults(context: $context, query: $query) {
    ${pagingFields}
    items {
      latestImage { ${imageFields} }
      policy {
        ${policyFields}
      }
    }
  }
}`,
  variables: ({ organization: name, policyState, ...rest }) => ({
    context: contextOf(name),
    query: { ...pagingOf(rest), filter: given({ policyState }) },
  }),
  result: ({ items, ...rest }: { readonly items: readonly { readonly policy: Sent }[] }) => ({
    ...rest,
    items: items.map((item) => ({ ...item, policy: withResult(item.policy) })),
  }),
});
