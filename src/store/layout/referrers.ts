/**
 * Referrers in a layout. We find them as oras does, by the subject of every manifest in `index.json`. Other tools look
 * under the tag `sha256-…` for an index of them (distribution-spec 1.1, "Referrers Tag Schema"), so we keep that too.
 */
import { isError } from "../../errors.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { mediaTypes } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { referrersTag } from "../../reference/manifest.ts";
import type { ManifestRecord } from "../admission.ts";
import type { Manifest } from "../store.ts";
import type { Entries } from "./entries.ts";
import type { LayoutManifests } from "./manifests.ts";

/** All referrers of a digest, each as its own manifest describes it. */
export async function findReferrers(
  digest: Digest,
  entries: Entries,
  manifests: LayoutManifests,
): Promise<Descriptor[]> {
  const candidates = entries.roots();
  const tagged = entries.findReferrersTag(referrersTag(digest));
  if (tagged !== undefined) {
    const index = await recordIfThere(manifests, tagged);
    for (const child of index?.children ?? []) {
      if (await manifests.has(child.digest)) candidates.push(child);
    }
  }
  const found = new Map<Digest, Descriptor>();
  for (const candidate of candidates) {
    const record = await recordIfThere(manifests, candidate);
    if (record?.subject === digest) found.set(record.descriptor.digest, record.referrer);
  }
  return [...found.values()];
}

/** The index of referrers for other tools; the same referrers give the same bytes. */
export function referrersIndex(referrers: readonly Descriptor[]): Manifest {
  const manifests = referrers.toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests,
    // Makes it differ from anything that somebody would push, so that it can be removed with an easy mind.
    annotations: { "io.wharfinger.generated": "referrers" },
  });
  const bytes = new TextEncoder().encode(text);
  return {
    bytes,
    descriptor: { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.byteLength },
  };
}

/** The record of an entry; a manifest that is missing or damaged refers to nothing. */
async function recordIfThere(
  manifests: LayoutManifests,
  { digest, mediaType }: Descriptor,
): Promise<ManifestRecord | undefined> {
  try {
    return await manifests.record(digest, mediaType);
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND", "DIGEST_MISMATCH", "DIGEST_INVALID")) return undefined;
    throw error;
  }
}
