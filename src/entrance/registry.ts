/**
 * `import … from "wharfinger/registry"`: registries, stores and what moves between them.
 * Every name here is a promise; what is not here may change with any release.
 */

// Errors
export { errorTable, isError, WharfError } from "../errors.ts";
export type { ErrorCode, ErrorDetails, RegistryErrorEntry } from "../errors.ts";

// Names, digests, platforms, manifests: pure, no I/O
export type { Descriptor, Digest, Platform } from "../reference/descriptor.ts";
export { mediaTypes } from "../reference/descriptor.ts";
export { digestOf, isDigest, parseDigest } from "../reference/digest.ts";
export { formatLocation, parseLocation, type Location } from "../reference/location.ts";
export { parseManifest, type ParsedManifest } from "../reference/manifest.ts";
export {
  choosePlatform,
  formatPlatform,
  localPlatform,
  matchesPlatform,
  parsePlatform,
} from "../reference/platform.ts";
export {
  familiarReference,
  formatReference,
  parseReference,
  parseRepository,
  withDefaultTag,
  type Reference,
} from "../reference/reference.ts";

// Configuration and credentials
export { loadConfig, type Config, type ConfigOptions, type HostSettings } from "../config.ts";
export { findCredentials, type Credentials, type CredentialSource } from "../auth/credentials.ts";
export { login, logout, whoami, type Identity, type LoginResult } from "../auth/login.ts";

// Stores
export type * from "../store/store.ts";
export { supports } from "../store/store.ts";
export { blobSourceOf, bytesSource, fileSource, streamSource } from "../store/sources.ts";
export { verified } from "../store/verified.ts";
export { createMemoryCollection, createMemoryRepository } from "../store/memory.ts";
export { openLayout } from "../store/layout/layout.ts";
export {
  openCollection,
  type CollectionOptions,
  type StoredCollection,
} from "../store/collection/collection.ts";
export type {
  Collected,
  CollectedRepository,
  CollectOptions,
} from "../store/collection/garbage/collect.ts";
export type { Damage, Verified, VerifyOptions } from "../store/collection/garbage/verify.ts";
export { createArchive, openArchive } from "../store/archive/archive.ts";
export { openDaemonSource, openDaemonTarget } from "../store/daemon/daemon.ts";

// Registries
export * from "../registry/index.ts";
export { downloadBlob, type DownloadOptions, type DownloadResult } from "../registry/download.ts";

// What moves, and what is told of it
export { copy, type CopyOptions, type CopyResult } from "../transfer/copy.ts";
export {
  copyRepository,
  type CopyRepositoryOptions,
  type CopyRepositoryResult,
} from "../transfer/repository.ts";
export { planCopy, type CopyPlan } from "../transfer/plan.ts";
export {
  PullBudget,
  type PullBudgetOptions,
  type PullCount,
  type PullWait,
} from "../transfer/budget.ts";
export { openSource, openTarget, type LocationContext } from "../transfer/location.ts";
export type { CopyEvent, Note, NoteCode, Totals } from "../transfer/event.ts";
export * from "../image/index.ts";
export * from "../image/artifacts/index.ts";

// Many repositories, kept in step by a file
export * from "../sync/index.ts";

// Serving
export { createRegistryHandler, type RegistryHandler } from "../distribution/handler.ts";
export type { Access, Permit, RegistryEvent, RegistryOptions } from "../distribution/exchange.ts";
export { Refusal, type RefusalCode, type RefusalDetails } from "../distribution/refusal.ts";
export {
  openAccess,
  type AccessOptions,
  type RegistryAccess,
  type TokenService,
} from "../distribution/access/access.ts";
export {
  openNotifier,
  type Notifier,
  type NotifierOptions,
} from "../distribution/notifications/notifier.ts";
export type { Endpoint, EventFilter } from "../distribution/notifications/endpoint.ts";
export type { Envelope, Notification } from "../distribution/notifications/envelope.ts";
export type { DeliveryReport, EndpointCounts } from "../distribution/notifications/report.ts";
export { seed } from "../distribution/seed.ts";
export {
  startServer,
  type AccessEntry,
  type RunningServer,
  type ServerOptions,
} from "../server/server.ts";
export {
  openAccessLog,
  type AccessLog,
  type AccessLogFormat,
  type AccessLogOptions,
} from "../server/accessLog.ts";
export type { MetricsPage } from "../server/pages.ts";
export { readCertificate, type ServerCertificate } from "../server/certificate.ts";
