/** The Dockerfile of a repository that Docker Hub built. Whether it is still answered is not known. */
import * as z from "zod";
import { named, operation } from "../../operation.ts";
import { namespace, repository } from "../parameters.ts";

const dockerfile = z.looseObject({ contents: z.string() });
/** The text of a Dockerfile. */
export interface Dockerfile extends z.infer<typeof dockerfile> {}

/** Shows the Dockerfile of a repository that was built automatically. */
export const get = operation({
  summary: "Shows the Dockerfile of a repository that was built automatically.",
  http: "GET /v2/repositories/{namespace}/{repository}/dockerfile/",
  auth: "optional",
  effect: "read",
  status: "legacy",
  input: z.strictObject({ namespace, repository }),
  output: named<Dockerfile>(dockerfile),
});
