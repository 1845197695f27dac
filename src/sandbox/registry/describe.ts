/** What Docker Hub says of a manifest: platforms, sizes, layers and what made them. */
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import type { JsonObject } from "../../reference/fields.ts";
import { type ImageManifest, type IndexManifest, parseManifest } from "../../reference/manifest.ts";
import type { Repository } from "../../store/store.ts";
import { objectOf, objectsOf, textOf } from "../lenient.ts";
import { readBlob } from "../state/stored.ts";

export interface DescribedImage {
  readonly digest: string;
  readonly architecture: string;
  readonly os: string;
  readonly variant: string | null;
  readonly os_version: string | null;
  /** Bytes, compressed. */
  readonly size: number;
  readonly layers: readonly { digest: string; size: number; instruction: string }[];
}

export interface Description {
  /** image, helm, compose, wasm, model, plugin or unrecognized. */
  readonly contentType: string;
  readonly images: readonly DescribedImage[];
  /** The configuration and layers of its own. */
  readonly blobs: readonly { digest: string; size: number }[];
}

/** Bytes of a configuration that is read; what is larger describes no platform. */
const configLimit = 4 << 20;
/**
 * Images that are told of an index, and about how many characters of JSON. Indexes may list one another, and the same image a
 * thousand times: three small ones would make a thousand million.
 */
const imagesLimit = 500;
const textLimit = 1 << 20;

const contentTypes = new Map([
  ["application/vnd.oci.image.config.v1+json", "image"],
  ["application/vnd.docker.container.image.v1+json", "image"],
  ["application/vnd.docker.plugin.v1+json", "plugin"],
  ["application/vnd.cncf.helm.config.v1+json", "helm"],
  ["application/vnd.docker.compose.project", "compose"],
  ["application/vnd.wasm.config.v0+json", "wasm"],
]);

/**
 * Reads a manifest that was pushed.
 * @param described what is known of the manifests that an index lists
 */
export async function describe(
  repository: Repository,
  digest: Digest,
  described: (digest: string) => readonly DescribedImage[],
): Promise<Description> {
  const { bytes, descriptor } = await repository.fetchManifest(digest);
  const manifest = parseManifest(bytes, descriptor.mediaType);
  if (manifest.kind === "image") return describeImage(repository, digest, manifest);
  if (manifest.kind === "index") return describeIndex(manifest, described);
  return { contentType: "image", images: [], blobs: [] };
}

async function describeImage(
  repository: Repository,
  digest: string,
  manifest: ImageManifest,
): Promise<Description> {
  const type = manifest.artifactType ?? manifest.config.mediaType;
  const contentType = contentTypes.get(type) ?? "unrecognized";
  const config = contentType === "image" ? await readConfig(repository, manifest.config) : {};
  const instructions = instructionsOf(config);
  const layers = manifest.layers.map(({ digest, size }, index) => ({
    digest,
    size,
    instruction: instructions[index] ?? "",
  }));
  const image = {
    digest,
    architecture: textOf(config["architecture"]) ?? "unknown",
    os: textOf(config["os"]) ?? "unknown",
    variant: textOf(config["variant"]),
    os_version: textOf(config["os.version"]),
    size: layers.reduce((sum, { size }) => sum + size, 0),
    layers,
  };
  const blobs = [manifest.config, ...manifest.layers].map(({ digest, size }) => ({ digest, size }));
  return { contentType, images: [image], blobs };
}

function describeIndex(
  index: IndexManifest,
  described: (digest: string) => readonly DescribedImage[],
): Description {
  const images: DescribedImage[] = [];
  let length = 0;
  for (const image of listed(index, described)) {
    if (images.length === imagesLimit || length > textLimit) break;
    length += JSON.stringify(image).length;
    images.push(image);
  }
  return { contentType: "image", images, blobs: [] };
}

function* listed(
  { manifests }: IndexManifest,
  described: (digest: string) => readonly DescribedImage[],
): Generator<DescribedImage, void, undefined> {
  for (const { digest, platform } of manifests)
    for (const image of described(digest))
      yield platform
        ? {
            ...image,
            architecture: platform.architecture,
            os: platform.os,
            variant: platform.variant ?? image.variant,
          }
        : image;
}

async function readConfig(repository: Repository, config: Descriptor): Promise<JsonObject> {
  if (config.size > configLimit) return {};
  const bytes = await readBlob(repository, config);
  try {
    return objectOf(JSON.parse(bytes.toString()));
  } catch {
    return {};
  }
}

/** What made each layer, as the history of the image has it. */
function instructionsOf(config: JsonObject): string[] {
  return objectsOf(config["history"])
    .filter((entry) => entry["empty_layer"] !== true)
    .map((entry) => textOf(entry["created_by"]) ?? "");
}
