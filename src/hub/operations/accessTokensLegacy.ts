/** Personal access tokens under their older address, as older tools of Docker's call it. Not in Docker's description. */
import * as z from "zod";
import { operation, page, paged } from "../../operation.ts";
import { paging } from "../parameters.ts";
import { AccessToken } from "../schemas/accessToken.ts";

const uuid = z.string().min(1).describe("Id of the token");
const token_label = z.string().min(1).max(100).describe("What it is for, in your own words");
const is_active = z.boolean().optional().describe("Whether it may be used");

/** Lists your personal access tokens, the older way. */
export const listLegacy = operation({
  summary: "Lists your personal access tokens, the older way.",
  http: "GET /v2/api_tokens",
  effect: "read",
  status: "legacy",
  replacedBy: "accessTokens.list",
  input: z.strictObject(paging),
  output: page(AccessToken),
  paging: paged,
});

/** Creates a personal access token, the older way. */
export const createLegacy = operation({
  summary: "Creates a personal access token, the older way.",
  http: "POST /v2/api_tokens",
  effect: "create",
  status: "legacy",
  replacedBy: "accessTokens.create",
  input: z.strictObject({ token_label, is_active }),
  output: AccessToken,
  secrets: ["token"],
});

/** Shows a personal access token, the older way. */
export const getLegacy = operation({
  summary: "Shows a personal access token, the older way.",
  http: "GET /v2/api_tokens/{uuid}",
  effect: "read",
  status: "legacy",
  replacedBy: "accessTokens.get",
  input: z.strictObject({ uuid }),
  output: AccessToken,
});

/** Renames a personal access token or switches it on or off, the older way. */
export const updateLegacy = operation({
  summary: "Renames a personal access token or switches it on or off, the older way.",
  http: "PATCH /v2/api_tokens/{uuid}",
  effect: "update",
  destroysWith: { is_active: false },
  status: "legacy",
  replacedBy: "accessTokens.update",
  input: z.strictObject({ uuid, token_label: token_label.optional(), is_active }),
  output: AccessToken,
});

/** Deletes a personal access token, the older way. */
export const deleteLegacy = operation({
  summary: "Deletes a personal access token, the older way.",
  http: "DELETE /v2/api_tokens/{uuid}",
  effect: "destroy",
  status: "legacy",
  replacedBy: "accessTokens.delete",
  input: z.strictObject({ uuid }),
  output: z.void(),
});
