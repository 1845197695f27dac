/** Organizations. Not in Docker's description, but in use by Docker's own tools. */
import * as z from "zod";
import { named, operation, page, paged } from "../../operation.ts";
import { org_name, paging } from "../parameters.ts";

const org = z.looseObject({
  id: z.string(),
  uuid: z.string().nullish(),
  orgname: z.string(),
  full_name: z.string().nullish(),
  location: z.string().nullish(),
  company: z.string().nullish(),
  profile_url: z.string().nullish(),
  date_joined: z.string().nullish(),
  gravatar_email: z.string().nullish(),
  gravatar_url: z.string().nullish(),
  type: z.string().nullish(),
  badge: z.string().nullish(),
  is_active: z.boolean().nullish(),
  user_role: z.string().nullish(),
  user_groups: z.array(z.unknown()).nullish(),
  org_groups_count: z.int().nullish(),
  plan_name: z.string().nullish(),
  parent_name: z.string().nullish(),
});
/** An organization. */
export interface Org extends z.infer<typeof org> {}
const Org = named<Org>(org);

/** Lists the organizations that you belong to. */
export const list = operation({
  summary: "Lists the organizations that you belong to.",
  description: "Your own namespace is not among them.",
  http: "GET /v2/user/orgs/",
  effect: "read",
  status: "undocumented",
  input: z.strictObject(paging),
  output: page(Org),
  paging: paged,
});

/** Shows an organization. */
export const get = operation({
  summary: "Shows an organization.",
  http: "GET /v2/orgs/{org_name}/",
  effect: "read",
  status: "undocumented",
  input: z.strictObject({ org_name }),
  output: Org,
});
