/** What was attested of an image. Names and types are those of Docker Scout's schema. */
export const attestations = `
input MgAttestationsQuery {
  digest: String!
  hostName: String!
  repoName: String!
}
input MgAttestationsListQuery {
  digest: String!
  hostName: String!
  repoName: String!
}
type MgAttestationsListResult {
  paging: Paging!
  items: [MgAttestation!]!
}
type MgAttestation {
  digest: String!
  predicateType: String!
  reference: String!
}
type MgAttestationsResult {
  buildParameters: MgAttestationBuildParameters
  dockerfile: MgAttestationDockerfile
  ociConfig: MgAttestationOCIConfig
  source: MgAttestationSource
}
type MgAttestationBuildParameters {
  args: [MgAttestationBuildArg!]!
}
type MgAttestationBuildArg {
  key: String!
  value: String!
}
type MgAttestationDockerfile {
  rawContent: String!
  sourceMap: [MgAttestationDockerfileSourceMap!]!
}
type MgAttestationDockerfileSourceMap {
  digests: [String!]!
  endColumn: Int!
  endLine: Int!
  instruction: String!
  source: String!
  startColumn: Int!
  startLine: Int!
}
type MgAttestationOCIConfig {
  config: MgAttestationOCIConfigConfig!
}
type MgAttestationOCIConfigConfig {
  user: String
  exposedPorts: [String!]!
  env: [String!]!
  entrypoint: [String!]!
  cmd: [String!]!
  volumes: [String!]!
  workingDir: String
  labels: [MgAttestationOCIConfigConfigLabel!]!
}
type MgAttestationOCIConfigConfigLabel {
  key: String!
  value: String!
}
type MgAttestationSource {
  commitUrl: String
  commitSha: String!
  dockerfileUrl: String
}
`;
