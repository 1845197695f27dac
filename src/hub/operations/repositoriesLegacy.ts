/** The older operations on repositories, for whoever depends on them. Source: Docker Hub's list of deprecations. */
import * as z from "zod";
import { operation, page, paged } from "../../operation.ts";
import { namespace, paging, repository, username } from "../parameters.ts";
import { Repository, RepositoryEntry } from "../schemas/repository.ts";

const one = { namespace, repository };

/** Changes what a repository says of itself, the older way, which also knows immutable tags. */
export const updateLegacy = operation({
  summary:
    "Changes what a repository says of itself, the older way, which also knows immutable tags.",
  description:
    "Rules for immutable tags are one text here, joined by commas, so that none can hold a comma.",
  http: "PATCH /v2/repositories/{namespace}/{repository}/",
  effect: "update",
  destroysWith: { status: 0 },
  destroysGiven: ["immutable_tags", "immutable_tags_rules"],
  status: "undocumented",
  replacedBy: "repositories.update",
  input: z.strictObject({
    ...one,
    description: z.string().max(100).optional().describe("One line, at most 100 characters"),
    full_description: z
      .string()
      .max(25_000)
      .optional()
      .describe("What the page shows, Markdown, at most 25,000 bytes"),
    immutable_tags: z.boolean().optional().describe("Whether tags that match cannot be moved"),
    immutable_tags_rules: z.string().optional().describe("Regular expressions, joined by commas"),
    status: z.int().optional().describe("1 active, 0 inactive"),
  }),
  output: Repository,
});

/** Lists the repositories of a namespace, the older way. */
export const listLegacy = operation({
  summary: "Lists the repositories of a namespace, the older way.",
  http: "GET /v2/repositories/{namespace}/",
  auth: "optional",
  effect: "read",
  status: "legacy",
  replacedBy: "repositories.list",
  input: z.strictObject({
    namespace,
    ...paging,
    ordering: z.string().optional().describe("What they are sorted by"),
    name: z.string().optional().describe("Only those whose name contains this"),
  }),
  output: page(RepositoryEntry),
  paging: paged,
});

/** Lists the names of a user's repositories, all at once. */
export const listForUserLegacy = operation({
  summary: "Lists the names of a user's repositories, all at once.",
  http: "GET /v2/users/{username}/repositories/",
  auth: "optional",
  effect: "read",
  status: "legacy",
  replacedBy: "repositories.list",
  input: z.strictObject({ username }),
  output: z.array(z.looseObject({ namespace: z.string(), name: z.string() })),
});

/** Creates a repository, the older way. */
export const createLegacy = operation({
  summary: "Creates a repository, the older way.",
  http: "POST /v2/repositories/",
  effect: "create",
  status: "legacy",
  replacedBy: "repositories.create",
  input: z.strictObject({
    namespace: namespace.describe("User or organization that gets it"),
    name: z.string().min(2).max(255).describe("Its name"),
    is_private: z.boolean().optional().describe("Whether only members see it"),
    description: z.string().max(100).optional().describe("One line"),
    full_description: z.string().max(25_000).optional().describe("What the page shows"),
  }),
  output: Repository,
});

/** Creates a repository in a namespace, the older way. */
export const createInNamespaceLegacy = operation({
  summary: "Creates a repository in a namespace, the older way.",
  description: "Its fields were never published; those of createLegacy are passed on.",
  http: "POST /v2/repositories/{namespace}",
  effect: "create",
  status: "legacy",
  replacedBy: "repositories.create",
  input: z.strictObject({
    namespace: namespace.describe("User or organization that gets it"),
    name: z.string().min(2).max(255).optional().describe("Its name"),
    is_private: z.boolean().optional().describe("Whether only members see it"),
    description: z.string().max(100).optional().describe("One line"),
    full_description: z.string().max(25_000).optional().describe("What the page shows"),
  }),
  output: z.unknown(),
});

/** Shows a repository, the older way. */
export const getLegacy = operation({
  summary: "Shows a repository, the older way.",
  http: "GET /v2/repositories/{namespace}/{repository}/",
  auth: "optional",
  effect: "read",
  status: "legacy",
  replacedBy: "repositories.get",
  input: z.strictObject(one),
  output: Repository,
});

/** Tells whether a repository exists, the older way. */
export const checkLegacy = operation({
  summary: "Tells whether a repository exists, the older way.",
  http: "HEAD /v2/repositories/{namespace}/{repository}",
  auth: "optional",
  effect: "read",
  status: "legacy",
  replacedBy: "repositories.check",
  answer: "found",
  input: z.strictObject(one),
  output: z.boolean(),
});
