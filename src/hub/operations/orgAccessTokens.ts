/**
 * Access tokens of an organization, for machines. It takes an owner who signed in with a password.
 * Source: Docker Hub API, "org-access-tokens"; scopes: Docker's docs, "Access token reference".
 */
import * as z from "zod";
import { named, operation } from "../../operation.ts";
import { org_name, paging } from "../parameters.ts";

const access_token_id = z.string().min(1).describe("Id of the token");
const label = z.string().min(1).describe("What it is for, in a few words");
const about = z.string().describe("What it is for, at length");

const resource = {
  type: z
    .enum(["TYPE_REPO", "TYPE_ORG"])
    .describe("Whether path names repositories or the organization"),
  path: z.string().describe("acme/app, acme/* or */*/public; for TYPE_ORG the organization's name"),
  scopes: z
    .array(z.string())
    .describe("What may be done with it: scope-image-pull, scope-image-push…"),
};
const resources = z.array(z.strictObject(resource)).describe("What the token opens, and how far");

const token = z.looseObject({
  id: z.string(),
  label: z.string(),
  created_by: z.string().optional(),
  is_active: z.boolean().optional(),
  created_at: z.string().optional(),
  expires_at: z.string().nullish(),
  last_used_at: z.string().nullish(),
  description: z.string().nullish(),
  resources: z.array(z.looseObject(resource).partial()).optional(),
  /** The secret, once, in the answer to its creation. */
  token: z.string().optional(),
});
/** An organization's access token. */
export interface OrgAccessToken extends z.infer<typeof token> {}
const OrgAccessToken = named<OrgAccessToken>(token);

/** A page of an organization's access tokens; the count is called `total` here. */
export interface OrgAccessTokens {
  readonly total: number;
  readonly next?: string | null;
  readonly previous?: string | null;
  readonly results: OrgAccessToken[];
}
const OrgAccessTokens = named<OrgAccessTokens>(
  z.looseObject({
    total: z.number(),
    next: z.string().nullish(),
    previous: z.string().nullish(),
    results: z.array(OrgAccessToken),
  }),
);

/** Lists the access tokens of an organization, without their secrets. */
export const list = operation({
  summary: "Lists the access tokens of an organization, without their secrets.",
  http: "GET /v2/orgs/{org_name}/access-tokens",
  auth: "owner",
  effect: "read",
  input: z.strictObject({ org_name, ...paging }),
  output: OrgAccessTokens,
  paging: { style: "page", items: "results", size: { preset: 10, largest: 100 } },
});

/** Creates an access token of an organization; its secret is shown this once. */
export const create = operation({
  summary: "Creates an access token of an organization; its secret is shown this once.",
  description:
    "Without scope-repository-list it sees public repositories only, and nothing says so.",
  http: "POST /v2/orgs/{org_name}/access-tokens",
  auth: "owner",
  effect: "create",
  input: z.strictObject({
    org_name,
    label,
    description: about.optional(),
    resources: resources.optional(),
    expires_at: z.iso
      .datetime({ offset: true })
      .nullable()
      .optional()
      .describe("When it ends (ISO 8601); without it, never"),
  }),
  output: OrgAccessToken,
  secrets: ["token"],
});

/** Shows an access token of an organization and what it opens. */
export const get = operation({
  summary: "Shows an access token of an organization and what it opens.",
  http: "GET /v2/orgs/{org_name}/access-tokens/{access_token_id}",
  auth: "owner",
  effect: "read",
  input: z.strictObject({ org_name, access_token_id }),
  output: OrgAccessToken,
});

/** Changes an access token of an organization. */
export const update = operation({
  summary: "Changes an access token of an organization.",
  description:
    "Resources that are given replace those that were. Switching it off locks out whatever uses it.",
  http: "PATCH /v2/orgs/{org_name}/access-tokens/{access_token_id}",
  auth: "owner",
  effect: "update",
  destroysWith: { is_active: false },
  destroysGiven: ["resources"],
  input: z.strictObject({
    org_name,
    access_token_id,
    label: label.optional(),
    description: about.optional(),
    resources: resources.optional(),
    is_active: z.boolean().optional().describe("Whether it may be used"),
  }),
  output: OrgAccessToken,
});

/** Deletes an access token of an organization for good. */
const remove = operation({
  summary: "Deletes an access token of an organization for good.",
  http: "DELETE /v2/orgs/{org_name}/access-tokens/{access_token_id}",
  auth: "owner",
  effect: "destroy",
  input: z.strictObject({ org_name, access_token_id }),
  output: z.void(),
});
export { remove as delete };
