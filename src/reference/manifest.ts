/**
 * Manifests: what an image, an index or an artifact consists of.
 * Sources: OCI image-spec 1.1, "Image Manifest" and "Image Index"; Docker's "Image Manifest V 2, Schema 2".
 */
import { WharfError } from "../errors.ts";
import { scanJson } from "./boundedJson.ts";
import { mediaTypes } from "./descriptor.ts";
import type { Descriptor } from "./descriptor.ts";
import { quoted } from "./digest.ts";
import { invalid, isObject, listField, mapField, readDescriptor, textField } from "./fields.ts";
import type { JsonObject } from "./fields.ts";
import { readSchema1 } from "./schema1.ts";
import type { Schema1Manifest } from "./schema1.ts";

export { digestOfTag, digestTags, isDigestTag, referrersTag } from "./digestTags.ts";
export { schema1Payload } from "./schema1.ts";
export type { Schema1Manifest } from "./schema1.ts";

/** Bytes of a manifest. Registries must take 4 MiB (distribution-spec, "Pushing Manifests") and seldom take more. */
export const manifestLimit = 4 * 1024 * 1024;
/**
 * Layers of an image, or manifests of an index. A file system mounts some hundred layers; artifacts with a layer for each
 * file reach a few thousand. Each child costs requests, so what is far above is an attack.
 */
export const childrenLimit = 8192;
/** Levels of nesting. What the specifications define needs six; annotations are flat. */
export const depthLimit = 64;

/** What images and indexes share. */
interface Common {
  readonly mediaType: string;
  readonly subject?: Descriptor;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** All that was written, fields that are not known included. */
  readonly document: JsonObject;
}

/** One image, or an artifact in its shape. */
export interface ImageManifest extends Common {
  readonly kind: "image";
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/** A list of manifests, most often one for each platform. */
export interface IndexManifest extends Common {
  readonly kind: "index";
  readonly manifests: readonly Descriptor[];
}

/** A manifest that was read: of an image or artifact, an index, or Docker's older schema 1. */
export type ParsedManifest = ImageManifest | IndexManifest | Schema1Manifest;

const imageTypes: readonly string[] = [mediaTypes.ociManifest, mediaTypes.dockerManifest];
const indexTypes: readonly string[] = [mediaTypes.ociIndex, mediaTypes.dockerManifestList];
const schema1Types: readonly string[] = [mediaTypes.dockerSchema1Signed, mediaTypes.dockerSchema1];

/** `Accept` of requests for manifests: all that {@link parseManifest} reads. */
export const manifestAccept: string = [...indexTypes, ...imageTypes, ...schema1Types].join(", ");

/** Whether a media type is that of an image, an index or a schema 1 manifest. */
export function isManifestType(mediaType: string): boolean {
  return kindOf(mediaType) !== undefined;
}

/** Whether a media type is that of an index or a manifest list. */
export function isIndexType(mediaType: string): boolean {
  return indexTypes.includes(mediaType);
}

/**
 * Reads a manifest and checks what is relied on: its kind, its descriptors, its bounds.
 * Lists that are null are empty; what is not known is kept in `document`.
 *
 * @param mediaType as it came with the bytes; where it is absent or says nothing (`application/json`) the field
 *   `mediaType` counts, else the shape
 * @throws WharfError MANIFEST_INVALID, also for a document that is image and index at once (CVE-2021-41190)
 * @throws WharfError MANIFEST_TOO_LARGE above `limit` bytes, {@link childrenLimit} or {@link depthLimit}
 * @example
 * const manifest = parseManifest(bytes, response.headers.get("content-type"));
 * if (manifest.kind === "index") for (const child of manifest.manifests) …
 */
export function parseManifest(
  bytes: Uint8Array,
  mediaType?: string,
  options: { readonly limit?: number } = {},
): ParsedManifest {
  const document = parseDocument(bytes, options.limit ?? manifestLimit);
  const type = decideType(document, plainType(mediaType));
  switch (kindOf(type)) {
    case "image":
      return readImage(document, type);
    case "index":
      return readIndex(document, type);
    default:
      return readSchema1(document, type);
  }
}

/** The error for too many layers or manifests. */
function checkCount(field: string, count: number): void {
  if (count > childrenLimit)
    throw tooLarge(`has ${count} ${field}; at most ${childrenLimit} are accepted`);
}

function parseDocument(bytes: Uint8Array, limit: number): JsonObject {
  if (bytes.length > limit)
    throw tooLarge(`has ${bytes.length} bytes; at most ${limit} are accepted`);
  const complaint = scanJson(bytes, depthLimit);
  if (complaint?.kind === "depth") throw tooLarge(`is nested deeper than ${depthLimit} levels`);
  if (complaint) throw invalid(quoted(complaint.key), "is there twice");
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new WharfError("MANIFEST_INVALID", "Manifest is not JSON", { cause });
  }
  if (!isObject(document))
    throw new WharfError("MANIFEST_INVALID", "Manifest is not a JSON object");
  return document;
}

/** Which kinds of document a set of fields makes. */
const fieldsOf = {
  image: ["config", "layers"],
  index: ["manifests"],
  schema1: ["fsLayers"],
} as const;
type Kind = keyof typeof fieldsOf;

function kindOf(mediaType: string): Kind | undefined {
  if (imageTypes.includes(mediaType)) return "image";
  if (isIndexType(mediaType)) return "index";
  return schema1Types.includes(mediaType) ? "schema1" : undefined;
}

function decideType(document: JsonObject, given: string | undefined): string {
  const field = textField(document, "mediaType", "")?.toLowerCase() || undefined;
  const known = [given, field].filter((type) => type !== undefined && isManifestType(type));
  const shapes = (Object.keys(fieldsOf) as Kind[]).filter((kind) =>
    fieldsOf[kind].some((name) => (document[name] ?? undefined) !== undefined),
  );
  const kinds = new Set([...shapes, ...known.map((type) => kindOf(type ?? ""))]);
  if (kinds.size > 1)
    throw new WharfError(
      "MANIFEST_INVALID",
      `Manifest is ambiguous: it is ${[...kinds].join(" and ")} at once`,
      { hint: "Two readers would see two different images in it. Do not use it." },
    );
  if (known[0] !== undefined) return known[0];
  if (field !== undefined)
    throw new WharfError("MANIFEST_INVALID", `Manifest has the unknown type ${quoted(field)}`);
  const [kind] = shapes;
  if (kind === "schema1")
    return "signatures" in document ? mediaTypes.dockerSchema1Signed : mediaTypes.dockerSchema1;
  if (kind !== undefined) return kind === "index" ? mediaTypes.ociIndex : mediaTypes.ociManifest;
  throw new WharfError("MANIFEST_INVALID", "Manifest is of no known type", {
    ...(given !== undefined && { hint: `It came as ${quoted(given)}.` }),
  });
}

function readImage(document: JsonObject, mediaType: string): ImageManifest {
  const layers = listField(document, "layers", "");
  checkCount("layers", layers.length);
  return {
    kind: "image",
    ...readCommon(document, mediaType),
    config: readDescriptor(document.config, "config", "application/octet-stream"),
    layers: layers.map((layer, index) =>
      readDescriptor(layer, `layers[${index}]`, "application/octet-stream"),
    ),
  };
}

function readIndex(document: JsonObject, mediaType: string): IndexManifest {
  const manifests = listField(document, "manifests", "");
  checkCount("manifests", manifests.length);
  const child =
    mediaType === mediaTypes.ociIndex ? mediaTypes.ociManifest : mediaTypes.dockerManifest;
  return {
    kind: "index",
    ...readCommon(document, mediaType),
    manifests: manifests.map((manifest, index) =>
      readDescriptor(manifest, `manifests[${index}]`, child),
    ),
  };
}

function readCommon(document: JsonObject, mediaType: string): Common {
  if (document.schemaVersion !== 2) throw invalid("schemaVersion", "is not 2");
  const subject = document.subject ?? undefined;
  const artifactType = textField(document, "artifactType", "");
  const annotations = mapField(document, "annotations", "");
  return {
    mediaType,
    ...(subject !== undefined && {
      subject: readDescriptor(subject, "subject", mediaTypes.ociManifest),
    }),
    ...(artifactType && { artifactType }),
    ...(annotations && { annotations }),
    document,
  };
}

/** A content type without its parameters, undefined where it says nothing. */
function plainType(contentType: string | undefined): string | undefined {
  return contentType?.split(";", 1)[0]?.trim().toLowerCase() || undefined;
}

function tooLarge(why: string): WharfError {
  return new WharfError("MANIFEST_TOO_LARGE", `Manifest ${why}`);
}
