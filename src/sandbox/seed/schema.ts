/** What a seed says: the schema that a file is checked by, which is also the one that editors get. The seeds we bring say it too. */
import * as z from "zod";

import { isMoment } from "./moment.ts";

const name = z
  .string()
  .regex(
    /^[a-z0-9]+([._-][a-z0-9]+)*$/,
    "a name of lower-case letters, digits and . _ - between them",
  );
const path = z
  .string()
  .regex(
    /^[a-z0-9]+([._-][a-z0-9]+)*\/[a-z0-9]+((\.|_{1,2}|-+)[a-z0-9]+)*$/,
    "NAMESPACE/NAME in lower case",
  );
const text = z.string();
const moment = z
  .string()
  .refine(
    isMoment,
    "a date such as 2026-01-31, a time such as 2026-01-31T12:00:00Z, or an age: 3h, 12d, 5w, 1y",
  )
  .describe("When: 2026-01-31, 2026-01-31T12:00:00Z, or how long ago: 3h, 12d, 5w, 1y");
const plan = z
  .enum(["free", "pro", "team", "business"])
  .describe("All but free pull without a limit");
const profile = {
  full_name: text.optional(),
  company: text.optional(),
  location: text.optional(),
  plan: plan.optional(),
  joined: moment.optional(),
};

const accessToken = z.strictObject({
  label: z.string().min(1),
  token: z
    .string()
    .regex(/^dckr_pat_[\w-]{8,}$/, "dckr_pat_ and at least 8 letters or digits")
    .describe("The secret: dckr_pat_…"),
  scopes: z
    .array(z.enum(["repo:admin", "repo:write", "repo:read", "repo:public_read"]))
    .min(1)
    .optional()
    .describe("What it may do; repo:admin if left out"),
  active: z.boolean().optional(),
  created: moment.optional(),
  expires: moment.optional(),
});

const organizationToken = z.strictObject({
  label: z.string().min(1),
  token: z
    .string()
    .regex(/^dckr_oat_[\w-]{8,}$/, "dckr_oat_ and at least 8 letters or digits")
    .describe("The secret: dckr_oat_…"),
  resources: z
    .array(
      z.strictObject({
        type: z.enum(["TYPE_REPO", "TYPE_ORG"]),
        path: z.string().min(1),
        scopes: z.array(z.string().min(1)).min(1),
      }),
    )
    .optional()
    .describe("What it may do with what, as in the API"),
  active: z.boolean().optional(),
  created: moment.optional(),
  expires: moment.optional(),
});

const account = z.strictObject({
  name,
  password: z.string().min(1).optional().describe("Nobody signs in as an account without one"),
  totp: z
    .string()
    .regex(/^[A-Z2-7]+=*$/, "base 32, letters from A to Z and digits from 2 to 7")
    .optional()
    .describe("Secret of the second factor, base 32"),
  about: text.optional().describe("Who that is, for people; printed when the sandbox starts"),
  ...profile,
  tokens: z.array(accessToken).optional().describe("Personal access tokens"),
});

const team = z.strictObject({
  name,
  description: text.optional(),
  members: z.array(name).optional(),
});

const organization = z.strictObject({
  name,
  ...profile,
  badge: z.enum(["official", "verified_publisher", "open_source", "none"]).optional(),
  members: z
    .record(z.string(), z.enum(["owner", "editor", "member"]))
    .optional()
    .describe("Role of each"),
  teams: z.array(team).optional().describe("owners, of its owners, is there without being said"),
  tokens: z.array(organizationToken).optional().describe("Its access tokens"),
});

const tag = z.strictObject({
  name: z.string().regex(/^\w[\w.-]{0,127}$/, "a tag"),
  image: z
    .string()
    .min(1)
    .optional()
    .describe(
      "hello[@VERSION], plain[@VERSION] (without attestations), oci:DIR[:TAG], oci-archive:FILE or docker-archive:FILE",
    ),
  pushed: moment.optional(),
  pulled: moment.optional(),
  by: name.optional().describe("Who pushed it"),
});

const comment = z.strictObject({ by: name, text: z.string().min(1), at: moment.optional() });
const webhook = z.strictObject({
  name: z.string().regex(/[a-z0-9]/i, "a name with letters or digits"),
  url: z.url({ protocol: /^https?$/, error: "an address such as http://127.0.0.1:8080/pushed" }),
});
const build = z.strictObject({
  source: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/, "OWNER/NAME on GitHub")
    .describe("OWNER/NAME on GitHub: main becomes latest, and v1.2 the tag v1.2"),
  dockerfile: z.string().describe("Text of the Dockerfile"),
});

const repository = z.strictObject({
  name: path.describe("NAMESPACE/NAME"),
  description: z.string().max(100).optional(),
  full_description: z.string().max(25_000).optional(),
  private: z.boolean().optional(),
  created: moment.optional(),
  categories: z.array(z.string()).max(3).optional().describe("Slugs, such as web-servers"),
  immutable_tags: z
    .union([z.boolean(), z.array(z.string().min(1)).min(1)])
    .optional()
    .describe("All tags, or those that one of the regular expressions matches"),
  image: z.string().min(1).optional().describe("Of the tags that name none; hello if left out"),
  tags: z.array(z.union([tag.shape.name, tag])).optional(),
  permissions: z
    .record(z.string(), z.enum(["read", "write", "admin"]))
    .optional()
    .describe("Of teams of its organization"),
  collaborators: z.array(name).optional(),
  webhooks: z.array(webhook).optional(),
  build: build.optional().describe("Where it is built from automatically"),
  comments: z.array(comment).optional(),
  stars: z.array(name).optional().describe("Accounts that gave it one"),
  pulls: z.int().min(0).max(1e12).optional().describe("So far, spread over the last year"),
});

export const seedSchema = z.strictObject({
  version: z.literal(1).optional(),
  accounts: z.array(account).optional(),
  organizations: z.array(organization).optional(),
  repositories: z.array(repository).optional(),
});

/** A seed as it is written. */
export type Seed = z.infer<typeof seedSchema>;
export type AccountSeed = z.infer<typeof account>;
export type OrganizationSeed = z.infer<typeof organization>;
export type RepositorySeed = z.infer<typeof repository>;
export type TagSeed = z.infer<typeof tag>;

/** The JSON Schema of a seed file, for editors; `x-…` fields hold anchors. */
export function jsonSchema(): object {
  const { $schema, ...rest } = z.toJSONSchema(seedSchema);
  return { $schema, title: "wharf sandbox --seed", ...rest, patternProperties: { "^x-": {} } };
}
