/**
 * The manifest of an artifact. Source: image-spec 1.1, "Guidelines for Artifact Usage".
 * Its bytes are those that Go's encoder makes of the same, so that equal artifacts have equal digests whoever pushes them.
 */
import { WharfError } from "../../errors.ts";
import { mediaTypes, type Descriptor } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { manifestLimit } from "../../reference/manifest.ts";
import type { Manifest } from "../../store/store.ts";

export type Annotations = Readonly<Record<string, string>>;

export interface ArtifactParts {
  /** Left out where the type of the configuration stands for it. */
  readonly artifactType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor;
  readonly annotations: Annotations;
}

/** @throws WharfError MANIFEST_TOO_LARGE */
export function artifactManifest(parts: ArtifactParts): Manifest {
  const { artifactType, config, layers, subject, annotations } = parts;
  const mediaType = mediaTypes.ociManifest;
  const json = object([
    ["schemaVersion", "2"],
    ["mediaType", quote(mediaType)],
    ["artifactType", artifactType === undefined ? undefined : quote(artifactType)],
    ["config", descriptorJson(config)],
    ["layers", `[${layers.map(descriptorJson).join(",")}]`],
    ["subject", subject && descriptorJson(subject)],
    ["annotations", annotationsJson(annotations)],
  ]);
  const bytes = Buffer.from(json);
  if (bytes.byteLength > manifestLimit) {
    throw new WharfError(
      "MANIFEST_TOO_LARGE",
      `The manifest would have ${bytes.byteLength} bytes; registries take ${manifestLimit}`,
      { hint: "Push a folder in place of many files, or fewer annotations." },
    );
  }
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes };
}

function descriptorJson({ mediaType, digest, size, annotations, data }: Descriptor): string {
  return object([
    ["mediaType", quote(mediaType)],
    ["digest", quote(digest)],
    ["size", String(size)],
    ["annotations", annotationsJson(annotations)],
    ["data", data === undefined ? undefined : quote(data)],
  ]);
}

/** Sorted by their bytes, which an object would not keep: it puts keys that look like numbers first. */
function annotationsJson(annotations: Annotations = {}): string | undefined {
  const pairs = Object.entries(annotations);
  if (pairs.length === 0) return undefined;
  pairs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return object(pairs.map(([key, value]) => [key, quote(value)]));
}

type Field = readonly [name: string, json: string | undefined];

function object(fields: readonly Field[]): string {
  const present = fields.filter(([, json]) => json !== undefined);
  return `{${present.map(([name, json]) => `${quote(name)}:${json}`).join(",")}}`;
}

/** Go escapes what would mean something to a browser. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
