/** Which images members of an organization may use. Source: Docker Hub API, "org-settings". */
import * as z from "zod";
import { named, operation } from "../../operation.ts";
import { org_name } from "../parameters.ts";

const restricted = {
  enabled: z.boolean().describe("Whether images are restricted at all"),
  allow_official_images: z.boolean().describe("Whether Docker's official images may be used"),
  allow_verified_publishers: z
    .boolean()
    .describe("Whether verified publishers' images may be used"),
};
const settings = z.looseObject({ restricted_images: z.looseObject(restricted) });
/** The settings of an organization. */
export interface OrgSettings extends z.infer<typeof settings> {}
const OrgSettings = named<OrgSettings>(settings);

/** Shows the settings of an organization. */
export const get = operation({
  summary: "Shows the settings of an organization.",
  http: "GET /v2/orgs/{org_name}/settings",
  effect: "read",
  input: z.strictObject({ org_name }),
  output: OrgSettings,
});

/** Says which images members of an organization may use. */
export const update = operation({
  summary: "Says which images members of an organization may use.",
  description:
    "To lift all restrictions: enabled false, and both kinds allowed. Organization tokens are refused.",
  http: "PUT /v2/orgs/{org_name}/settings",
  auth: "owner",
  effect: "destroy",
  input: z.strictObject({
    org_name,
    restricted_images: z.strictObject(restricted).describe("All three have to be said"),
  }),
  output: OrgSettings,
});
