/** All that an index names, side by side. */
import { isError } from "../errors.ts";
import type { Descriptor, Digest, Platform } from "../reference/descriptor.ts";
import { normalizePlatform } from "../reference/platform.ts";
import type { Cancellable, Fetcher } from "../store/store.ts";
import { attestedDigest, isAttestation } from "../transfer/platforms.ts";
import { configOf } from "./config.ts";
import { leaves } from "./platforms.ts";
import { readManifest } from "./read.ts";
import { each } from "./several.ts";

/** A manifest that an index names, or the only one where there is no index. */
export interface PlatformDetails {
  readonly kind: "image" | "attestation" | "artifact";
  /** Of attestations: of the image that they are about. */
  readonly platform?: Platform;
  /** The image that an attestation is about. */
  readonly attests?: Digest;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly artifactType?: string;
  /** Bytes of configuration and layers as they are transferred; absent where the manifest is not there, or does not tell. */
  readonly size?: number;
  readonly layers?: number;
  /** RFC 3339, as it was written. */
  readonly created?: string;
}

/**
 * Looks at every platform of an image: manifests and configurations are read, no layer.
 *
 * @param reference tag or digest
 * @returns in the order of the index, nested indexes in their place
 * @throws WharfError MANIFEST_NOT_FOUND, MANIFEST_TOO_LARGE
 * @example
 * const all = await inspectPlatforms(connect("docker.io").repository("library/alpine"), "latest");
 * const largest = Math.max(...all.map(({ size = 0 }) => size));
 */
export async function inspectPlatforms(
  store: Fetcher,
  reference: string,
  options: Cancellable = {},
): Promise<PlatformDetails[]> {
  const root = await readManifest(store, reference, options);
  const found = await leaves(store, root, options);
  return each(found, (leaf) => detailsOf(store, leaf, found, options));
}

async function detailsOf(
  store: Fetcher,
  leaf: Descriptor,
  all: readonly Descriptor[],
  options: Cancellable,
): Promise<PlatformDetails> {
  const { digest, mediaType } = leaf;
  const attests = isAttestation(leaf) ? attestedDigest(leaf) : undefined;
  const about = isAttestation(leaf) ? all.find((other) => other.digest === attests) : leaf;
  const platform = about?.platform && normalizePlatform(about.platform);
  const read = await readWhole(store, digest, options);
  const created = read?.created ?? leaf.annotations?.["org.opencontainers.image.created"];
  const artifactType = leaf.artifactType ?? read?.artifactType;
  const isImage = read === undefined ? leaf.platform !== undefined : read.isImage;
  return {
    kind: isAttestation(leaf) ? "attestation" : isImage ? "image" : "artifact",
    ...(platform && { platform }),
    ...(attests !== undefined && { attests }),
    digest,
    mediaType,
    ...(artifactType !== undefined && { artifactType }),
    ...(read?.size !== undefined && { size: read.size }),
    ...(read && { layers: read.layers }),
    ...(created !== undefined && { created }),
  };
}

/** What manifest and configuration tell; undefined where the store lacks the manifest, as an index may name what is not there. */
async function readWhole(store: Fetcher, digest: Digest, options: Cancellable) {
  try {
    const { parsed } = await readManifest(store, digest, options);
    if (parsed.kind === "index") return undefined;
    const config = await configOf(store, parsed, options);
    if (parsed.kind === "schema1") {
      return { isImage: true, layers: parsed.layers.length, created: config?.created };
    }
    const { artifactType, annotations = {}, layers } = parsed;
    const sizes = new Map([parsed.config, ...layers].map(({ digest, size }) => [digest, size]));
    return {
      isImage: config !== undefined,
      artifactType,
      size: [...sizes.values()].reduce((sum, size) => sum + size, 0),
      layers: layers.length,
      created: config?.created ?? annotations["org.opencontainers.image.created"],
    };
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND", "BLOB_NOT_FOUND")) return undefined;
    throw error;
  }
}
