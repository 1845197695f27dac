/** Invitations to an organization. An organization's token with invite scopes will do. Source: Docker Hub API, "invites". */
import * as z from "zod";
import { named, operation } from "../../operation.ts";
import { org_name } from "../parameters.ts";

const id = z.string().min(1).describe("Id of the invitation");

const invite = z.looseObject({
  id: z.string(),
  inviter_username: z.string().nullish(),
  invitee: z.string(),
  org: z.string().nullish(),
  team: z.string().nullish(),
  role: z.string().nullish(),
  created_at: z.string().nullish(),
});
/** An invitation that waits for an answer. */
export interface Invite extends z.infer<typeof invite> {}

const invites = z.looseObject({ data: z.array(invite) });
/** The invitations of an organization. */
export interface Invites extends z.infer<typeof invites> {}

const outcome = z.looseObject({
  invitee: z.string(),
  /** invited, existing_org_member, invalid_email_or_docker_id… */
  status: z.string(),
  invite: invite.nullish(),
});
/** What became of each of those who were invited. */
export interface InviteOutcome extends z.infer<typeof outcome> {}

/** What became of all; Docker's description wraps the list once more than the service does. */
export interface InviteOutcomes {
  readonly invitees: InviteOutcome[] | { readonly invitees: InviteOutcome[] };
}

/** Lists the invitations of an organization that wait for an answer. */
export const list = operation({
  summary: "Lists the invitations of an organization that wait for an answer.",
  http: "GET /v2/orgs/{org_name}/invites",
  auth: "owner",
  effect: "read",
  input: z.strictObject({ org_name }),
  output: named<Invites>(invites),
});

/** Invites people to an organization, by mail address or Docker ID. */
export const create = operation({
  summary: "Invites people to an organization, by mail address or Docker ID.",
  description: "It sends mails, unless dry_run says that it shall only check.",
  http: "POST /v2/invites/bulk",
  auth: "owner",
  effect: "create",
  places: { feature: { header: "X-Analytics-Client-Feature" } },
  input: z.strictObject({
    org: z.string().min(1).describe("Name of the organization"),
    invitees: z.array(z.string()).describe("Mail addresses or Docker IDs"),
    team: z.string().optional().describe("Team that they join"),
    role: z.string().optional().describe("Role that they get: owner, editor or member"),
    dry_run: z.boolean().optional().describe("Only say what would happen"),
    feature: z
      .string()
      .optional()
      .describe("What the invitations are sent from, such as file or web"),
  }),
  output: named<InviteOutcomes>(
    z.looseObject({
      invitees: z.union([z.array(outcome), z.looseObject({ invitees: z.array(outcome) })]),
    }),
  ),
});

/** Takes an invitation back. */
const remove = operation({
  summary: "Takes an invitation back.",
  http: "DELETE /v2/invites/{id}",
  auth: "owner",
  effect: "destroy",
  input: z.strictObject({ id }),
  output: z.void(),
});
export { remove as delete };

/** Sends an invitation again. */
export const resend = operation({
  summary: "Sends an invitation again.",
  http: "PATCH /v2/invites/{id}/resend",
  auth: "owner",
  effect: "update",
  input: z.strictObject({ id }),
  output: z.void(),
});
