/**
 * `import … from "wharfinger/blobstore"`: any bytes in a registry, under digests and names, as dxf keeps them.
 * Every name here is a promise; what is not here may change with any release.
 */

// The store, and the registry that it is in
export { type AliasOptions, type AliasSource, BlobStore } from "../blobstore/store.ts";
export {
  type Authenticate,
  BlobRegistry,
  type BlobRegistryOptions,
  type ListOptions,
  type Login,
} from "../blobstore/registry.ts";
export type { Refusal } from "../blobstore/challenge.ts";

// What goes in and comes out
export { hashFile, type Pushable } from "../blobstore/pushable.ts";
export type { PushBlobOptions } from "../blobstore/push.ts";
export type { PulledBlob, PullOptions } from "../blobstore/pulled.ts";
export type { ByPlatform, NamedBlob } from "../blobstore/contents.ts";

// The manifest that names blobs
export { aliasManifest } from "../blobstore/aliasManifest.ts";
export { sortedJson } from "../blobstore/sortedJson.ts";
export { digestOf, isDigest, parseDigest } from "../reference/digest.ts";
export type { Descriptor, Digest } from "../reference/descriptor.ts";
export type { Manifest } from "../store/store.ts";

// The names of python-dxf's module
export { DXF } from "../blobstore/dxf.ts";

// Errors
export { errorTable, isError, WharfError } from "../errors.ts";
export type { ErrorCode, ErrorDetails } from "../errors.ts";
