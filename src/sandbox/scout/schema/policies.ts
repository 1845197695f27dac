/** Policies and what complies with them. Names and types are those of Docker Scout's schema. */
export const policies = `
input PolicySummaryQuery {
  stream: String
  deltaTimestamp: String
  definitionName: String
  configurationName: String
  filter: PolicySummaryQueryFilter
  orgFilters: [ScOrganizationFilterInput!]
}
input PolicySummaryQueryFilter {
  repos: [ScRepositoryInput!]
  hubTeams: [String!]
  kvs: [KVFilterInput!]
}
input GoalResultsQuery {
  digest: String!
}
input GoalResultsPolicyQuery {
  definitionName: String!
  configurationName: String!
  stream: String!
  paging: PagingInput
  filter: GoalResultsQueryFilter
  deltaTimestamp: String
}
input GoalResultsQueryFilter {
  policyState: ScPolicyState
  hubTeams: [String!]
  kvs: [KVFilterInput!]
}
enum ScPolicyOwner {
  DOCKER
  USER
}
enum ScPolicyState {
  compliant
  noncompliant
  unknown
}
type ScPolicySummaryResult {
  items: [ScPolicySummary!]!
}
type ScPolicySummary {
  policy: ScPolicyInfo!
  stream: String!
  totalImages: Int!
  compliantImages: Int!
  totalDeviations: Int!
  unknownImages: Int!
  delta: ScPolicySummaryDelta!
}
type ScPolicyInfo {
  definitionName: String!
  configurationName: String!
  displayName: String
  description: String
  resultType: String!
  owner: ScPolicyOwner!
  enabled: Boolean!
  remediationLink: String
}
type ScPolicySummaryDelta {
  compliantImages: Int!
  totalDeviations: Int!
  totalImages: Int!
  unknownImages: Int!
  timestamp: String!
}
type ScPolicyImage {
  digest: String!
  tags: [IbTag!]!
  repository: ScPolicyRepo!
  createdAt: String!
  platform: IbImagePlatform
  policies: [BaseScPolicy!]!
}
type ScPolicyRepo {
  hostName: String!
  repoName: String!
}
union BaseScPolicy = ScBooleanPolicy | ScGenericPolicy | ScLicencePolicy | ScVulnerabilityPolicy
type ScBooleanPolicy {
  definitionName: String!
  configurationName: String!
  displayName: String
  description: String
  evaluated: Boolean!
  currentResult: ScBooleanPolicyResult
}
type ScGenericPolicy {
  definitionName: String!
  configurationName: String!
  displayName: String
  description: String
  evaluated: Boolean!
  currentResult: ScGenericPolicyResult
  remediationLink: String
}
type ScLicencePolicy {
  definitionName: String!
  configurationName: String!
  displayName: String
  description: String
  evaluated: Boolean!
  licenses: [String!]!
  currentResult: ScLicencePolicyResult
}
type ScVulnerabilityPolicy {
  definitionName: String!
  configurationName: String!
  displayName: String
  description: String
  evaluated: Boolean!
  currentResult: ScVulnerabilityPolicyResult
}
type ScBooleanPolicyResult {
  statusLabel: String!
  createdDateTime: String!
  hasDeviation: Boolean!
  deviation: ScPolicyResultGenericDeviation
  isStale: Boolean
}
type ScGenericPolicyResult {
  statusLabel: String!
  deviations: [ScPolicyResultGenericDeviation!]!
  deviationCount: Int!
  createdDateTime: String!
  isStale: Boolean
}
type ScLicencePolicyResult {
  statusLabel: String!
  deviations: [ScPolicyResultLicenceDeviation!]!
  deviationCount: Int!
  createdDateTime: String!
  isStale: Boolean
}
type ScVulnerabilityPolicyResult {
  statusLabel: String!
  deviations: [ScPolicyResultVulnerabilityDeviation!]!
  deviationCount: Int!
  createdDateTime: String!
  isStale: Boolean
}
type ScPolicyResultGenericDeviation {
  id: String!
  details: [ScPolicyResultGenericDeviationDetail!]!
}
type ScPolicyResultGenericDeviationDetail {
  key: String!
  value: String!
  displayName: String!
}
type ScPolicyResultLicenceDeviation {
  id: String!
  purl: String!
  license: String!
}
type ScPolicyResultVulnerabilityDeviation {
  id: String!
  vulnerability: String!
  purl: String!
  severity: CVSSSeverity!
  cvssScore: String
  fixedBy: String
}
type ScSinglePolicyResults {
  paging: Paging!
  items: [ScSinglePolicyResult!]!
}
type ScSinglePolicyResult {
  latestImage: ScPolicyImage!
  policy: BaseScPolicy!
}
`;
