/** What an account pays for. Not in Docker's description; last seen in use in 2024. */
import * as z from "zod";
import { named, operation } from "../../operation.ts";

const plan = z.looseObject({
  /** team, pro or free. */
  name: z.string().optional(),
  legacy: z.boolean().nullish(),
  seats: z.number().nullish(),
  private_repos: z.number().nullish(),
  teams: z.number().nullish(),
  collaborators: z.number().nullish(),
  parallel_builds: z.number().nullish(),
  duration: z.string().nullish(),
});
/** The plan of an account. */
export interface HubPlan extends z.infer<typeof plan> {}

/** Shows the plan of an account, and what it includes. */
export const get = operation({
  summary: "Shows the plan of an account, and what it includes.",
  http: "GET /api/billing/v4/accounts/{account_id}/hub-plan",
  effect: "read",
  status: "undocumented",
  input: z.strictObject({
    account_id: z
      .string()
      .min(1)
      .describe("`id` of the user (users.getCurrent) or organization (orgs.get)"),
  }),
  output: named<HubPlan>(plan),
});
