/**
 * Registries as stores: the package's entrance `wharfinger/registry`.
 * A name listed here is a promise; what is not listed may change with any release.
 */

// A registry at the other end of the network
export { connect, type ConnectOptions, type RemoteRegistry } from "./remote.ts";
export type { RemoteRepository } from "./repository.ts";
export type { BlobBytes } from "./blobStream.ts";
export type { ListOptions } from "./listing.ts";
export type { PingResult, PingState } from "./ping.ts";
export {
  type CountedRead,
  type PullGuard,
  type PullLimit,
  type PullLimitOptions,
  readPullLimit,
} from "./pullLimit.ts";
export { downloadBlob, type DownloadOptions, type DownloadResult } from "./download.ts";

// What content is called
export {
  type Descriptor,
  type Digest,
  mediaTypes,
  type Platform,
} from "../reference/descriptor.ts";
export { digestOf, isDigest, parseDigest } from "../reference/digest.ts";
export {
  type ImageManifest,
  type IndexManifest,
  parseManifest,
  type ParsedManifest,
  type Schema1Manifest,
} from "../reference/manifest.ts";
export {
  familiarReference,
  formatReference,
  parseReference,
  parseRepository,
  type Reference,
  withDefaultTag,
} from "../reference/reference.ts";

// Stores, and where the bytes of a push come from
export type * from "../store/store.ts";
export { supports } from "../store/store.ts";
export { blobSourceOf, bytesSource, fileSource, streamSource } from "../store/sources.ts";
export { verified } from "../store/verified.ts";
export { createMemoryCollection, createMemoryRepository } from "../store/memory.ts";

// Who we are, and how hosts are reached
export { type Config, loadConfig, type HostSettings } from "../config.ts";
export { type Credentials, type CredentialSource, findCredentials } from "../auth/credentials.ts";
export { type AuthorizedClient, createAuthorizedClient } from "../auth/client.ts";
export { createHttpClient, type HttpClientOptions } from "../http/client.ts";
export type { TraceEvent } from "../http/trace.ts";

// What can go wrong
export { type ErrorCode, isError, WharfError } from "../errors.ts";
