/** Comments on repositories, from older days. Whether they are still answered is not known. */
import * as z from "zod";
import { operation, page, paged } from "../../operation.ts";
import { namespace, paging, repository } from "../parameters.ts";

const comment = z.looseObject({
  id: z.number().optional(),
  user: z.string().optional(),
  comment: z.string().optional(),
  created_on: z.string().nullish(),
  updated_on: z.string().nullish(),
});
/** A comment. */
export interface Comment extends z.infer<typeof comment> {}

/** Lists the comments on a repository. */
export const list = operation({
  summary: "Lists the comments on a repository.",
  http: "GET /v2/repositories/{namespace}/{repository}/comments/",
  auth: "optional",
  effect: "read",
  status: "legacy",
  input: z.strictObject({ namespace, repository, ...paging }),
  output: page<Comment>(comment),
  paging: paged,
});
