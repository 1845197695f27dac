/** Pipelines of webhooks: webhooks that are made with their addresses. `webhooks.list` shows them. */
import type * as declared from "../../../hub/operations/webhookPipelines.ts";
import { type Behaviours, Reply } from "../context.ts";
import { notFound } from "../refusal.ts";
import { repositoryFor } from "./found.ts";
import { addHook, addWebhook } from "./webhooks.ts";

export const webhookPipelines: Behaviours<typeof declared> = {
  create(context, { name, expect_final_callback = false, webhooks = [], ...input }) {
    const { id } = repositoryFor(context, input, "admin");
    const row = addWebhook(context, id, {
      name: name ?? webhooks[0]?.name ?? "webhook",
      awaitsCallback: expect_final_callback,
    });
    for (const hook of webhooks) addHook(context, id, row.id, hook);
    return new Reply(201, {
      slug: row.slug,
      name: row.name,
      expect_final_callback,
      webhooks: webhooks.map(({ name, hook_url }) => ({ name, hook_url })),
    });
  },

  delete(context, { slug, ...input }) {
    const { id } = repositoryFor(context, input, "admin");
    const { changes } = context.state.run(
      "DELETE FROM webhooks WHERE slug = ? AND repository = ?",
      slug,
      id,
    );
    if (changes === 0) throw notFound(`pipeline ${slug} not found`);
  },
};
