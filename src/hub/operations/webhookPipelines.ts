/** What is called when an image was pushed, as Docker names it now. Not in Docker's description. */
import * as z from "zod";
import { named, operation } from "../../operation.ts";
import { namespace, repository } from "../parameters.ts";

const one = { namespace, repository };

const pipeline = z.looseObject({ slug: z.string().optional(), name: z.string().optional() });
/** Addresses that are called together. */
export interface WebhookPipeline extends z.infer<typeof pipeline> {}

/** Has addresses called when an image is pushed. */
export const create = operation({
  summary: "Has addresses called when an image is pushed.",
  http: "POST /v2/repositories/{namespace}/{repository}/webhook_pipeline/",
  effect: "create",
  status: "undocumented",
  input: z.strictObject({
    ...one,
    name: z.string().min(1).optional().describe("What it is called"),
    expect_final_callback: z.boolean().optional().describe("Whether an answer is waited for"),
    webhooks: z
      .array(
        z.strictObject({
          name: z.string(),
          hook_url: z.string(),
          registry: z.string().optional(),
        }),
      )
      .optional()
      .describe("The addresses: [{ name, hook_url }]"),
    registry: z.string().optional().describe("registry-1.docker.io"),
  }),
  output: named<WebhookPipeline>(pipeline),
});

/** Has addresses called no more. */
const remove = operation({
  summary: "Has addresses called no more.",
  http: "DELETE /v2/repositories/{namespace}/{repository}/webhook_pipeline/{slug}/",
  effect: "destroy",
  status: "undocumented",
  input: z.strictObject({ ...one, slug: z.string().min(1).describe("Short name of the pipeline") }),
  output: z.void(),
});
export { remove as delete };
