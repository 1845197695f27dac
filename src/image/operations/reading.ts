/**
 * What is looked at in registries: images, their parts, tags. No layer is downloaded.
 * Source: OCI distribution-spec 1.1, "Pull" and "Content Discovery".
 */
import * as z from "zod";
import { WharfError } from "../../errors.ts";
import { formatPlatform, parsePlatform } from "../../reference/platform.ts";
import { formatReference } from "../../reference/reference.ts";
import { inspect as look, type InspectOptions } from "../inspect.ts";
import { referrersTree } from "../attached.ts";
import { listPlatforms, selectPlatform } from "../platforms.ts";
import * as schemas from "./schemas.ts";
import { find, type Named, only, type RegistryTools, verb } from "./tools.ts";

const { reference, platform } = schemas;

/** Tags of a page where nothing is said, and at most. */
const size = { preset: 100, largest: 1000 };

/** The descriptor that is meant, of an index that for the platform. */
async function resolve(
  { repository, wanted }: Named,
  chosen: string | undefined,
  tools: RegistryTools,
) {
  if (chosen === undefined) return repository.resolve(wanted, only(tools));
  return selectPlatform(repository, wanted, parsePlatform(chosen), only(tools));
}

/** Shows an image: platforms, sizes, layers, configuration, what is attached. */
export const inspect = verb({
  summary: "Shows an image: platforms, sizes, layers, configuration, what is attached.",
  description: "Reads the manifest of each platform; Docker Hub may count each as a pull.",
  auth: "optional",
  effect: "read",
  input: z.strictObject({
    reference,
    platform,
    sizes: z.boolean().optional().describe("Whether every platform's size is looked up; yes"),
    attachments: z.boolean().optional().describe("Whether what is attached is looked for; yes"),
  }),
  output: schemas.InspectionResult,
  async run(input, tools) {
    const { repository, wanted, name } = find(tools, input.reference);
    const options: InspectOptions = {
      ...only(tools),
      ...(input.platform !== undefined && { platform: parsePlatform(input.platform) }),
      ...(input.sizes !== undefined && { sizes: input.sizes }),
      ...(input.attachments !== undefined && { attachments: input.attachments }),
    };
    return { ...(await look(repository, wanted, options)), reference: name };
  },
});

/** Lists the tags of a repository. */
export const tags = verb({
  summary: "Lists the tags of a repository.",
  auth: "optional",
  effect: "read",
  input: z.strictObject({
    repository: z.string().min(1).max(384).describe("Repository: nginx, ghcr.io/org/app"),
    limit: z.int().min(1).max(size.largest).optional().describe("How many; 100"),
    last: z.string().max(128).optional().describe("Only those that are listed after this one"),
  }),
  output: schemas.TagsResult,
  paging: { style: "last", items: "tags", size },
  async run({ repository: text, limit = size.preset, last }, tools) {
    const { repository, reference: parsed } = find(tools, text);
    const { registry, repository: path, ...rest } = parsed;
    if (rest.tag !== undefined || rest.digest !== undefined)
      throw new WharfError("REFERENCE_INVALID", `'${text}' names one image`, {
        hint: "Name the repository, without tag and digest.",
      });
    const found: string[] = [];
    let more = false;
    // One more than is wanted tells whether there is another page.
    const options = { ...only(tools), pageSize: Math.min(limit + 1, size.largest) };
    for await (const tag of repository.listTags({
      ...options,
      ...(last !== undefined && { last }),
    })) {
      more = found.length === limit;
      if (more) break;
      found.push(tag);
    }
    const name = formatReference({ registry, repository: path });
    const next = found.at(-1);
    return { repository: name, tags: found, ...(more && next !== undefined && { last: next }) };
  },
});

/** Tells which digest a tag stands for. */
export const digest = verb({
  summary: "Tells which digest a tag stands for.",
  description: "One HEAD request where the registry allows it: it counts against no pull limit.",
  auth: "optional",
  effect: "read",
  input: z.strictObject({ reference, platform }),
  output: schemas.DigestResult,
  async run(input, tools) {
    const image = find(tools, input.reference);
    const { digest, mediaType, size } = await resolve(image, input.platform, tools);
    return { reference: image.name, digest, mediaType, size };
  },
});

/** Shows a manifest or an index. */
export const manifest = verb({
  summary: "Shows a manifest or an index.",
  description: "What its bytes say; the digest is that of the bytes.",
  auth: "optional",
  effect: "read",
  input: z.strictObject({ reference, platform }),
  output: schemas.ManifestResult,
  async run(input, tools) {
    const image = find(tools, input.reference);
    const wanted =
      input.platform === undefined
        ? image.wanted
        : (await resolve(image, input.platform, tools)).digest;
    const { bytes, descriptor } = await image.repository.fetchManifest(wanted, only(tools));
    const { digest, mediaType, size } = descriptor;
    const said: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return { reference: image.name, digest, mediaType, size, manifest: said };
  },
});

/** Lists the platforms that an image is for. */
export const platforms = verb({
  summary: "Lists the platforms that an image is for.",
  description: "An image that is in no index has the platform that its configuration says.",
  auth: "optional",
  effect: "read",
  input: z.strictObject({ reference }),
  output: schemas.PlatformsResult,
  async run(input, tools) {
    const { repository, wanted, name } = find(tools, input.reference);
    const found = await listPlatforms(repository, wanted, only(tools));
    return {
      reference: name,
      platforms: found.map(({ platform: each, descriptor: { digest, mediaType, size } }) => ({
        platform: formatPlatform(each),
        os: each.os,
        architecture: each.architecture,
        ...(each.variant !== undefined && { variant: each.variant }),
        digest,
        mediaType,
        size,
      })),
    };
  },
});

/** Shows what an image runs: entrypoint, environment, labels, history. */
export const config = verb({
  summary: "Shows what an image runs: entrypoint, environment, labels, history.",
  description:
    "Of an index the image for the platform given, else for this machine's, else linux/amd64, else the first.",
  auth: "optional",
  effect: "read",
  input: z.strictObject({ reference, platform }),
  output: schemas.ConfigResult,
  async run(input, tools) {
    const { repository, wanted, name } = find(tools, input.reference);
    const { image } = await look(repository, wanted, {
      ...only(tools),
      sizes: false,
      attachments: false,
      ...(input.platform !== undefined && { platform: parsePlatform(input.platform) }),
    });
    if (image?.run === undefined)
      throw new WharfError("UNSUPPORTED", `${name} has no configuration of an image`, {
        hint: "An artifact has none: look at its manifest.",
      });
    return {
      reference: name,
      digest: image.digest,
      platform: image.run.platform,
      config: image.run,
    };
  },
});

/** Lists what is attached to an image: signatures, SBOMs, attestations. */
export const referrers = verb({
  summary: "Lists what is attached to an image: signatures, SBOMs, attestations.",
  description:
    "Asks the registry's referrers API, its fallback tag, and the tags that cosign writes.",
  auth: "optional",
  effect: "read",
  input: z.strictObject({
    reference,
    platform,
    artifactType: z.string().max(255).optional().describe("Only of this type"),
    depth: z.int().min(1).max(4).optional().describe("Levels: 1, what is attached to the image"),
  }),
  output: schemas.ReferrersResult,
  async run({ artifactType, depth = 1, ...input }, tools) {
    const image = find(tools, input.reference);
    const { digest: subject } = await resolve(image, input.platform, tools);
    const found = await referrersTree(image.repository, subject, { ...only(tools), depth });
    return {
      reference: image.name,
      digest: subject,
      referrers: found.attachments.filter(
        (each) => artifactType === undefined || each.artifactType === artifactType,
      ),
      truncated: found.truncated,
    };
  },
});
