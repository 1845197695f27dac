import * as z from "zod";
import { named } from "../../operation.ts";
import { reportFields, VulnerabilityReport } from "./vulnerability.ts";

/** Whether packages are known: INDEXED, INDEXING, INDEXING_FAILED, INDEXING_UNAVAILABLE, NONE. */
export const sbomState = z.string();

const platform = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().nullish(),
});

const tag = z.looseObject({
  name: z.string(),
  updatedAt: z.string().nullish(),
  /** Whether it points to this image now. */
  current: z.boolean(),
  digest: z.string().nullish(),
});

const repository = z.looseObject({
  hostName: z.string(),
  repoName: z.string(),
  badge: z.string().nullish(),
});

const common = {
  digest: z.string(),
  createdAt: z.string(),
  tags: z.array(tag),
  repository,
  platform: platform.nullish(),
  packageCount: z.int().nullish(),
  layerCount: z.int().nullish(),
  /** Bytes. */
  compressedSize: z.number().nullish(),
  mediaType: z.string().nullish(),
  sbomState,
  vulnerabilityReport: VulnerabilityReport.nullish(),
};
export const commonFields = `digest createdAt tags { name updatedAt current digest }
    repository { hostName repoName badge } platform { os architecture variant }
    packageCount layerCount compressedSize mediaType sbomState
    vulnerabilityReport { ${reportFields} }`;

const base = z.looseObject(common);
/** An image that others are built on. */
export interface ScoutBaseImage extends z.infer<typeof base> {}
export const ScoutBaseImage = named<ScoutBaseImage>(base);

const image = z.looseObject({
  ...common,
  baseImage: ScoutBaseImage.nullish(),
  baseImageTag: tag.nullish(),
  /** The user that its processes run as. */
  user: z.string().nullish(),
  labels: z.array(z.looseObject({ key: z.string(), value: z.string() })),
});
/** The image of one platform, with what is below it. */
export interface ScoutImage extends z.infer<typeof image> {}
export const ScoutImage = named<ScoutImage>(image);
export const imageFields = `${commonFields}
    baseImage { ${commonFields} } baseImageTag { name updatedAt current digest } user labels { key value }`;

/** How many items a list has, where that is known. */
export const paging = z.looseObject({ totalCount: z.int().nullish() });
export const pagingFields = "paging { totalCount }";
export { platform, repository, tag };
