/** The list of all scenarios. */
import { basics } from "./basics.ts";
import { blobs, ranges } from "./blobs.ts";
import { chunks } from "./chunks.ts";
import { deletions } from "./deletions.ts";
import { digests } from "./digests.ts";
import { kinds } from "./kinds.ts";
import { catalogue, tagLists } from "./lists.ts";
import { manifests } from "./manifests.ts";
import { mounts } from "./mounts.ts";
import { referrerLists } from "./referrers.ts";
import type { Chapter } from "./scenario.ts";
import { uploads } from "./uploads.ts";

export const chapters: readonly Chapter[] = [
  basics,
  blobs,
  ranges,
  uploads,
  chunks,
  mounts,
  digests,
  manifests,
  kinds,
  tagLists,
  catalogue,
  referrerLists,
  deletions,
];
