/** What is changed in registries. Source: OCI distribution-spec 1.1, "Push" and "Content Management". */
import * as z from "zod";
import { WharfError } from "../../errors.ts";
import { parsePlatform } from "../../reference/platform.ts";
import { formatReference } from "../../reference/reference.ts";
import { copy as transfer } from "../../transfer/copy.ts";
import * as schemas from "./schemas.ts";
import { find, only, verb } from "./tools.ts";

const { reference, tagName } = schemas;

/** Copies an image, with what is attached to it, from one repository to another. */
export const copy = verb({
  summary: "Copies an image, with what is attached to it, from one repository to another.",
  description:
    "Nothing is sent that the target has, and the tag is set last. A tag that the target has is moved.",
  auth: "required",
  effect: "update",
  input: z.strictObject({
    source: reference,
    target: reference.describe("Where to; without a tag it gets the source's"),
    platforms: z
      .array(z.string().min(1).max(200))
      .max(100)
      .optional()
      .describe("Only these of an index: linux/amd64"),
    referrers: z.boolean().optional().describe("Whether what is attached goes along; yes"),
  }),
  output: schemas.CopyResult,
  async run({ platforms = [], referrers, ...input }, tools) {
    const source = find(tools, input.source);
    const { repository, reference: to } = find(tools, input.target);
    if (to.digest !== undefined)
      throw new WharfError("REFERENCE_INVALID", `${input.target}: a copy cannot choose its digest`);
    const tag = to.tag ?? source.reference.tag ?? (source.reference.digest ? undefined : "latest");
    const { descriptor, tags, totals, notes } = await transfer(
      source.repository,
      source.wanted,
      repository,
      {
        ...only(tools),
        tag: tag === undefined ? [] : tag,
        ...(platforms.length > 0 && { platforms: platforms.map(parsePlatform) }),
        ...(referrers === false && { referrers }),
      },
    );
    const { digest, mediaType, size } = descriptor;
    const target = formatReference({
      registry: to.registry,
      repository: to.repository,
      ...(tag === undefined ? { digest } : { tag }),
    });
    return { source: source.name, target, digest, mediaType, size, tags, totals, notes };
  },
});

/** Gives an image more tags in its repository. */
export const tag = verb({
  summary: "Gives an image more tags in its repository.",
  description: "A tag that is there is moved.",
  auth: "required",
  effect: "update",
  input: z.strictObject({
    reference,
    tags: z.array(tagName).min(1).max(100).describe("Tags to give it"),
  }),
  output: schemas.TagResult,
  async run({ reference: text, tags }, tools) {
    const { repository, wanted, name } = find(tools, text);
    const descriptor = await repository.resolve(wanted, only(tools));
    for (const each of tags) await repository.tag(descriptor, each, only(tools));
    return { reference: name, digest: descriptor.digest, tags };
  },
});

/** Deletes a tag and spares its siblings, or a manifest with all its tags. */
const remove = verb({
  summary: "Deletes a tag and spares its siblings, or a manifest with all its tags.",
  description: "A tag or a digest must be named: latest is not implied.",
  auth: "required",
  effect: "destroy",
  input: z.strictObject({ reference }),
  output: schemas.DeleteResult,
  async run({ reference: text }, tools) {
    const { repository, reference: parsed } = find(tools, text);
    const { tag: name, digest } = parsed;
    if ((name === undefined) === (digest === undefined))
      throw new WharfError(
        "REFERENCE_INVALID",
        name === undefined
          ? `'${text}' names neither a tag nor a digest`
          : `'${text}' names a tag and a digest`,
        { hint: "Name the one that is to go: …:latest, or …@sha256:…" },
      );
    if (digest === undefined) await repository.deleteTag(name!, only(tools));
    else await repository.deleteManifest(digest, only(tools));
    return { deleted: formatReference(parsed) };
  },
});
export { remove as delete };
