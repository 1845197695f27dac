/** What a sync file may say: the schema that it is checked by, which is also the one that editors get. */
import * as z from "zod";

/** Tags that `prune` deletes at once, where the file says no number. */
export const defaultPruneLimit = 10;

const expression = z.string().min(1);
const expressions = z.union([expression, z.array(expression).min(1)]);
const name = z.string().min(1);

const tagFilter = z.strictObject({
  match: expressions
    .optional()
    .describe("Regular expressions (JavaScript), of which one must find the tag"),
  exclude: expressions.optional().describe("Regular expressions of which none may find the tag"),
  semver: z
    .string()
    .min(1)
    .optional()
    .describe("Range of versions: '>=1.25 <2', '^1.25', '^1.25-alpine'"),
  newest: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe("At most so many, the newest by version, or by date with `sort: date`"),
  sort: z
    .enum(["semver", "date", "name"])
    .optional()
    .describe("What `newest` goes by, and the order in which tags are copied"),
});

const tags = z.union([name, tagFilter, z.array(z.union([name, tagFilter])).min(1)]);

const repositories = z.strictObject({
  match: expressions.optional().describe("Regular expressions, of which one must find the name"),
  exclude: expressions.optional().describe("Regular expressions of which none may find the name"),
});

const platforms = z.union([name, z.array(name).min(1)]);

const prune = z.union([
  z.boolean(),
  z.strictObject({
    tags: z
      .enum(["gone", "unselected"])
      .optional()
      .describe(
        "gone: tags that the source lacks (default); unselected: also those that `tags` leaves out",
      ),
    limit: z
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe(
        `Where more tags of a repository would go, none does; ${defaultPruneLimit} where nothing is said`,
      ),
  }),
]);

/** What entries and `defaults` may say. */
const common = {
  tags: tags
    .optional()
    .describe("Which tags of a repository: names, filters, or a list of both; all if left out"),
  platforms: platforms
    .optional()
    .describe("One: its manifest; several: an index of those that there are; all if left out"),
  referrers: z
    .union([z.boolean(), z.literal("always")])
    .optional()
    .describe(
      "Signatures, SBOMs and attestations: with what is copied (true, default), also looked for on what is there (always), or never",
    ),
  overwrite: z
    .boolean()
    .optional()
    .describe("Whether a tag that the target has may be moved (default) or stays"),
  backup: z
    .string()
    .min(1)
    .optional()
    .describe("Tag that keeps what a moved tag named before: 'old-{tag}'; also {date}, {digest}"),
  prune: prune.optional().describe("Delete tags of the target that the source lacks"),
};

const entry = z.strictObject({
  source: name.describe(
    "REPOSITORY, REPOSITORY:TAG, REPOSITORY@DIGEST, oci:DIR[:TAG], or HOST[/PREFIX] for a registry",
  ),
  target: name.describe("The same forms; without a tag it gets the source's"),
  type: z
    .enum(["image", "repository", "layout", "registry"])
    .optional()
    .describe("What the source names; seen from it if left out, but for a registry"),
  repositories: repositories.optional().describe("Which repositories of a registry"),
  ...common,
});

const top = {
  version: z.literal(1).optional(),
  defaults: z.strictObject(common).optional().describe("What entries say that do not say it"),
  sync: z.array(entry).min(1).describe("What is copied where"),
};

/** A sync file, as it is written. */
export const syncSchema = z.strictObject(top);

/** A sync file as it is written: the fields, before their meaning is looked at. */
export type WrittenFile = z.infer<typeof syncSchema>;
export type WrittenEntry = z.infer<typeof entry>;

/** The JSON Schema of a sync file, for editors; `x-…` fields hold anchors. */
export function jsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(syncSchema);
  return {
    $schema,
    title: "wharf sync",
    ...rest,
    patternProperties: { "^x-": {} },
  };
}
