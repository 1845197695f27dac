/** Members of an organization. An organization's token with member scopes will do. Source: Docker Hub API, "orgs". */
import * as z from "zod";
import { operation, page } from "../../operation.ts";
import { org_name, paging, username } from "../parameters.ts";
import { OrgMember } from "../schemas/account.ts";

/** Lists the members of an organization. */
export const list = operation({
  summary: "Lists the members of an organization.",
  http: "GET /v2/orgs/{org_name}/members",
  effect: "read",
  input: z.strictObject({
    org_name,
    search: z.string().optional().describe("Only those whose name or address contains this"),
    ...paging,
    invites: z.boolean().optional().describe("Also those who were invited"),
    type: z.enum(["all", "invitee", "member"]).optional().describe("Which kind"),
    role: z.enum(["owner", "editor", "member"]).optional().describe("Which role"),
  }),
  output: page(OrgMember),
  paging: { style: "page", items: "results", size: { preset: 25, largest: 100 } },
});

/** Exports the members of an organization as CSV. */
const exportMembers = operation({
  summary: "Exports the members of an organization as CSV.",
  description: "The first line names the columns; which they are has changed over time.",
  http: "GET /v2/orgs/{org_name}/members/export",
  effect: "read",
  answer: "text",
  mediaType: "text/csv",
  input: z.strictObject({ org_name }),
  output: z.string(),
});
export { exportMembers as export };

/** Gives a member of an organization another role. */
export const update = operation({
  summary: "Gives a member of an organization another role.",
  description: "Not for somebody who has not accepted the invitation yet.",
  http: "PUT /v2/orgs/{org_name}/members/{username}",
  auth: "owner",
  effect: "update",
  destroysGiven: ["role"],
  input: z.strictObject({
    org_name,
    username,
    role: z.enum(["owner", "editor", "member"]).describe("The new role"),
  }),
  output: OrgMember,
});

/** Removes somebody from an organization. */
const remove = operation({
  summary: "Removes somebody from an organization.",
  description: "The last owner cannot be removed.",
  http: "DELETE /v2/orgs/{org_name}/members/{username}",
  auth: "owner",
  effect: "destroy",
  input: z.strictObject({ org_name, username }),
  output: z.void(),
});
export { remove as delete };
