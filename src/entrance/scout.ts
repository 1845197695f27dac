/**
 * `import … from "wharfinger/scout"`: Docker Scout.
 * Every name here is a promise; what is not here may change with any release.
 */

// The client
export {
  createScout,
  type QueryOptions,
  type Scout,
  type ScoutCalls,
  type ScoutOptions,
} from "../scout/client.ts";
export type { Call, CallOptions, ListCall, ListOptions, WithResponse } from "../hub/client/call.ts";
export {
  findHubCredentials,
  type FindHubCredentialsOptions,
  type HubCredentials,
} from "../hub/client/credentials.ts";
export type { RateLimit } from "../hub/client/rateLimit.ts";

// Errors
export { errorTable, isError, WharfError } from "../errors.ts";
export type { ErrorCode, ErrorDetails } from "../errors.ts";

// The catalogue
/** The one area of Docker Scout's API, for whoever derives something from it. */
export * as catalogue from "../scout/catalogue.ts";
export type { ScoutQuery } from "../scout/graphql/query.ts";

// What is returned
export type { ScoutBaseImage, ScoutImage } from "../scout/schemas/image.ts";
export type {
  PackageVulnerabilities,
  Vulnerability,
  VulnerabilityReport,
} from "../scout/schemas/vulnerability.ts";
export type { Attestation, Attestations, Provenance } from "../scout/operations/attestations.ts";
export type {
  CveSources,
  ImageCves,
  RecentCve,
  RecentCves,
  VulnerablePackage,
} from "../scout/operations/cves.ts";
export type {
  VulnerabilityException,
  VulnerabilityExceptions,
} from "../scout/operations/exceptions.ts";
export type {
  HardenedManifest,
  HardenedRepositories,
  HardenedRepository,
  HardenedRepositoryEntry,
  HardenedTag,
} from "../scout/operations/hardened.ts";
export type {
  ImagePackage,
  ImagePackages,
  ImageSecrets,
  ImageSummary,
} from "../scout/operations/images.ts";
export type {
  Mirror,
  MirroringLog,
  MirroringLogs,
  Mirrors,
  MirrorsOf,
} from "../scout/operations/mirrors.ts";
export type {
  EnabledRepositories,
  Entitlements,
  OrganizationStatus,
  ServiceStatus,
} from "../scout/operations/organization.ts";
export type {
  ImagePolicies,
  PolicyImage,
  PolicyImages,
  PolicyResult,
  PolicySummaries,
  PolicySummary,
} from "../scout/operations/policies.ts";
export type {
  BaseImageMatch,
  Recommendations,
  RecommendedTag,
} from "../scout/operations/recommendations.ts";
export type {
  AffectedImage,
  AffectedImages,
  ImageWithPackage,
  ImagesWithPackage,
  StreamCve,
  StreamCves,
  StreamImages,
  Streams,
} from "../scout/operations/streams.ts";
