/**
 * Tags that can be neither moved nor deleted. For administrators of the repository; rules are regular expressions of the
 * RE2 kind. Source: Docker Hub API, "immutable tags".
 */
import * as z from "zod";
import { named, operation } from "../../operation.ts";
import { namespace, repository } from "../parameters.ts";
import { Repository } from "../schemas/repository.ts";

const one = { namespace, repository };

/** Says which tags of a repository can be neither moved nor deleted. */
export const update = operation({
  summary: "Says which tags of a repository can be neither moved nor deleted.",
  description:
    'Rules are needed to switch it off, too: an empty list, as `{"immutable_tags_rules":[]}`.',
  http: "PATCH /v2/namespaces/{namespace}/repositories/{repository}/immutabletags",
  effect: "destroy",
  input: z.strictObject({
    ...one,
    immutable_tags: z.boolean().describe("Whether there are such tags"),
    immutable_tags_rules: z
      .array(z.string())
      .describe("Regular expressions (RE2); a tag that one of them matches is immutable"),
  }),
  output: Repository,
});

const matches = z.looseObject({ tags: z.array(z.string()) });
/** The tags that a rule would match. */
export interface MatchingTags extends z.infer<typeof matches> {}

/** Shows which tags a rule would make immutable. */
export const verify = operation({
  summary: "Shows which tags a rule would make immutable.",
  http: "POST /v2/namespaces/{namespace}/repositories/{repository}/immutabletags/verify",
  effect: "read",
  repeat: "always",
  input: z.strictObject({
    ...one,
    regex: z.string().describe("A regular expression (RE2), such as v.*"),
  }),
  output: named<MatchingTags>(matches),
});
