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
export {
  inspect,
  type ImageDetails,
  type Inspection,
  type InspectOptions,
  type PlatformSummary,
} from "./inspect.ts";
export { listPlatforms, selectPlatform, type PlatformImage } from "./platforms.ts";
