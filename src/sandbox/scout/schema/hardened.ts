/** Docker Hardened Images and their mirrors. Names and types are those of Docker Scout's schema. */
export const hardened = `
input DhiRepositoriesQuery {
  filter: DhiRepositoriesQueryFilter
}
input DhiRepositoriesQueryFilter {
  categoryId: String
}
input DhiRepositoryDetailsQuery {
  repoName: String!
}
input DhiTagDetailsQuery {
  repoName: String!
  tag: String!
}
input DhiSourceRepositoryInput {
  name: String!
  namespace: String!
}
input DhiGetMirroredRepositoriesBySourceRepositoryQuery {
  dhiSourceRepository: DhiSourceRepositoryInput!
}
input DhiListMirroringLogsQuery {
  destinationRepositories: [DhiDestinationRepositoryFilter!]
  includedStatuses: [DhiMirroringLogStatus!]
  excludedStatuses: [DhiMirroringLogStatus!]
  triggeredSince: String
  paging: DhiListMirroringLogsPagingInput
}
input DhiDestinationRepositoryFilter {
  hostname: String!
  namespace: String!
  name: String!
}
input DhiListMirroringLogsPagingInput {
  pageSize: Int = 100
  page: Int = 1
}
enum DhiMirroringLogReason {
  ONBOARDING
  PUSH
}
enum DhiMirroringLogStatus {
  REQUESTED
  STARTED
  FAILED
  SUCCEEDED
}
enum ScoutHealthScorePolicyStatus {
  PASS
  FAIL
  UNKNOWN
}
type DhiRepositoriesResult {
  items: [DhiRepositorySummary!]!
  categories: [DhiRepositoryCategory!]!
}
type DhiRepositoryCategory {
  id: String!
  name: String!
}
type DhiRepositorySummary {
  name: String!
  namespace: String!
  displayName: String!
  shortDescription: String!
  featured: Boolean!
  fipsCompliant: Boolean!
  stigCertified: Boolean!
  homeUrl: String
  categories: [DhiRepositoryCategory!]!
  distributions: [String!]!
  platforms: [String!]!
}
type DhiRepositoryDetailsResult {
  name: String!
  namespace: String!
  displayName: String!
  shortDescription: String!
  featured: Boolean!
  fipsCompliant: Boolean!
  stigCertified: Boolean!
  homeUrl: String
  categories: [DhiRepositoryCategory!]!
  distributions: [String!]!
  platforms: [String!]!
  overview: String!
  guides: String!
  images: [DhiIndexImage!]!
}
type DhiIndexImage {
  indexDigest: String!
  tags: [DhiImageTag!]!
  imageManifests: [DhiImageManifest!]!
}
type DhiImageTag {
  name: String!
  lastUpdated: String!
}
type DhiImageManifest {
  manifestDigest: String!
  platform: String!
  distribution: String!
  compressedSize: Float!
  packageManager: String
  shell: String
  user: String!
  workingDirectory: String!
  fipsCompliant: Boolean!
  stigCertified: Boolean!
  lastPushed: String!
  vulnerabilities: VulnerabilityReport
  scoutHealthScore: ScoutHealthScore
}
type ScoutHealthScore {
  score: String!
  policies: [ScoutHealthScorePolicy!]!
}
type ScoutHealthScorePolicy {
  name: String!
  label: String!
  status: ScoutHealthScorePolicyStatus!
  description: String!
  violationCount: Int!
}
type DhiTagDetailsResult {
  indexDigest: String!
  repo: String!
  tag: DhiImageTag!
  allTags: [DhiImageTag!]!
  imageManifests: [DhiImageManifest!]!
}
type DhiListMirroredRepositoriesResponse {
  mirroredRepositories: [DhiMirroredRepository!]!
  totalCount: Int!
  canMirrorMoreRepositories: Boolean!
}
type DhiGetMirroredRepositoriesBySourceRepositoryResponse {
  mirroredRepositories: [DhiMirroredRepository!]!
}
type DhiMirroredRepository {
  id: String!
  destinationRepository: DhiDestinationRepository!
  dhiSourceRepository: DhiSourceRepository!
}
type DhiDestinationRepository {
  name: String!
  namespace: String!
  hostname: String!
}
type DhiSourceRepository {
  name: String!
  namespace: String!
  hostname: String!
  displayName: String!
}
type DhiListMirroringLogsResult {
  items: [DhiMirroringLog!]!
}
type DhiMirroringLog {
  id: String!
  reason: DhiMirroringLogReason!
  status: DhiMirroringLogStatus!
  sourceRepository: DhiSourceRepository!
  destinationRepository: DhiDestinationRepository!
  tag: String!
  digest: String!
  triggeredAt: String!
  pushedAt: String
  startedAt: String
  completedAt: String
}
input DhiDestinationRepositoryInput {
  name: String!
  namespace: String!
}
input DhiSetMirroredRepositoryInput {
  dhiSourceRepository: DhiSourceRepositoryInput!
  destinationRepository: DhiDestinationRepositoryInput!
}
input DhiRemoveMirroredRepositoryInput {
  mirroredRepositoryId: String!
}
enum MutationResponseStatus {
  ACCEPTED
  BAD_REQUEST
  ERROR
  NOT_FOUND
}
type DhiSetMirroredRepositoryResponse {
  mirroredRepository: DhiMirroredRepository
}
type MutationResponse {
  status: MutationResponseStatus!
  message: String
}
`;
