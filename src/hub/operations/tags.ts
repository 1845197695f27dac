/** Tags of a repository, with platforms, sizes and dates. Source: Docker Hub API, "tags". */
import * as z from "zod";
import { operation, page, paged } from "../../operation.ts";
import { namespace, paging, repository, tag } from "../parameters.ts";
import { Tag } from "../schemas/tag.ts";

const one = { namespace, repository };

/** Lists the tags of a repository. */
export const list = operation({
  summary: "Lists the tags of a repository.",
  http: "GET /v2/namespaces/{namespace}/repositories/{repository}/tags",
  auth: "optional",
  effect: "read",
  input: z.strictObject({
    ...one,
    ...paging,
    architecture: z.string().optional().describe("Only tags with an image for this processor"),
    os: z.string().optional().describe("Only tags with an image for this operating system"),
  }),
  output: page(Tag),
  paging: paged,
});

/** Tells whether a repository has any tag. */
export const checkAny = operation({
  summary: "Tells whether a repository has any tag.",
  http: "HEAD /v2/namespaces/{namespace}/repositories/{repository}/tags",
  auth: "optional",
  effect: "read",
  answer: "found",
  input: z.strictObject(one),
  output: z.boolean(),
});

/** Shows a tag of a repository. */
export const get = operation({
  summary: "Shows a tag of a repository.",
  http: "GET /v2/namespaces/{namespace}/repositories/{repository}/tags/{tag}",
  auth: "optional",
  effect: "read",
  input: z.strictObject({ ...one, tag }),
  output: Tag,
});

/** Tells whether a repository has a tag. */
export const check = operation({
  summary: "Tells whether a repository has a tag.",
  http: "HEAD /v2/namespaces/{namespace}/repositories/{repository}/tags/{tag}",
  auth: "optional",
  effect: "read",
  answer: "found",
  input: z.strictObject({ ...one, tag }),
  output: z.boolean(),
});

/** Deletes a tag; other tags of the same image stay. */
const remove = operation({
  summary: "Deletes a tag; other tags of the same image stay.",
  description:
    "The registry's own way to delete does not work on Docker Hub; this does. A tag that is immutable cannot be deleted.",
  http: "DELETE /v2/repositories/{namespace}/{repository}/tags/{tag}/",
  effect: "destroy",
  status: "undocumented",
  input: z.strictObject({ ...one, tag }),
  output: z.void(),
});
export { remove as delete };

/** Lists the tags of a repository, the older way, which can sort. */
export const listLegacy = operation({
  summary: "Lists the tags of a repository, the older way, which can sort.",
  description: "Which way a `-` sorts is not the same for names and dates: look at what comes.",
  http: "GET /v2/repositories/{namespace}/{repository}/tags/",
  auth: "optional",
  effect: "read",
  status: "legacy",
  replacedBy: "tags.list",
  input: z.strictObject({
    ...one,
    ...paging,
    ordering: z
      .enum(["name", "-name", "last_updated", "-last_updated"])
      .optional()
      .describe("What they are sorted by"),
  }),
  output: page(Tag),
  paging: paged,
});

/** Shows a tag, the older way. */
export const getLegacy = operation({
  summary: "Shows a tag, the older way.",
  http: "GET /v2/repositories/{namespace}/{repository}/tags/{tag}",
  auth: "optional",
  effect: "read",
  status: "legacy",
  replacedBy: "tags.get",
  input: z.strictObject({ ...one, tag }),
  output: Tag,
});

/** Tells whether a repository has a tag, the older way. */
export const checkLegacy = operation({
  summary: "Tells whether a repository has a tag, the older way.",
  http: "HEAD /v2/repositories/{namespace}/{repository}/tags/{tag}",
  auth: "optional",
  effect: "read",
  status: "legacy",
  replacedBy: "tags.check",
  answer: "found",
  input: z.strictObject({ ...one, tag }),
  output: z.boolean(),
});
