/**
 * Automated builds. The `/v2/` family is older than 2018: a repository made since answers 404 there, whether it has
 * builds or not. What builds now sits behind `/api/build/v1`. None of it is in Docker's description.
 */
import * as z from "zod";
import { named, operation } from "../../operation.ts";
import { namespace, repository } from "../parameters.ts";

const sources = z.looseObject({
  meta: z.looseObject({
    limit: z.int().optional(),
    offset: z.int().optional(),
    next: z.string().nullish(),
    previous: z.string().nullish(),
    total_count: z.int().optional(),
  }),
  objects: z.array(z.looseObject({})),
});
/** Where a repository's images are built from. */
export interface BuildSources extends z.infer<typeof sources> {}

/** Lists where the images of a repository are built from. */
export const listSources = operation({
  summary: "Lists where the images of a repository are built from.",
  description: "Last seen in use in 2025.",
  http: "GET /api/build/v1/source/?image={namespace}/{repository}",
  auth: "none",
  effect: "read",
  status: "undocumented",
  input: z.strictObject({
    namespace,
    repository,
    limit: z.int().min(1).max(100).optional().describe("How many; without it, 25"),
    offset: z.int().min(0).optional().describe("How many to leave out at the beginning"),
  }),
  output: named<BuildSources>(sources),
  paging: { style: "offset", items: "objects", size: { preset: 25, largest: 100 } },
});

/** Starts a build by the secret address of its trigger. */
export const callTrigger = operation({
  summary: "Starts a build by the secret address of its trigger.",
  description: "The two ids are the secret; nothing else is asked for.",
  http: "POST /api/build/v1/source/{source_uuid}/trigger/{trigger_uuid}/call/",
  auth: "none",
  effect: "create",
  status: "undocumented",
  input: z.strictObject({
    source_uuid: z.string().min(1).meta({ format: "password" }).describe("First id of the address"),
    trigger_uuid: z
      .string()
      .min(1)
      .meta({ format: "password" })
      .describe("Second id of the address"),
    source_type: z.enum(["Branch", "Tag"]).optional().describe("What source_name is"),
    source_name: z.string().optional().describe("Branch or tag to build; without it, all"),
  }),
  output: z.void(),
});

export {
  createLink,
  createSettings,
  createTag,
  deleteLink,
  deleteTag,
  get,
  getSettings,
  getTrigger,
  list,
  listLinks,
  listTriggerHistory,
  trigger,
  updateTag,
} from "./buildsRetired.ts";
