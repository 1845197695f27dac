/**
 * Registries as stores: the package's entrance `wharfinger/registry`.
 * A name listed here is a promise; what is not listed may change with any release.
 */
export { connect, type ConnectOptions, type RemoteRegistry } from "./remote.ts";
export type { RemoteRepository } from "./repository.ts";
export type { BlobBytes } from "./blobStream.ts";
export type { ListOptions } from "./listing.ts";
export type { PingResult, PingState } from "./ping.ts";
export { type PullLimit, type PullLimitOptions, readPullLimit } from "./pullLimit.ts";
export { downloadBlob, type DownloadOptions, type DownloadResult } from "./download.ts";
