/**
 * Repositories: what they say of themselves, who sees them, what they look like.
 * Source: Docker Hub API, "repositories"; what is not described there says so.
 */
import * as z from "zod";
import { operation, page, paged } from "../../operation.ts";
import { namespace, paging, repository } from "../parameters.ts";
import { Repository, RepositoryEntry } from "../schemas/repository.ts";

const one = { namespace, repository };

const description = z.string().max(100).describe("One line, at most 100 characters");
const full_description = z
  .string()
  .max(25_000)
  .describe("What the page shows, Markdown, at most 25,000 bytes");

/** Lists the repositories of a namespace. */
export const list = operation({
  summary: "Lists the repositories of a namespace.",
  description:
    "Which way a `-` sorts is told differently in different places: look at what comes. With an organization's token that lacks scope-repository-list only public repositories are shown, and nothing says so.",
  http: "GET /v2/namespaces/{namespace}/repositories",
  auth: "optional",
  effect: "read",
  input: z.strictObject({
    namespace,
    ...paging,
    name: z.string().optional().describe("Only those whose name contains this"),
    ordering: z
      .enum(["name", "-name", "last_updated", "-last_updated", "pull_count", "-pull_count"])
      .optional()
      .describe("What they are sorted by"),
    media_types: z.array(z.string()).optional().describe("Only those with these media types"),
    content_types: z
      .array(z.string())
      .optional()
      .describe("Only those with such content: image, plugin, helm, model…"),
  }),
  output: page(RepositoryEntry),
  paging: paged,
});

/** Creates a repository. */
export const create = operation({
  summary: "Creates a repository.",
  description: "Immutable tags are switched on afterwards, with immutableTags.update.",
  http: "POST /v2/namespaces/{namespace}/repositories",
  effect: "create",
  places: { namespace: ["path", "body"] },
  input: z.strictObject({
    namespace: namespace.describe("User or organization that gets it"),
    name: z
      .string()
      .min(2)
      .max(255)
      .regex(
        /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
        "must be of lower case letters and digits, with single . _ - between them",
      )
      .describe("Lower case, 2 to 255 of letters, digits, and single . _ - between them"),
    description: description.optional(),
    full_description: full_description.optional(),
    registry: z.string().optional().describe("Registry where it is kept, such as docker.io"),
    is_private: z.boolean().optional().describe("Whether only members see it; without it, no"),
  }),
  output: Repository,
});

/** Shows a repository. */
export const get = operation({
  summary: "Shows a repository.",
  http: "GET /v2/namespaces/{namespace}/repositories/{repository}",
  auth: "optional",
  effect: "read",
  input: z.strictObject(one),
  output: Repository,
});

/** Tells whether a repository exists and may be seen. */
export const check = operation({
  summary: "Tells whether a repository exists and may be seen.",
  http: "HEAD /v2/namespaces/{namespace}/repositories/{repository}",
  auth: "optional",
  effect: "read",
  answer: "found",
  input: z.strictObject(one),
  output: z.boolean(),
});

/** Changes what a repository says of itself. */
export const update = operation({
  summary: "Changes what a repository says of itself.",
  description:
    "Not in Docker's description, but what Docker's own tools call. Status 0 makes the repository inactive; one without images cannot be made active again.",
  http: "PATCH /v2/namespaces/{namespace}/repositories/{repository}",
  effect: "update",
  destroysWith: { status: 0 },
  status: "undocumented",
  input: z.strictObject({
    ...one,
    description: description.optional(),
    full_description: full_description.optional(),
    status: z
      .union([z.literal(0), z.literal(1)])
      .optional()
      .describe("1 active, 0 inactive"),
  }),
  output: Repository,
});

/** Deletes a repository with all its tags. */
const remove = operation({
  summary: "Deletes a repository with all its tags.",
  description: "Images may stay readable by digest for a while.",
  http: "DELETE /v2/repositories/{namespace}/{repository}/",
  effect: "destroy",
  status: "undocumented",
  input: z.strictObject(one),
  output: z.void(),
});
export { remove as delete };

/** Makes a repository private, or public. */
export const setPrivacy = operation({
  summary: "Makes a repository private, or public.",
  http: "POST /v2/repositories/{namespace}/{repository}/privacy",
  effect: "destroy",
  status: "undocumented",
  input: z.strictObject({
    ...one,
    is_private: z.boolean().describe("Whether only members see it"),
  }),
  output: z.void(),
});

/** Says what a repository is about. */
export const setCategories = operation({
  summary: "Says what a repository is about.",
  description: "Of each category only the slug counts; categories.list has them all.",
  http: "PATCH /v2/repositories/{namespace}/{repository}/categories/",
  effect: "update",
  status: "undocumented",
  places: { categories: "whole" },
  input: z.strictObject({
    ...one,
    categories: z
      .array(z.strictObject({ slug: z.string().min(1), name: z.string() }))
      .describe("All categories it shall have"),
  }),
  output: z.void(),
});

const logo = "/api/media/repos_logo/v1/{namespace}%2F{repository}";

/** Downloads a repository's logo. */
export const getLogo = operation({
  summary: "Downloads a repository's logo.",
  http: `GET ${logo}`,
  auth: "none",
  effect: "read",
  status: "undocumented",
  answer: "bytes",
  input: z.strictObject(one),
  output: z.instanceof(Uint8Array),
});

/** Sets a repository's logo. */
export const uploadLogo = operation({
  summary: "Sets a repository's logo.",
  description: "Official, sponsored and verified publishers' namespaces only.",
  http: `POST ${logo}/upload`,
  effect: "update",
  status: "undocumented",
  mediaType: "image/png",
  places: { image: "raw" },
  input: z.strictObject({
    ...one,
    image: z.instanceof(Uint8Array).meta({ contentEncoding: "binary" }).describe("A PNG image"),
  }),
  output: z.void(),
});

/** Removes a repository's logo. */
export const deleteLogo = operation({
  summary: "Removes a repository's logo.",
  http: `DELETE ${logo}`,
  effect: "destroy",
  status: "undocumented",
  input: z.strictObject(one),
  output: z.void(),
});

export {
  checkLegacy,
  createInNamespaceLegacy,
  createLegacy,
  getLegacy,
  listForUserLegacy,
  listLegacy,
  updateLegacy,
} from "./repositoriesLegacy.ts";
