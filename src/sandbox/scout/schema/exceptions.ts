/** Vulnerabilities that somebody decided to live with. Names and types are those of Docker Scout's schema. */
export const exceptions = `
input VulnerabilityExceptionsQuery {
  filter: VulnerabilityExceptionsQueryFilter
  paging: PagingInput!
}
input VulnerabilityExceptionsQueryFilter {
  hostname: String
  repository: String
  digest: String
  orgExceptionsOnly: Boolean
  cveId: String
  cveIdPrefix: String
  type: ExceptionType
  justification: VEXStatementJustification
  sourceType: SourceType
}
enum ExceptionType {
  ACCEPTED_RISK
  FALSE_POSITIVE
}
enum SourceType {
  VEX
  SCOUT
}
enum VEXStatementJustification {
  COMPONENT_NOT_PRESENT
  VULNERABLE_CODE_NOT_PRESENT
  VULNERABLE_CODE_NOT_IN_EXECUTE_PATH
  VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY
  INLINE_MITIGATIONS_ALREADY_EXIST
}
type VulnerabilityExceptionsResult {
  items: [VulnerabilityException!]!
  paging: Paging!
}
type VulnerabilityException {
  id: ID!
  author: String
  timestamp: String!
  vulnerability: ExceptionVulnerability!
  type: ExceptionType!
  imageScopes: [VulnerabilityExceptionImageScope!]
  reason: VulnerabilityExceptionReason
}
type ExceptionVulnerability {
  cveId: String!
  highestSeverity: CVSSSeverity
  highestCVSSScore: String
}
type VulnerabilityExceptionImageScope {
  hostName: String
  repoName: String
  digest: String
  packageScopes: [VulnerabilityExceptionPackageScope!]
}
type VulnerabilityExceptionPackageScope {
  purl: String!
}
type VulnerabilityExceptionReason {
  justification: VEXStatementJustification
  additionalDetails: String
}
input VulnerabilityExceptionsApplicableToImageQuery {
  image: FullImageCoordInput!
  filter: VulnerabilityExceptionsApplicableToImageQueryFilter
  paging: PagingInput!
}
input FullImageCoordInput {
  digest: String!
  hostname: String!
  repository: String!
}
input VulnerabilityExceptionsApplicableToImageQueryFilter {
  orgExceptionsOnly: Boolean
  cveIdPrefix: String
  type: ExceptionType
  justification: VEXStatementJustification
  sourceType: SourceType
}
input AddVulnerabilityExceptionInput {
  cveId: String!
  type: ScVulnerabilityExceptionType!
  justification: ScVexStatementJustification
  additionalDetails: String!
  imageScopes: [ScVexStatementImageScopeInput!]
}
input UpdateVulnerabilityExceptionInput {
  id: ID!
  cveId: String
  type: ScVulnerabilityExceptionType
  justification: ScVexStatementJustification
  additionalDetails: String
  imageScopes: [ScVexStatementImageScopeInput!]
}
input RemoveVulnerabilityExceptionInput {
  ids: [ID!]!
}
input ScVexStatementImageScopeInput {
  hostName: String
  repoName: String
  digest: String
  packageScopes: [ScVexStatementPackageScopeInput!]
}
input ScVexStatementPackageScopeInput {
  purlFields: ScPurlInput!
}
input ScPurlInput {
  namespace: String
  name: String!
  type: String!
  version: String
  qualifiers: String
  subpath: String
}
enum ScVulnerabilityExceptionType {
  ACCEPTED_RISK
  FALSE_POSITIVE
}
enum ScVexStatementJustification {
  COMPONENT_NOT_PRESENT
  VULNERABLE_CODE_NOT_PRESENT
  VULNERABLE_CODE_NOT_IN_EXECUTE_PATH
  VULNERABLE_CODE_CANNOT_BE_CONTROLLED_BY_ADVERSARY
  INLINE_MITIGATIONS_ALREADY_EXIST
}
type AddVulnerabilityExceptionResult {
  exception: ScVulnerabilityException!
}
type UpdateVulnerabilityExceptionResult {
  exception: ScVulnerabilityException!
}
type RemoveVulnerabilityExceptionResult {
  ids: [ID!]!
}
type ScVulnerabilityException {
  id: ID!
  author: String!
  timestamp: String!
  vulnerability: ScVulnerabilityExceptionVulnerability!
  type: ScVulnerabilityExceptionType!
  imageScopes: [ScVulnerabilityExceptionImageScope!]
  reason: ScVulnerabilityExceptionReason
}
type ScVulnerabilityExceptionVulnerability {
  cveId: String!
  highestSeverity: CVSSSeverity
  highestCVSSScore: String
}
type ScVulnerabilityExceptionImageScope {
  hostName: String
  repoName: String
  digest: String
  packageScopes: [ScVulnerabilityExceptionPackageScope!]
}
type ScVulnerabilityExceptionPackageScope {
  purl: String!
}
type ScVulnerabilityExceptionReason {
  justification: ScVexStatementJustification
  additionalDetails: String
}
`;
