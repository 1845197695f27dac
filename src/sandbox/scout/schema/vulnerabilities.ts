/** Packages and what is wrong with them. Names and types are those of Docker Scout's schema. */
export const vulnerabilities = `
input ScCVESourcesQuery {
  cveId: String!
}
input ScRecentCVEsQuery {
  stream: String!
  filter: ScRecentCVEsFilter
}
input ScRecentCVEsFilter {
  severities: [CVSSSeverity!]
}
enum CVSSSeverity {
  CRITICAL
  HIGH
  MEDIUM
  LOW
  UNSPECIFIED
}
enum CVSSVersion {
  CVSS_VERSION_2
  CVSS_VERSION_3
  CVSS_VERSION_4
}
enum EPSSPriorityCategory {
  LOWEST
  STANDARD
  HIGH
  CRITICAL
}
type Package {
  name: String
  description: String
  purl: String!
  type: String!
  namespace: String
  version: String
  author: String
  licenses: [String!]!
  vulnerabilities: [VpVulnerability!]!
}
type VpPackageVulnerability {
  purl: String!
  vulnerabilities: [VpVulnerability!]!
}
type VpVulnerability {
  sourceId: String!
  source: String!
  description: String
  cwes: [VpCWE!]!
  cvss: VpCVSS!
  fixedBy: String
  vulnerableRange: String!
  url: String!
  publishedAt: String
  updatedAt: String
  epss: EPSS
  cisaExploited: Boolean!
  isExcepted: Boolean!
}
type VpCWE {
  cweId: String!
  description: String
  url: String!
}
type VpCVSS {
  severity: CVSSSeverity
  version: CVSSVersion
  score: Float
  vector: String
}
type EPSS {
  score: Float!
  percentile: Float!
  priority: EPSSPriorityCategory!
  priorityDescription: String!
}
type ScCVESourcesResult {
  cveId: String!
  defaultSource: String!
  sources: [ScCVESource!]!
  epss: EPSS
}
type ScCVESource {
  source: String!
  sourceName: String!
  sourceId: String!
  url: String
  description: String
  createdAt: String!
  updatedAt: String!
  withdrawnAt: String
  state: String
  exploitabilityScore: String
  cvss: VpCVSS!
  packages: [ScCVEPackageVulnerability!]!
  cwes: [VpCWE!]!
  exploits: [String!]!
  advisories: [String!]!
  patches: [String!]!
  commits: [String!]!
  info: [String!]!
}
type ScCVEPackageVulnerability {
  name: String
  type: String!
  namespace: String
  osName: String
  osVersion: String
  versions: [ScCVEPackageVulnerabilityVersion!]!
}
type ScCVEPackageVulnerabilityVersion {
  vulnerableRange: String
  fixedBy: String
}
type ScRecentCVEsResult {
  items: [ScRecentCVE!]!
}
type ScRecentCVE {
  cveId: String!
  highestSeverity: CVSSSeverity!
  highestCVSSScore: String
  detectedInCount: Int!
  publishedAt: String!
}
`;
