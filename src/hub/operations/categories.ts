/** What repositories can be about. Not in Docker's description; public. */
import * as z from "zod";
import { operation } from "../../operation.ts";
import { Category } from "../schemas/repository.ts";

/** Lists the categories that a repository can have. */
export const list = operation({
  summary: "Lists the categories that a repository can have.",
  http: "GET /v2/categories",
  auth: "none",
  effect: "read",
  status: "undocumented",
  input: z.strictObject({}),
  output: z.array(Category),
});
