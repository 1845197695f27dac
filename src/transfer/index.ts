/** Copying between stores. */
export { copy, type CopyOptions, type CopyResult } from "./copy.ts";
export type {
  BlobEvent,
  Content,
  CopyEvent,
  DoneEvent,
  ManifestEvent,
  Note,
  NoteCode,
  NoteEvent,
  TagEvent,
  Totals,
} from "./event.ts";
export {
  openSource,
  openTarget,
  type LocationContext,
  type OpenedSource,
  type OpenedTarget,
} from "./location.ts";
export {
  copyRepository,
  type CopyRepositoryOptions,
  type CopyRepositoryResult,
} from "./repository.ts";
