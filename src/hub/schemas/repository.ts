import * as z from "zod";
import { named } from "../../operation.ts";

const category = z.looseObject({ name: z.string(), slug: z.string() });
/** What a repository is about, as Docker Hub sorts it. */
export interface Category extends z.infer<typeof category> {}
export const Category = named<Category>(category);

/** What both the list and the repository itself tell. */
const common = {
  name: z.string(),
  namespace: z.string(),
  /** `image`, `plugin` or null. */
  repository_type: z.string().nullish(),
  /** 1 is active, 0 inactive. */
  status: z.int().optional(),
  status_description: z.string().nullish(),
  description: z.string().nullish(),
  is_private: z.boolean().optional(),
  star_count: z.int().optional(),
  pull_count: z.int().optional(),
  last_updated: z.string().nullish(),
  last_modified: z.string().nullish(),
  date_registered: z.string().nullish(),
  affiliation: z.string().nullish(),
  media_types: z.array(z.string().nullable()).nullish(),
  content_types: z.array(z.string()).nullish(),
  categories: z.array(category).nullish(),
  /** Bytes. */
  storage_size: z.int().nullish(),
};

const entry = z.looseObject(common);
/** A repository as a list has it. */
export interface RepositoryEntry extends z.infer<typeof entry> {}
export const RepositoryEntry = named<RepositoryEntry>(entry);

const repository = z.looseObject({
  ...common,
  user: z.string().nullish(),
  hub_user: z.string().nullish(),
  full_description: z.string().nullish(),
  is_automated: z.boolean().optional(),
  collaborator_count: z.int().optional(),
  has_starred: z.boolean().optional(),
  permissions: z
    .looseObject({ read: z.boolean(), write: z.boolean(), admin: z.boolean() })
    .nullish(),
  immutable_tags_settings: z
    .looseObject({ enabled: z.boolean(), rules: z.array(z.string()).nullish() })
    .nullish(),
  source: z.string().nullish(),
});
/** A repository. */
export interface Repository extends z.infer<typeof repository> {}
export const Repository = named<Repository>(repository);
