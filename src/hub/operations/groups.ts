/** Teams of an organization. An organization's token with group scopes will do. Source: Docker Hub API, "groups". */
import * as z from "zod";
import { named, operation, page, paged } from "../../operation.ts";
import { group_name, org_name, paging, username } from "../parameters.ts";
import { GroupMember } from "../schemas/account.ts";

const group = z.looseObject({
  id: z.number().optional(),
  uuid: z.string().nullish(),
  name: z.string(),
  description: z.string().nullish(),
  member_count: z.number().nullish(),
});
/** A team. */
export interface Group extends z.infer<typeof group> {}
const Group = named<Group>(group);

const name = z.string().min(1).describe("Name of the team");
const about = z.string().optional().describe("What the team is for");

/** Lists the teams of an organization. */
export const list = operation({
  summary: "Lists the teams of an organization.",
  http: "GET /v2/orgs/{org_name}/groups",
  effect: "read",
  input: z.strictObject({
    org_name,
    ...paging,
    username: z.string().optional().describe("Only teams that this user is in"),
    search: z.string().optional().describe("Only those whose name contains this"),
  }),
  output: page(Group),
  paging: paged,
});

/** Creates a team. */
export const create = operation({
  summary: "Creates a team.",
  http: "POST /v2/orgs/{org_name}/groups",
  auth: "owner",
  effect: "create",
  input: z.strictObject({ org_name, name, description: about }),
  output: Group,
});

/** Shows a team. */
export const get = operation({
  summary: "Shows a team.",
  http: "GET /v2/orgs/{org_name}/groups/{group_name}",
  effect: "read",
  input: z.strictObject({ org_name, group_name }),
  output: Group,
});

/** Changes name and description of a team, all of it. */
export const replace = operation({
  summary: "Changes name and description of a team, all of it.",
  http: "PUT /v2/orgs/{org_name}/groups/{group_name}",
  auth: "owner",
  effect: "update",
  input: z.strictObject({ org_name, group_name, name, description: about }),
  output: Group,
});

/** Changes name or description of a team. */
export const update = operation({
  summary: "Changes name or description of a team.",
  http: "PATCH /v2/orgs/{org_name}/groups/{group_name}",
  auth: "owner",
  effect: "update",
  input: z.strictObject({ org_name, group_name, name: name.optional(), description: about }),
  output: Group,
});

/** Deletes a team. */
const remove = operation({
  summary: "Deletes a team.",
  http: "DELETE /v2/orgs/{org_name}/groups/{group_name}",
  auth: "owner",
  effect: "destroy",
  input: z.strictObject({ org_name, group_name }),
  output: z.void(),
});
export { remove as delete };

/** Lists the members of a team. */
export const listMembers = operation({
  summary: "Lists the members of a team.",
  description: "Mail addresses are shown to owners only.",
  http: "GET /v2/orgs/{org_name}/groups/{group_name}/members",
  effect: "read",
  input: z.strictObject({
    org_name,
    group_name,
    ...paging,
    search: z
      .string()
      .optional()
      .describe("Only those whose user name, name or mail address contains this"),
  }),
  output: page(GroupMember),
  paging: paged,
});

/** Adds somebody to a team. */
export const addMember = operation({
  summary: "Adds somebody to a team.",
  http: "POST /v2/orgs/{org_name}/groups/{group_name}/members",
  auth: "owner",
  effect: "create",
  input: z.strictObject({ org_name, group_name, member: z.string().min(1).describe("Docker ID") }),
  output: z.void(),
});

/** Removes somebody from a team. */
export const deleteMember = operation({
  summary: "Removes somebody from a team.",
  http: "DELETE /v2/orgs/{org_name}/groups/{group_name}/members/{username}",
  auth: "owner",
  effect: "destroy",
  input: z.strictObject({ org_name, group_name, username }),
  output: z.void(),
});
