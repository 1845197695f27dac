/**
 * Personal access tokens. A session that was opened with such a token may not manage tokens (403): it takes a password.
 * Source: Docker Hub API, "access-tokens".
 */
import * as z from "zod";
import { operation, page, paged } from "../../operation.ts";
import { paging } from "../parameters.ts";
import { AccessToken } from "../schemas/accessToken.ts";

const uuid = z.string().min(1).describe("Id of the token");
const token_label = z.string().min(1).max(100).describe("What it is for, in your own words");

const description =
  "Needs a session opened with a password: one of a personal access token is refused.";

/** Lists your personal access tokens, without their secrets. */
export const list = operation({
  summary: "Lists your personal access tokens, without their secrets.",
  description,
  http: "GET /v2/access-tokens",
  effect: "read",
  input: z.strictObject(paging),
  output: page(AccessToken),
  paging: paged,
});

/** Creates a personal access token; its secret is shown this once. */
export const create = operation({
  summary: "Creates a personal access token; its secret is shown this once.",
  description,
  http: "POST /v2/access-tokens",
  effect: "create",
  input: z.strictObject({
    token_label,
    scopes: z
      .array(z.enum(["repo:admin", "repo:write", "repo:read", "repo:public_read"]))
      .describe("What it may do; each scope includes the ones after it"),
    expires_at: z.iso
      .datetime({ offset: true })
      .optional()
      .describe("When it ends (ISO 8601); without it, never"),
  }),
  output: AccessToken,
  secrets: ["token"],
});

/** Shows a personal access token, without its secret. */
export const get = operation({
  summary: "Shows a personal access token, without its secret.",
  description,
  http: "GET /v2/access-tokens/{uuid}",
  effect: "read",
  input: z.strictObject({ uuid }),
  output: AccessToken,
});

/** Renames a personal access token, or switches it on or off. */
export const update = operation({
  summary: "Renames a personal access token, or switches it on or off.",
  description: `${description} Switching a token off locks out whatever uses it.`,
  http: "PATCH /v2/access-tokens/{uuid}",
  effect: "update",
  destroysWith: { is_active: false },
  input: z.strictObject({
    uuid,
    token_label: token_label.optional(),
    is_active: z.boolean().optional().describe("Whether it may be used"),
  }),
  output: AccessToken,
});

/** Deletes a personal access token for good. */
const remove = operation({
  summary: "Deletes a personal access token for good.",
  description,
  http: "DELETE /v2/access-tokens/{uuid}",
  effect: "destroy",
  input: z.strictObject({ uuid }),
  output: z.void(),
});
export { remove as delete };

export {
  createLegacy,
  deleteLegacy,
  getLegacy,
  listLegacy,
  updateLegacy,
} from "./accessTokensLegacy.ts";
