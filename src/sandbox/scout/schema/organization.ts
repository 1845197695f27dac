/** An organization: what is analysed, what its plan includes. Names and types are those of Docker Scout's schema. */
export const organization = `
input SkillInput {
  namespace: String!
  name: String!
}
input IntegrationConfigurationFilter {
  skill: SkillInput!
  configurationName: String
}
enum MaintenanceSeverity {
  info
  warning
  error
}
enum RepositoryType {
  standard
  dhi_mirror
}
type ScOrganizationStatus {
  hasImageAnalysisEnabled: Boolean!
  hasAnalyzedImages: Boolean!
  hasEverAnalyzedImages: Boolean!
  lastRepoEnablementChangeAt: String
}
type NamespaceEntitlements {
  namespace: String!
  plan: ScEntitlementsPlan!
  isEnrolled: Boolean!
  featureEntitlements: FeatureEntitlements
}
type ScEntitlementsPlan {
  displayName: String!
  isLegacy: Boolean!
  isFree: Boolean!
}
type FeatureEntitlements {
  configurablePolicy: ConfigurablePolicyEntitlement!
  localRepository: LocalRepositoryEntitlement!
  remoteRepository: RemoteRepositoryEntitlement!
  scoutAPI: ScoutAPIEntitlement!
  dhi: DhiEntitlement!
}
type ConfigurablePolicyEntitlement {
  enabled: Boolean!
}
type LocalRepositoryEntitlement {
  enabled: Boolean!
}
type RemoteRepositoryEntitlement {
  enabled: Boolean!
  accountLimit: Int
  isUnlimited: Boolean!
  enabledRepoCount: Int!
  entitlementUsed: Int!
  repoEntitlementExceeded: Boolean!
}
type ScoutAPIEntitlement {
  enabled: Boolean!
  accessRestrictedDueToRepoLimits: Boolean!
}
type DhiEntitlement {
  dhiEnabled: Boolean!
  canMirrorMoreRepositories: Boolean!
  canViewCatalog: Boolean!
  repositoriesLimit: Int!
  mirroredRepositoriesCount: Int!
  freeTrial: Boolean!
  freeTrialEndDate: String
}
type EnabledRepositoriesResult {
  repos: [RepositoryResult!]!
  count: Int!
  entitlementUsed: Int!
}
type RepositoryResult {
  hostName: String!
  repoName: String!
  type: RepositoryType!
}
type ServiceStatusResult {
  maintenance: Maintenance
}
type Maintenance {
  severity: MaintenanceSeverity!
  title: String!
  message: String!
}
input RepoVulnerabilityReportingInput {
  repoName: String!
  hostName: String
  enabled: Boolean!
}
input MultiRepoVulnerabilityReportingInput {
  repoNames: [String!]!
  hostName: String
  enabled: Boolean!
}
input IntegrationConfigurationInput {
  skill: SkillInput!
  configurationName: String!
}
input SetEnableReposOnPushInput {
  enabled: Boolean!
}
input ReposBlockedInput {
  hostName: String
  repoNames: [String!]!
  blocked: Boolean!
}
type ScUserResult {
  id: ID!
  email: String
  name: String
  username: String
  avatarUrl: String
}
type RepositoryFeatures {
  vulnerabilityReporting: VulnerabilityReportingRepoFeature
}
type VulnerabilityReportingRepoFeature {
  enabled: Boolean!
}
type VulnerabilityReportingResult {
  namespace: String!
  repoName: String!
  hostName: String!
  vulnerabilityReporting: VulnerabilityReportingRepoFeature
}
type ShouldEnableReposOnPushResult {
  enabled: Boolean!
}
type SetEnableReposOnPushResult {
  enabled: Boolean!
}
type BlockedRepoResult {
  hostName: String!
  namespace: String!
  repoName: String!
  blocked: Boolean!
}
type ListBlockedReposResult {
  repos: [RepositoryResult!]!
  count: Int!
}
`;
