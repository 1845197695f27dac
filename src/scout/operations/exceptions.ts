/** Vulnerabilities that somebody decided to live with, and why. Source: see images.ts. */
import * as z from "zod";
import { named } from "../../operation.ts";
import { query } from "../graphql/query.ts";
import { contextOf, given, organization, paged, pages } from "../parameters.ts";
import { paging, pagingFields } from "../schemas/image.ts";

const exception = z.looseObject({
  id: z.string(),
  author: z.string().nullish(),
  timestamp: z.string(),
  /** ACCEPTED_RISK or FALSE_POSITIVE. */
  type: z.string(),
  vulnerability: z.looseObject({
    cveId: z.string(),
    highestSeverity: z.string().nullish(),
    highestCVSSScore: z.string().nullish(),
  }),
  /** Null means every image of the organization. */
  imageScopes: z
    .array(
      z.looseObject({
        hostName: z.string().nullish(),
        repoName: z.string().nullish(),
        digest: z.string().nullish(),
        packageScopes: z.array(z.looseObject({ purl: z.string() })).nullish(),
      }),
    )
    .nullish(),
  reason: z
    .looseObject({
      justification: z.string().nullish(),
      additionalDetails: z.string().nullish(),
    })
    .nullish(),
});
/** An exception, made by hand or by a VEX statement. */
export interface VulnerabilityException extends z.infer<typeof exception> {}
const list = z.looseObject({ paging, items: z.array(named<VulnerabilityException>(exception)) });
/** Exceptions of an organization. */
export interface VulnerabilityExceptions extends z.infer<typeof list> {}

/** Lists vulnerabilities that an organization decided to live with, and why. */
export const exceptions = query({
  summary: "Lists vulnerabilities that an organization decided to live with, and why.",
  effect: "read",
  input: z.strictObject({
    organization,
    cveId: z.string().optional().describe("Only of this vulnerability"),
    digest: z.string().optional().describe("Only those for this image"),
    repository: z.string().optional().describe("Only those for this repository"),
    type: z.enum(["ACCEPTED_RISK", "FALSE_POSITIVE"]).optional().describe("Only of this type"),
    ...pages,
  }),
  output: named<VulnerabilityExceptions>(list),
  paging: paged,
  document: `query exceptions($context: Context!, $query: VulnerabilityExceptionsQuery) {
  vulnerabilityExceptions(context: $context, query: $query) {
    ${pagingFields}
    items {
      id author timestamp type
      vulnerability { cveId highestSeverity highestCVSSScore }
      imageScopes { hostName repoName digest packageScopes { purl } }
      reason { justification additionalDetails }
    }
  }
}`,
  variables: ({ organization: name, page, pageSize, ...filter }) => ({
    context: contextOf(name),
    // Here the paging must be there, though nothing need be in it.
    query: { paging: given({ page, pageSize }) ?? {}, filter: given(filter) },
  }),
});
