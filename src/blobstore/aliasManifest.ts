/** The manifest that gives blobs a name. */
import { WharfError } from "../errors.ts";
import { type Descriptor, mediaTypes } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import type { Manifest } from "../store/store.ts";
import { sortedJson } from "./sortedJson.ts";

/** What is said of a blob: nobody knows what is in it. */
const blobType = "application/octet-stream";

/**
 * Makes the manifest of an alias: a docker manifest whose layers are the blobs, in their order. No configuration is
 * stored; the first blob stands in for it. Its bytes are those that dxf writes, so that an alias set by either is known
 * to both by one digest.
 *
 * @param blobs digests and sizes; at least one
 * @throws WharfError USAGE where there is none
 * @example
 * const manifest = aliasManifest([await store.statBlob(digest)]);
 * await store.pushManifest(manifest, { tag: "may15-readings" });
 */
export function aliasManifest(blobs: readonly Pick<Descriptor, "digest" | "size">[]): Manifest {
  const [first] = blobs;
  if (first === undefined)
    throw new WharfError("USAGE", "An alias names at least one blob", {
      hint: "Give the digest of a blob, or a file.",
    });
  const mediaType = mediaTypes.dockerManifest;
  const bytes = Buffer.from(
    sortedJson({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: mediaTypes.dockerConfig, digest: first.digest, size: first.size },
      layers: blobs.map(({ digest, size }) => ({ mediaType: blobType, digest, size })),
    }),
  );
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes };
}
