/** Manifests as they are asked for by people: by tag or digest, parsed. */
import { WharfError } from "../errors.ts";
import { digestOf, isDigest, parseDigest } from "../reference/digest.ts";
import { parseManifest, schema1Payload, type ParsedManifest } from "../reference/manifest.ts";
import type { Cancellable, Fetcher, Manifest } from "../store/store.ts";

/** A manifest, and what it says. */
export interface ReadManifest extends Manifest {
  readonly parsed: ParsedManifest;
}

/**
 * Reads a manifest, and checks it where a digest was asked for: manifests that name one another by digests can't form a
 * circle then, whatever a store hands out.
 *
 * @throws WharfError MANIFEST_NOT_FOUND, DIGEST_MISMATCH, MANIFEST_INVALID, MANIFEST_TOO_LARGE
 */
export async function readManifest(
  store: Fetcher,
  reference: string,
  options: Cancellable = {},
): Promise<ReadManifest> {
  const { descriptor, bytes } = await store.fetchManifest(reference, options);
  const parsed = parseManifest(bytes, descriptor.mediaType);
  if (!isDigest(reference)) return { descriptor, bytes, parsed };
  const signed = parsed.kind === "schema1" ? schema1Payload(bytes, parsed) : bytes;
  const actual = digestOf(signed, parseDigest(reference).algorithm);
  if (actual !== reference) {
    const message = `manifest ${reference}: the bytes are those of ${actual}`;
    throw new WharfError("DIGEST_MISMATCH", message);
  }
  return { descriptor, bytes, parsed };
}
