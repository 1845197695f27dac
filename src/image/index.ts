/** What people do with images. */
export {
  referrersTree,
  type AttachedContent,
  type Attachment,
  type AttachmentTree,
  type TreeOptions,
} from "./attached.ts";
export type { AttachmentKind, Classification } from "./classify.ts";
export { imageConfig, type HistoryEntry, type ImageConfig } from "./config.ts";
export * from "./diff/index.ts";
export { inspectPlatforms, type PlatformDetails } from "./everyPlatform.ts";
export { flattened, type FileEntry } from "./filesystem/flatten.ts";
export { openFilesystem, type Filesystem, type FilesystemOptions } from "./filesystem/image.ts";
export { listFiles, type FileInfo, type ListFilesOptions } from "./filesystem/list.ts";
export { readFile, type FoundFile, type ReadFileOptions } from "./filesystem/read.ts";
export { exportTar, type ExportCount } from "./filesystem/tar.ts";
export {
  inspect,
  type ImageDetails,
  type Inspection,
  type InspectOptions,
  type PlatformSummary,
} from "./inspect.ts";
export { listPlatforms, selectPlatform, type PlatformImage } from "./platforms.ts";
export * from "./prune/index.ts";
export * from "./tags/index.ts";
