/** What teams of an organization may do with a repository. Source: Docker Hub API, "repositories". */
import * as z from "zod";
import { named, operation } from "../../operation.ts";
import { namespace, repository } from "../parameters.ts";

const one = { namespace, repository };
const group_id = z.int().describe("Number of the team; groups.list shows it");
const permission = z
  .enum(["read", "write", "admin"])
  .describe("read: pull; write: push too; admin: settings too");

const repositoryGroup = z.looseObject({
  group_id: z.int().optional(),
  group_name: z.string().optional(),
  permission: z.string().optional(),
});
/** What a team may do with a repository. */
export interface RepositoryGroup extends z.infer<typeof repositoryGroup> {}
const RepositoryGroup = named<RepositoryGroup>(repositoryGroup);

/** Lets a team into a repository. */
export const assign = operation({
  summary: "Lets a team into a repository.",
  description: "A team that is in already may be refused (400): change it with update.",
  http: "POST /v2/repositories/{namespace}/{repository}/groups",
  effect: "create",
  input: z.strictObject({ ...one, group_id, permission }),
  output: RepositoryGroup,
});

/** Shows what a team may do with a repository. */
export const get = operation({
  summary: "Shows what a team may do with a repository.",
  http: "GET /v2/repositories/{namespace}/{repository}/groups/{group_id}/",
  effect: "read",
  status: "undocumented",
  input: z.strictObject({ ...one, group_id }),
  output: RepositoryGroup,
});

/** Changes what a team may do with a repository. */
export const update = operation({
  summary: "Changes what a team may do with a repository.",
  http: "PATCH /v2/repositories/{namespace}/{repository}/groups/{group_id}/",
  effect: "update",
  destroysGiven: ["permission"],
  status: "undocumented",
  input: z.strictObject({ ...one, group_id, permission }),
  output: RepositoryGroup,
});

/** Takes a repository from a team. */
const remove = operation({
  summary: "Takes a repository from a team.",
  http: "DELETE /v2/repositories/{namespace}/{repository}/groups/{group_id}/",
  effect: "destroy",
  status: "undocumented",
  input: z.strictObject({ ...one, group_id }),
  output: z.void(),
});
export { remove as delete };
