/** Stars. Not in Docker's description. */
import * as z from "zod";
import { operation, page, paged } from "../../operation.ts";
import { namespace, paging, repository, username } from "../parameters.ts";
import { RepositoryEntry } from "../schemas/repository.ts";

const one = { namespace, repository };

/** Stars a repository. */
export const add = operation({
  summary: "Stars a repository.",
  http: "POST /v2/repositories/{namespace}/{repository}/stars/",
  effect: "create",
  status: "undocumented",
  input: z.strictObject(one),
  output: z.void(),
});

/** Takes your star back. */
const remove = operation({
  summary: "Takes your star back.",
  http: "DELETE /v2/repositories/{namespace}/{repository}/stars/",
  effect: "destroy",
  status: "undocumented",
  input: z.strictObject(one),
  output: z.void(),
});
export { remove as delete };

/** Lists the repositories that a user has starred. */
export const list = operation({
  summary: "Lists the repositories that a user has starred.",
  http: "GET /v2/users/{username}/repositories/starred",
  auth: "none",
  effect: "read",
  status: "undocumented",
  input: z.strictObject({ username, ...paging }),
  output: page(RepositoryEntry),
  paging: paged,
});

/** Counts the stars of a repository. */
export const count = operation({
  summary: "Counts the stars of a repository.",
  description: "What it answers was never published; repositories.get has star_count.",
  http: "GET /v2/repositories/{namespace}/{repository}/stars/count/",
  auth: "none",
  effect: "read",
  status: "unverified",
  input: z.strictObject(one),
  output: z.unknown(),
});
