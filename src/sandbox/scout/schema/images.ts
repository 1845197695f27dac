/** What is in an image: layers, packages, secrets, what it is built on. Names and types are those of Docker Scout's schema. */
export const images = `
input IpImagePackagesByDigestQuery {
  includeExcepted: Boolean
  includePublic: Boolean
}
enum IbImageRepositoryBadge {
  OFFICIAL_IMAGE
  OPEN_SOURCE
  VERIFIED_PUBLISHER
}
enum SBOMState {
  INDEXED
  INDEXING
  INDEXING_FAILED
  INDEXING_UNAVAILABLE
  NONE
}
enum DetectedSecretSourceType {
  FILE
  ENV
  LABEL
  HISTORY
}
enum MatchedSecretSeverity {
  LOW
  MEDIUM
  HIGH
  CRITICAL
}
type VulnerabilityReport {
  critical: Int!
  high: Int!
  medium: Int!
  low: Int!
  unspecified: Int!
  total: Int!
}
type IbVulnerabilityReport {
  critical: Int!
  high: Int!
  medium: Int!
  low: Int!
  unspecified: Int!
  total: Int!
}
type SdImageSummary {
  digest: String!
  sbomState: SBOMState!
  vulnerabilityReport: VulnerabilityReport
}
type IbImagePlatform {
  os: String!
  architecture: String!
  variant: String
}
type IbTag {
  name: String!
  updatedAt: String
  current: Boolean!
  supported: Boolean!
  digest: String
  mediaType: String
}
type IbLabel {
  key: String!
  value: String!
}
type IbImageRepository {
  hostName: String!
  repoName: String!
  badge: IbImageRepositoryBadge
  supportedTags: [String!]!
  preferredTags: [String!]!
  description: String
  pullCount: Float
  starCount: Int
  platforms: [String]
}
type IbImage {
  digest: ID!
  tags: [IbTag!]!
  createdAt: String!
  packageCount: Int
  vulnerabilityReport: IbVulnerabilityReport
  repository: IbImageRepository!
  sbomState: SBOMState!
  layerCount: Int
  platform: IbImagePlatform
  compressedSize: Float
  labels: [IbLabel!]!
  mediaType: String
}
type IbBaseImage {
  digest: ID!
  tags: [IbTag!]!
  createdAt: String!
  packageCount: Int
  vulnerabilityReport: IbVulnerabilityReport
  repository: IbImageRepository!
  sbomState: SBOMState!
  layerCount: Int
  platform: IbImagePlatform
  compressedSize: Float
  labels: [IbLabel!]!
  mediaType: String
}
type ImageWithBaseImage {
  digest: ID!
  tags: [IbTag!]!
  createdAt: String!
  packageCount: Int
  vulnerabilityReport: IbVulnerabilityReport
  repository: IbImageRepository!
  sbomState: SBOMState!
  layerCount: Int
  platform: IbImagePlatform
  compressedSize: Float
  labels: [IbLabel!]!
  mediaType: String
  baseImage: IbImage
  baseImageTag: IbTag
  user: String
}
type IpImagePackagesByDigest {
  digest: String!
  sbomState: SBOMState!
  imagePackages: IpImagePackages!
  imageLayers: IpImageLayers!
}
type IpImagePackages {
  packages: [IpImagePackage!]!
}
type IpImagePackage {
  package: Package!
  locations: [PackageLocation!]!
}
type IpImageLayers {
  layers: [IpImageLayer!]!
}
type IpImageLayer {
  diffId: String!
  ordinal: Int!
}
type PackageLocation {
  path: String!
  diffId: String!
}
type IdDetectedSecrets {
  digest: String!
  secrets: [DetectedSecret!]!
}
type DetectedSecret {
  source: DetectedSecretSource!
  findings: [SecretFinding!]!
}
type DetectedSecretSource {
  type: DetectedSecretSourceType!
  location: DetectedSecretSourceLocation
}
type DetectedSecretSourceLocation {
  path: String
  ordinal: Int
  digest: String
  diffId: String
}
type SecretFinding {
  ruleId: String!
  category: String!
  title: String!
  severity: MatchedSecretSeverity!
  match: String!
  startLine: Int
  endLine: Int
}
type BiImageLayers {
  layerMatches: [BiLayerMatch!]!
  images: [IbBaseImage!]!
}
type BiLayerMatch {
  layerOrdinal: Int!
  layerDigest: String!
}
type TrRecommendedTags {
  repository: TrDockerRepository!
  recommendations: [TrRecommendations!]!
}
type TrDockerRepository {
  name: String!
  pullCount: Float
  starCount: Int
  description: String
}
type TrRecommendations {
  currentTag: TrDockerTag!
  recommendedTags: [TrDockerTag!]!
}
type TrDockerTag {
  digest: String!
  indexDigest: String
  createdAt: String!
  packageCount: Int!
  imageSize: Float!
  tags: [String!]!
  aliases: [String!]!
  vulnerabilityReport: VulnerabilityReport
  tag: TrTagData!
  scoring: TrScoring
}
type TrTagData {
  name: String!
  os: String
  framework: String
  runtime: String
  flavor: String
  slim: Boolean
}
type TrScoring {
  total: Int!
  summary: String!
  details: [TrScoringDetails!]!
}
type TrScoringDetails {
  name: String!
  reason: String!
  score: Int!
}
`;
