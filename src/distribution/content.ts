/** What is asked of a manifest before it is kept: distribution-spec 1.1, "Pushing Manifests". */
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { type ParsedManifest, parseManifest } from "../reference/manifest.ts";
import type { Repository } from "../store/store.ts";
import { Refusal } from "./refusal.ts";

/** Blobs that are looked for at once. */
const concurrency = 8;

/**
 * Reads the manifest, whose own `mediaType` and the request's `Content-Type` must not contradict each other.
 * Schema 1 is not taken any more: a signed one has not the digest of its bytes, which all else here relies on.
 *
 * @throws Refusal MANIFEST_INVALID
 * @throws WharfError MANIFEST_INVALID, MANIFEST_TOO_LARGE
 */
export function checkContent(
  bytes: Uint8Array,
  contentType: string | undefined,
  limit: number,
): Exclude<ParsedManifest, { kind: "schema1" }> {
  const manifest = parseManifest(bytes, contentType, { limit });
  if (manifest.kind === "schema1")
    throw new Refusal("MANIFEST_INVALID", "manifests of schema 1 can no longer be pushed");
  const declared = contentType?.split(";", 1)[0]!.trim().toLowerCase();
  const own = manifest.document.mediaType;
  if (declared && typeof own === "string" && own !== declared)
    throw new Refusal("MANIFEST_INVALID", `Content-Type is ${declared}, mediaType is ${own}`);
  return manifest;
}

/**
 * Looks for the configuration and the layers in the repository. Not looked for: the manifests of an index, because an
 * index may be pushed for some platforms only; the subject, because it may come later; and layers that must not be
 * distributed (image-spec 1.1, "Non-Distributable Layers").
 *
 * @returns what was looked for, and found
 * @throws Refusal MANIFEST_BLOB_UNKNOWN
 */
export async function checkReferences(
  repository: Pick<Repository, "statBlob">,
  manifest: ParsedManifest,
  signal: AbortSignal,
): Promise<readonly Digest[]> {
  if (manifest.kind !== "image") return [];
  const blobs = [manifest.config, ...manifest.layers.filter(isDistributable)];
  const digests = [...new Set(blobs.map(({ digest }) => digest))];
  const queue = digests.values();
  const missing: string[] = [];
  const look = async () => {
    for (const digest of queue)
      if (!(await repository.statBlob(digest, { signal }))) missing.push(digest);
  };
  await Promise.all(Array.from({ length: concurrency }, look));
  if (missing.length > 0)
    throw new Refusal("MANIFEST_BLOB_UNKNOWN", `the repository has no blob ${missing[0]}`, {
      detail: missing.map((digest) => ({ digest })),
    });
  return digests;
}

function isDistributable({ mediaType }: Descriptor): boolean {
  return !/\.nondistributable\.|\.rootfs\.foreign\./.test(mediaType);
}
