/** Tags by version and date. */
export { openCreatedCache, type DiskCreatedCache } from "./createdCache.ts";
export type { CreatedCache, CreatedRecord } from "./created.ts";
export {
  dateTags,
  knownDates,
  type DatedTag,
  type DateOptions,
  type DateSource,
  type PushDate,
} from "./dates.ts";
export { selectTags, type TagDates, type TagFilter, type TagOrder } from "./filter.ts";
export type { Doubt } from "./moment.ts";
export { satisfies } from "./range.ts";
export { compareVersions, parseVersion, type Version } from "./version.ts";
