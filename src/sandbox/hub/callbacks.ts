/** Where receivers of webhooks say what came of it: the `callback_url` of a delivery. Source: Docker's docs, "Webhooks". */
import * as z from "zod";

import type { Webhooks } from "../events/webhooks.ts";
import { badRequest, notFound } from "./refusal.ts";

const callback = z.object({
  state: z.enum(["success", "failure", "error"]),
  description: z.string().max(255).optional(),
  context: z.string().max(100).optional(),
  target_url: z.string().max(2000).optional(),
});

/**
 * @param path below the API's own
 * @returns whether the request was one
 * @throws HubRefusal 404 for no delivery, 400 for what says no state
 */
export function takeCallback(webhooks: Webhooks, path: string, body: Uint8Array): boolean {
  const secret = /^\/u\/[^/]+\/[^/]+\/hook\/([0-9a-f]{40})\/?$/.exec(path)?.[1];
  if (secret === undefined) return false;
  const said = callback.safeParse(json(body));
  if (!said.success) throw badRequest("state has to be success, failure or error");
  const { state, description, context, target_url } = said.data;
  const known = webhooks.answered(secret, {
    state,
    ...(description !== undefined && { description }),
    ...(context !== undefined && { context }),
    ...(target_url !== undefined && { target_url }),
  });
  if (!known) throw notFound("there is no such delivery");
  return true;
}

function json(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString());
  } catch {
    return undefined;
  }
}
