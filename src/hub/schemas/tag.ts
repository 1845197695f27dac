import * as z from "zod";
import { named } from "../../operation.ts";

const image = z.looseObject({
  architecture: z.string().nullish(),
  features: z.string().nullish(),
  variant: z.string().nullish(),
  digest: z.string().nullish(),
  layers: z
    .array(
      z.looseObject({
        digest: z.string().nullish(),
        /** Bytes. */
        size: z.int().optional(),
        instruction: z.string().nullish(),
      }),
    )
    .nullish(),
  os: z.string().nullish(),
  os_features: z.string().nullish(),
  os_version: z.string().nullish(),
  /** Bytes, compressed. */
  size: z.int().nullish(),
  /** `active` where it was pushed or pulled in the last month, else `inactive`. */
  status: z.string().nullish(),
  last_pulled: z.string().nullish(),
  last_pushed: z.string().nullish(),
});
/** The image of one platform behind a tag. */
export interface TagImage extends z.infer<typeof image> {}

const tag = z.looseObject({
  name: z.string(),
  id: z.int().optional(),
  /** One for each platform. */
  images: z.array(image).nullish(),
  creator: z.int().nullish(),
  last_updated: z.string().nullish(),
  last_updater: z.int().nullish(),
  last_updater_username: z.string().nullish(),
  repository: z.int().nullish(),
  /** Bytes, compressed, of the images together. */
  full_size: z.int().nullish(),
  v2: z.union([z.boolean(), z.string()]).nullish(),
  /** `active` or `inactive`; `status` in Docker's description. */
  tag_status: z.string().nullish(),
  tag_last_pulled: z.string().nullish(),
  tag_last_pushed: z.string().nullish(),
  media_type: z.string().nullish(),
  /** image, plugin, helm, volume, wasm, compose, model or unrecognized. */
  content_type: z.string().nullish(),
  digest: z.string().nullish(),
});
/** A tag with the images that it stands for. */
export interface Tag extends z.infer<typeof tag> {}
export const Tag = named<Tag>(tag);
