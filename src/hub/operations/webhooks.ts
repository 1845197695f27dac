/** Webhooks in their older form, and the addresses of each. Whether they are still answered is not known. */
import * as z from "zod";
import { named, operation, page, paged } from "../../operation.ts";
import { namespace, paging, repository } from "../parameters.ts";

const one = { namespace, repository };
const webhook_id = z.int().describe("Number of the webhook");

const hook = z.looseObject({
  id: z.number().optional(),
  creator: z.string().nullish(),
  last_updater: z.string().nullish(),
  hook_url: z.string().optional(),
  date_added: z.string().nullish(),
  last_updated: z.string().nullish(),
  active: z.boolean().optional(),
});
/** An address that a webhook calls. */
export interface WebhookHook extends z.infer<typeof hook> {}

const webhook = z.looseObject({
  id: z.number().optional(),
  name: z.string().optional(),
  active: z.boolean().optional(),
  expect_final_callback: z.boolean().optional(),
  creator: z.string().nullish(),
  last_updated: z.string().nullish(),
  last_updater: z.string().nullish(),
  hooks: z.array(hook).nullish(),
});
/** A webhook. */
export interface Webhook extends z.infer<typeof webhook> {}
const Webhook = named<Webhook>(webhook);

/** Lists the webhooks of a repository. */
export const list = operation({
  summary: "Lists the webhooks of a repository.",
  description:
    "The only client that lists them writes a doubled `repositories` in the path, most likely by mistake; that slip is not repeated here.",
  http: "GET /v2/repositories/{namespace}/{repository}/webhooks/",
  effect: "read",
  status: "legacy",
  input: z.strictObject({ ...one, ...paging }),
  output: page(Webhook),
  paging: paged,
});

/** Creates a webhook, which calls nothing yet. */
export const create = operation({
  summary: "Creates a webhook, which calls nothing yet.",
  http: "POST /v2/repositories/{namespace}/{repository}/webhooks/",
  effect: "create",
  status: "legacy",
  replacedBy: "webhookPipelines.create",
  input: z.strictObject({ ...one, name: z.string().min(1).describe("What it is called") }),
  output: Webhook,
});

/** Deletes a webhook with its addresses. */
const remove = operation({
  summary: "Deletes a webhook with its addresses.",
  http: "DELETE /v2/repositories/{namespace}/{repository}/webhooks/{webhook_id}/",
  effect: "destroy",
  status: "legacy",
  replacedBy: "webhookPipelines.delete",
  input: z.strictObject({ ...one, webhook_id }),
  output: z.void(),
});
export { remove as delete };

/** Gives a webhook an address to call. */
export const createHook = operation({
  summary: "Gives a webhook an address to call.",
  http: "POST /v2/repositories/{namespace}/{repository}/webhooks/{webhook_id}/hooks/",
  effect: "create",
  status: "legacy",
  replacedBy: "webhookPipelines.create",
  input: z.strictObject({
    ...one,
    webhook_id,
    hook_url: z.string().min(1).describe("The address that is called"),
  }),
  output: named<WebhookHook>(hook),
});
