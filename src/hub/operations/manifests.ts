/** Manifests of a repository, tagged or not. Seen in one place only: its fields were never published. */
import * as z from "zod";
import { named, operation } from "../../operation.ts";
import { namespace, repository } from "../parameters.ts";

const manifests = z.looseObject({
  manifests: z.array(z.looseObject({})).optional(),
  /** What the next call passes on; without it the list is at its end. */
  last_evaluated_key: z.unknown().optional(),
});
/** Up to a hundred manifests. */
export interface Manifests extends z.infer<typeof manifests> {}

/** Lists the manifests of a repository, a hundred at a time. */
export const list = operation({
  summary: "Lists the manifests of a repository, a hundred at a time.",
  description:
    "What a manifest's entry holds, and how the key for the next hundred is sent, was never published.",
  http: "GET /v2/namespaces/{namespace}/repositories/{repository}/manifests",
  effect: "read",
  status: "unverified",
  input: z.strictObject({
    namespace,
    repository,
    last_evaluated_key: z.string().optional().describe("The key that the last answer ended with"),
  }),
  output: named<Manifests>(manifests),
  paging: { style: "cursor", items: "manifests" },
});
