/** What the verbs of registries take and return. Types are those of the functions that do the work; schemas describe them. */
import * as z from "zod";
import { named } from "../../operation.ts";
import type { Descriptor, Digest, Platform } from "../../reference/descriptor.ts";
import type { Note, Totals } from "../../transfer/event.ts";
import type { Attachment } from "../attached.ts";
import type { ImageConfig } from "../config.ts";
import type { Inspection } from "../inspect.ts";

export const reference = z
  .string()
  .min(1)
  .max(520)
  .describe("Image: nginx, ghcr.io/org/app:v1, localhost:5000/app@sha256:…");
export const platform = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe("Platform of an index: linux/arm64, linux/arm/v7");
export const tagName = z
  .string()
  .regex(/^\w[\w.-]{0,127}$/)
  .describe("Tag");

const digest = z.string().describe("Digest: sha256:…");
const name = z.string().describe("Image in full, with registry and repository");
const descriptor = {
  digest,
  mediaType: z.string(),
  size: z.int().describe("Bytes of the manifest"),
};
const platformParts = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
});
const imageConfig = z.looseObject({
  platform: platformParts,
  created: z.string().optional(),
  author: z.string().optional(),
  entrypoint: z.array(z.string()),
  cmd: z.array(z.string()),
  env: z.array(z.string()),
  labels: z.record(z.string(), z.string()),
  user: z.string().optional(),
  workdir: z.string().optional(),
  exposedPorts: z.array(z.string()),
  volumes: z.array(z.string()),
});
const attachment = z.looseObject({
  descriptor: z.looseObject(descriptor),
  subject: digest,
  via: z.enum(["referrer", "tag", "index"]),
  kind: z.string().describe("signature, sbom, provenance…"),
  artifactType: z.string().optional(),
});

/** `reference` is the name in full here. */
export const InspectionResult = named<Inspection>(
  z.looseObject({
    reference: name,
    digest,
    mediaType: z.string(),
    kind: z.enum(["index", "image", "artifact"]),
    size: z.int().optional().describe("Bytes of all platforms, each blob once"),
    created: z.string().optional(),
    platforms: z.array(
      z.looseObject({ platform: platformParts, digest, size: z.int().optional() }),
    ),
    image: z
      .looseObject({ digest, layers: z.array(z.looseObject(descriptor)) })
      .optional()
      .describe("The image itself, or of an index the one for the platform chosen"),
    attachments: z.array(attachment),
    attachmentsIncomplete: z.boolean(),
  }),
);

export interface TagsResult {
  /** In full: `docker.io/library/nginx`. */
  readonly repository: string;
  readonly tags: string[];
  /** Where the next page begins; absent after the last. */
  readonly last?: string | undefined;
}
export const TagsResult = named<TagsResult>(
  z.looseObject({
    repository: z.string(),
    tags: z.array(z.string()),
    last: z.string().optional().describe("Where the next page begins; absent after the last"),
  }),
);

export interface DigestResult extends Pick<Descriptor, "digest" | "mediaType" | "size"> {
  readonly reference: string;
}
export const DigestResult = named<DigestResult>(z.looseObject({ reference: name, ...descriptor }));

export interface ManifestResult extends DigestResult {
  /** What its bytes say; they are what the digest is of, so it cannot be made anew from this. */
  readonly manifest: unknown;
}
export const ManifestResult = named<ManifestResult>(
  z.looseObject({ reference: name, ...descriptor, manifest: z.looseObject({}) }),
);

export interface PlatformEntry extends Pick<Descriptor, "digest" | "mediaType" | "size"> {
  /** `linux/arm64/v8` */
  readonly platform: string;
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
}
export interface PlatformsResult {
  readonly reference: string;
  readonly platforms: PlatformEntry[];
}
export const PlatformsResult = named<PlatformsResult>(
  z.looseObject({
    reference: name,
    platforms: z.array(
      z.looseObject({
        platform: z.string(),
        os: z.string(),
        architecture: z.string(),
        variant: z.string().optional(),
        ...descriptor,
      }),
    ),
  }),
);

export interface ConfigResult {
  readonly reference: string;
  /** Of the manifest whose configuration it is. */
  readonly digest: Digest;
  readonly platform: Platform;
  readonly config: ImageConfig;
}
export const ConfigResult = named<ConfigResult>(
  z.looseObject({ reference: name, digest, platform: platformParts, config: imageConfig }),
);

export interface ReferrersResult {
  readonly reference: string;
  readonly digest: Digest;
  readonly referrers: readonly Attachment[];
  /** Whether there was more than is shown. */
  readonly truncated: boolean;
}
export const ReferrersResult = named<ReferrersResult>(
  z.looseObject({
    reference: name,
    digest,
    referrers: z.array(attachment),
    truncated: z.boolean().describe("Whether there was more than is shown"),
  }),
);

const count = z.int().min(0);
export interface CopyResult extends Pick<Descriptor, "digest" | "mediaType" | "size"> {
  readonly source: string;
  readonly target: string;
  readonly tags: readonly string[];
  readonly totals: Totals;
  readonly notes: readonly Note[];
}
export const CopyResult = named<CopyResult>(
  z.looseObject({
    source: name,
    target: z.string(),
    ...descriptor,
    tags: z.array(z.string()),
    totals: z.looseObject({
      manifests: z.looseObject({ copied: count, existing: count }),
      blobs: z.looseObject({ copied: count, existing: count, mounted: count, skipped: count }),
      bytes: z.looseObject({ copied: count, existing: count, mounted: count }),
      referrers: count,
    }),
    notes: z.array(z.looseObject({ code: z.string(), message: z.string() })),
  }),
);

export interface TagResult {
  readonly reference: string;
  readonly digest: Digest;
  readonly tags: readonly string[];
}
export const TagResult = named<TagResult>(
  z.looseObject({ reference: name, digest, tags: z.array(z.string()) }),
);

export interface DeleteResult {
  readonly deleted: string;
}
export const DeleteResult = named<DeleteResult>(
  z.looseObject({ deleted: z.string().describe("What was deleted, in full") }),
);
