/** Streams, which are an organization's environments. Names and types are those of Docker Scout's schema. */
export const streams = `
input ScStreamsQuery {
  paging: PagingInput
  filter: ScStreamsQueryFilter
}
input ScStreamsQueryFilter {
  namePrefix: String
}
input ScStreamImagesQuery {
  stream: String!
  paging: PagingInput
  filter: ScStreamImagesFilter
  ordering: ScStreamImagesOrdering
  orgFilters: [ScOrganizationFilterInput!]
}
input ScStreamImagesFilter {
  repoName: String
}
input ScStreamImagesOrdering {
  field: ScStreamImagesOrderingField
  sortOrder: SortOrder
}
input ScStreamCVEsQuery {
  stream: String!
  paging: PagingInput
  filter: ScStreamCVEsFilter
  ordering: ScStreamCVEsOrdering
  orgFilters: [ScOrganizationFilterInput!]
}
input ScStreamCVEsFilter {
  cveId: String
  severity: CVSSSeverity
  repos: [ScRepositoryInput!]
  severities: [CVSSSeverity!]
}
input ScStreamCVEsOrdering {
  field: ScStreamCVEsOrderingField
  sortOrder: SortOrder
}
input ScImagesAffectedByCVEQuery {
  cveId: String!
  stream: String!
  paging: PagingInput
  filter: ScImagesAffectedByCVEFilter
  ordering: ScImagesAffectedByCVEOrdering
}
input ScImagesAffectedByCVEFilter {
  repoName: String
}
input ScImagesAffectedByCVEOrdering {
  field: ScImagesAffectedByCVEOrderingField
  sortOrder: SortOrder
}
input PkImagesWithPackageQuery {
  name: String!
  type: String!
  namespace: String
  stream: String!
  paging: PagingInput
  filter: PkImagesWithPackageFilter
  ordering: ImagesWithPackageOrdering
}
input PkImagesWithPackageFilter {
  packageVersion: String
  repoName: String
  kvs: [KVFilterInput!]
}
input ImagesWithPackageOrdering {
  field: ImagesWithPackageOrderingField = LAST_PUSHED
  sortOrder: SortOrder = DESCENDING
}
enum ImagesWithPackageOrderingField {
  LAST_PUSHED
  NAME
}
enum ScImagesAffectedByCVEOrderingField {
  LAST_PUSHED
  REPO_NAME
}
enum ScStreamCVEsOrderingField {
  SEVERITY
  DETECTED_IN_COUNT
  CVSS_SCORE
}
enum ScStreamImagesOrderingField {
  LAST_PUSHED
  TAG_UPDATED_AT
}
type ScStreamsResult {
  paging: Paging!
  items: [ScStream!]!
}
type ScStream {
  name: String!
}
type ScStreamImagesResult {
  paging: Paging!
  items: [ImageWithBaseImage!]!
}
type ScStreamCVEsResult {
  paging: Paging!
  items: [ScStreamCVE!]!
}
type ScStreamCVE {
  cveId: String!
  highestSeverity: CVSSSeverity!
  highestCVSSScore: String
  detectedInCount: Int!
  fixable: Boolean!
  packages: [StreamCVEPackage!]!
}
type StreamCVEPackage {
  purl: String!
  severity: CVSSSeverity!
  cvssScore: String
  fixedBy: [String!]!
}
type ScImagesAffectedByCVEResult {
  paging: Paging!
  items: [ScImageAffectedByCVE!]!
  packageCount: Int!
}
type ScImageAffectedByCVE {
  affectedImage: ImageWithBaseImage!
  affectedPackages: [ScImageAffectedByCVEPackage!]!
}
type ScImageAffectedByCVEPackage {
  version: String!
  namespace: String
  name: String
  osName: String
  osVersion: String
  type: String!
  purl: String!
}
type PkImagesWithPackageResponse {
  items: [PkImageWithPackage!]!
  paging: Paging!
  versions: [String!]!
}
type PkImageWithPackage {
  repository: PkRepository!
  digest: String!
  name: String
  lastPushed: String
  packageVersions: [String!]!
  platform: PkImagePlatform
}
type PkRepository {
  hostName: String!
  repoName: String!
}
type PkImagePlatform {
  os: String!
  architecture: String!
  variant: String
}
input IndexImageInput {
  digest: String!
  repository: String!
  tags: [String!]
}
input ImagePlatform {
  os: String!
  architecture: String!
  variant: String
}
input AddImageToStreamInput {
  stream: String!
  image: String!
  appName: String
  platform: ImagePlatform
}
input SetStreamImagesInput {
  stream: String!
  images: [SetStreamImagesImage!]!
}
input SetStreamImagesImage {
  image: String!
  appName: String!
  platform: ImagePlatform
}
input StreamSummaryQuery {
  summaryMode: StreamSummaryMode!
  stream: String!
  filter: PkStreamSummaryFilter
}
input PkStreamSummaryFilter {
  repos: [PkRepositoryInput!]
}
input PkRepositoryInput {
  hostName: String!
  repoName: String!
}
enum StreamSummaryMode {
  CUMULATIVE_BY_PURL
  UNIQUE_BY_PURL
  UNIQUE_BY_CVE
}
enum AddImageToStreamStatus {
  ACCEPTED
}
enum SetStreamImagesStatus {
  ACCEPTED
}
type IndexImageResult {
  digest: String!
}
type AddImageToStreamResult {
  status: AddImageToStreamStatus!
}
type SetStreamImagesResult {
  status: SetStreamImagesStatus!
}
type StreamSummaryResult {
  vulnerabilityReport: VulnerabilityReport!
}
`;
