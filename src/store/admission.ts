/** What every store asks of a manifest before it keeps it, and notes about it. */
import { WharfError } from "../errors.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { digestOf, parseDigest } from "../reference/digest.ts";
import { parseManifest } from "../reference/manifest.ts";
import { wrongBytes } from "./missing.ts";
import type { Manifest } from "./store.ts";

/** What a store notes about a manifest that it keeps. */
export interface ManifestRecord {
  /** Media type, digest and size; nothing that only belongs to the place it was named in. */
  readonly descriptor: Descriptor;
  /** Manifests that this one names: the children of an index. */
  readonly children: readonly Descriptor[];
  /** Blobs that this one names: configuration and layers. */
  readonly blobs: readonly Digest[];
  /** What this manifest refers to. */
  readonly subject?: Digest;
  /** How a listing of the subject's referrers describes it (distribution-spec 1.1, "Listing Referrers"). */
  readonly referrer: Descriptor;
}

/**
 * Checks that the bytes are those of the descriptor, and a manifest.
 * @throws WharfError SIZE_MISMATCH, DIGEST_MISMATCH, MANIFEST_INVALID, MANIFEST_TOO_LARGE
 */
export function admitManifest({ descriptor, bytes }: Manifest): ManifestRecord {
  const { digest, mediaType } = descriptor;
  if (bytes.byteLength !== descriptor.size) {
    throw new WharfError(
      "SIZE_MISMATCH",
      `manifest ${digest}: ${bytes.byteLength} bytes in place of the ${descriptor.size} promised`,
    );
  }
  const actual = digestOf(bytes, parseDigest(digest).algorithm);
  if (actual !== digest) throw wrongBytes(`manifest ${digest}`, actual);
  return recordOf(bytes, { mediaType, digest, size: bytes.byteLength });
}

/**
 * Reads what there is to note from a manifest whose digest is known to be right. A media type that is not a manifest's
 * is replaced by what the bytes say.
 * @throws WharfError MANIFEST_INVALID, MANIFEST_TOO_LARGE
 */
export function recordOf(bytes: Uint8Array, given: Descriptor): ManifestRecord {
  const manifest = parseManifest(bytes, given.mediaType);
  const descriptor = { ...given, mediaType: manifest.mediaType };
  if (manifest.kind === "schema1")
    return { descriptor, children: [], blobs: manifest.layers, referrer: descriptor };
  const artifactType =
    manifest.artifactType ?? (manifest.kind === "image" ? manifest.config.mediaType : undefined);
  return {
    descriptor,
    children: manifest.kind === "index" ? manifest.manifests : [],
    blobs:
      manifest.kind === "image"
        ? [manifest.config, ...manifest.layers].map(({ digest }) => digest)
        : [],
    ...(manifest.subject !== undefined && { subject: manifest.subject.digest }),
    referrer: {
      ...descriptor,
      ...(artifactType !== undefined && { artifactType }),
      ...(manifest.annotations !== undefined && { annotations: manifest.annotations }),
    },
  };
}
