/** Advanced Image Management, which Docker took away in December 2023. Kept so that whoever calls it learns that. */
import * as z from "zod";
import { operation, page, paged, type Retirement } from "../../operation.ts";
import { namespace, paging, repository } from "../parameters.ts";

const one = { namespace, repository };
const gone = (use: string): Retirement => ({ on: "2023-12-11", use });
const active_from = z
  .string()
  .optional()
  .describe("Since when an image counts as active (ISO 8601); without it, a month");

/** Counted active and inactive images of a repository. */
export const getSummary = operation({
  summary: "Counted active and inactive images of a repository.",
  http: "GET /v2/namespaces/{namespace}/repositories/{repository}/images-summary",
  effect: "read",
  status: "retired",
  retired: gone("tags.list"),
  input: z.strictObject({ ...one, active_from }),
  output: z.looseObject({
    active_from: z.string().optional(),
    statistics: z
      .looseObject({
        total: z.int().optional(),
        active: z.int().optional(),
        inactive: z.int().optional(),
      })
      .optional(),
  }),
});

const image = z.looseObject({
  namespace: z.string().optional(),
  repository: z.string().optional(),
  digest: z.string(),
  tags: z.array(z.looseObject({ tag: z.string(), is_current: z.boolean().optional() })).nullish(),
  last_pushed: z.string().nullish(),
  last_pulled: z.string().nullish(),
  status: z.string().nullish(),
});
/** An image, as Advanced Image Management had it. */
export interface ManagedImage extends z.infer<typeof image> {}

/** Listed the images of a repository, tagged or not. */
export const list = operation({
  summary: "Listed the images of a repository, tagged or not.",
  http: "GET /v2/namespaces/{namespace}/repositories/{repository}/images",
  effect: "read",
  status: "retired",
  retired: gone("tags.list"),
  input: z.strictObject({
    ...one,
    ...paging,
    status: z.enum(["active", "inactive"]).optional().describe("Only such"),
    currently_tagged: z.boolean().optional().describe("Only those with a tag, or without"),
    ordering: z
      .enum(["last_activity", "-last_activity", "digest", "-digest"])
      .optional()
      .describe("What they are sorted by"),
    active_from,
  }),
  output: page<ManagedImage>(image),
  paging: paged,
});

/** Listed the tags that an image had. */
export const listTags = operation({
  summary: "Listed the tags that an image had.",
  http: "GET /v2/namespaces/{namespace}/repositories/{repository}/images/{digest}/tags",
  effect: "read",
  status: "retired",
  retired: gone("tags.list"),
  input: z.strictObject({
    ...one,
    digest: z.string().min(1).describe("Digest of the image"),
    ...paging,
  }),
  output: page(z.looseObject({})),
  paging: paged,
});

/** Deletes images by their digests. */
const remove = operation({
  summary: "Deletes images by their digests.",
  http: "POST /v2/namespaces/{namespace}/delete-images",
  effect: "destroy",
  status: "retired",
  retired: gone("tags.delete"),
  input: z.strictObject({
    namespace,
    dry_run: z.boolean().optional().describe("Only say what would happen"),
    active_from,
    manifests: z
      .array(z.strictObject({ repository: z.string(), digest: z.string() }))
      .optional()
      .describe("What to delete"),
    ignore_warnings: z
      .array(
        z.strictObject({
          repository: z.string(),
          digest: z.string(),
          warning: z.enum(["is_active", "current_tag"]),
          tags: z.array(z.string()).optional(),
        }),
      )
      .optional()
      .describe("Warnings that were read and do not matter"),
  }),
  output: z.looseObject({
    dry_run: z.boolean().optional(),
    metrics: z.looseObject({}).optional(),
  }),
});
export { remove as delete };
