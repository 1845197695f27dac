/** What two images differ in. */
export {
  diffImages,
  type DiffOptions,
  type DiffSide,
  type DiffSource,
  type ImageDiff,
  type PlatformDiff,
  type PlatformSide,
} from "./diff.ts";
export type { FieldChange } from "./fields.ts";
export type { FileAspect, FileChange, FileFacts } from "./files.ts";
export type { LayerChange } from "./layers.ts";
