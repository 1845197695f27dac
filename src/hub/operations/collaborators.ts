/** Who else may push to a user's repository; organizations have teams. Not in Docker's description; last seen in 2021. */
import * as z from "zod";
import { named, operation, page, paged } from "../../operation.ts";
import { namespace, paging, repository, username } from "../parameters.ts";

const one = { namespace, repository };

const collaborator = z.looseObject({ user: z.string() });
/** Somebody who may push. */
export interface Collaborator extends z.infer<typeof collaborator> {}
const Collaborator = named<Collaborator>(collaborator);

/** Lists who else may push to a user's repository. */
export const list = operation({
  summary: "Lists who else may push to a user's repository.",
  http: "GET /v2/repositories/{namespace}/{repository}/collaborators/",
  effect: "read",
  status: "undocumented",
  input: z.strictObject({ ...one, ...paging }),
  output: page(Collaborator),
  paging: paged,
});

/** Lets somebody push to your repository. */
export const add = operation({
  summary: "Lets somebody push to your repository.",
  http: "POST /v2/repositories/{namespace}/{repository}/collaborators/",
  effect: "create",
  status: "undocumented",
  input: z.strictObject({ ...one, user: z.string().min(1).describe("Docker ID") }),
  output: Collaborator,
});

/** Lets somebody push no more. */
const remove = operation({
  summary: "Lets somebody push no more.",
  http: "DELETE /v2/repositories/{namespace}/{repository}/collaborators/{username}/",
  effect: "destroy",
  status: "undocumented",
  input: z.strictObject({ ...one, username }),
  output: z.void(),
});
export { remove as delete };
