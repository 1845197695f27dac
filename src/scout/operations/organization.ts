/** How Docker Scout and an organization stand. Source: see images.ts. */
import * as z from "zod";
import { named } from "../../operation.ts";
import { query } from "../graphql/query.ts";
import { contextOf, organization } from "../parameters.ts";

const status = z.looseObject({
  hasImageAnalysisEnabled: z.boolean(),
  hasAnalyzedImages: z.boolean(),
  hasEverAnalyzedImages: z.boolean(),
  lastRepoEnablementChangeAt: z.string().nullish(),
});
/** Whether images of an organization are analysed. */
export interface OrganizationStatus extends z.infer<typeof status> {}

/** Shows whether images of an organization are analysed. */
export const organizationStatus = query({
  summary: "Shows whether images of an organization are analysed.",
  effect: "read",
  input: z.strictObject({ organization }),
  output: named<OrganizationStatus>(status),
  document: `query organizationStatus($context: Context!) {
  organizationStatus(context: $context) {
    hasImageAnalysisEnabled hasAnalyzedImages hasEverAnalyzedImages lastRepoEnablementChangeAt
  }
}`,
  variables: ({ organization: name }) => ({ context: contextOf(name) }),
});

const enabled = z.looseObject({ enabled: z.boolean() });
const rights = z.looseObject({
  namespace: z.string(),
  isEnrolled: z.boolean(),
  plan: z.looseObject({ displayName: z.string(), isFree: z.boolean(), isLegacy: z.boolean() }),
  featureEntitlements: z
    .looseObject({
      scoutAPI: z.looseObject({
        enabled: z.boolean(),
        accessRestrictedDueToRepoLimits: z.boolean(),
      }),
      localRepository: enabled,
      remoteRepository: z.looseObject({
        enabled: z.boolean(),
        accountLimit: z.int().nullish(),
        isUnlimited: z.boolean(),
        enabledRepoCount: z.int(),
        entitlementUsed: z.int(),
        repoEntitlementExceeded: z.boolean(),
      }),
      configurablePolicy: enabled,
      dhi: z.looseObject({
        dhiEnabled: z.boolean(),
        canViewCatalog: z.boolean(),
        canMirrorMoreRepositories: z.boolean(),
        repositoriesLimit: z.int(),
        mirroredRepositoriesCount: z.int(),
        freeTrial: z.boolean(),
        freeTrialEndDate: z.string().nullish(),
      }),
    })
    .nullish(),
});
/** What the plan of an organization includes. */
export interface Entitlements extends z.infer<typeof rights> {}

/** Shows what the plan of an organization includes, and how much of it is used. */
export const entitlements = query({
  summary: "Shows what the plan of an organization includes, and how much of it is used.",
  effect: "read",
  input: z.strictObject({ organization }),
  output: named<Entitlements>(rights),
  document: `query entitlements($context: Context!) {
  namespaceEntitlements(context: $context) {
    namespace isEnrolled plan { displayName isFree isLegacy }
    featureEntitlements {
      scoutAPI { enabled accessRestrictedDueToRepoLimits }
      localRepository { enabled }
      remoteRepository {
        enabled accountLimit isUnlimited enabledRepoCount entitlementUsed repoEntitlementExceeded
      }
      configurablePolicy { enabled }
      dhi {
        dhiEnabled canViewCatalog canMirrorMoreRepositories repositoriesLimit
        mirroredRepositoriesCount freeTrial freeTrialEndDate
      }
    }
  }
}`,
  variables: ({ organization: name }) => ({ context: contextOf(name) }),
});

const repositories = z.looseObject({
  count: z.int(),
  entitlementUsed: z.int(),
  repos: z.array(
    z.looseObject({
      hostName: z.string(),
      repoName: z.string(),
      /** `standard` or `dhi_mirror`. */
      type: z.string(),
    }),
  ),
});
/** Repositories that are analysed. */
export interface EnabledRepositories extends z.infer<typeof repositories> {}

/** Lists the repositories of an organization that are analysed. */
export const enabledRepositories = query({
  summary: "Lists the repositories of an organization that are analysed.",
  effect: "read",
  input: z.strictObject({ organization }),
  output: named<EnabledRepositories>(repositories),
  document: `query enabledRepositories($context: Context!) {
  listEnabledRepos(context: $context) { count entitlementUsed repos { hostName repoName type } }
}`,
  variables: ({ organization: name }) => ({ context: contextOf(name) }),
});

const service = z.looseObject({
  /** Null where all is well. */
  maintenance: z
    .looseObject({ severity: z.string(), title: z.string(), message: z.string() })
    .nullish(),
});
/** Whether Docker Scout is under maintenance. */
export interface ServiceStatus extends z.infer<typeof service> {}

/** Shows whether Docker Scout is under maintenance. */
export const serviceStatus = query({
  summary: "Shows whether Docker Scout is under maintenance.",
  auth: "optional",
  effect: "read",
  input: z.strictObject({}),
  output: named<ServiceStatus>(service),
  document: `query serviceStatus {
  serviceStatus { maintenance { severity title message } }
}`,
  variables: () => ({}),
});
