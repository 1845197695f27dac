/** What is attached to a manifest: its referrers, and what lies under tags made of its digest. */
import { isError, WharfError } from "../errors.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { digestTags, referrersTag } from "../reference/manifest.ts";
import { supports, type Cancellable, type Source } from "../store/store.ts";
import { maxManifests } from "./limits.ts";

/** A manifest that belongs to another one. */
export interface Attachment {
  readonly descriptor: Descriptor;
  /** The digest tag that it was found under; without it, it is a referrer. */
  readonly tag?: string;
}

/**
 * Lists the referrers of a manifest.
 * @throws WharfError MANIFEST_TOO_LARGE where there are more than {@link maxManifests}
 */
export async function listReferrers(
  source: Source,
  digest: Digest,
  options: Cancellable = {},
): Promise<Attachment[]> {
  if (!supports(source, "listReferrers")) return [];
  const found = new Map<Digest, Attachment>();
  for await (const descriptor of source.listReferrers(digest, options)) {
    found.set(descriptor.digest, { descriptor });
    if (found.size <= maxManifests) continue;
    const message = `manifest ${digest} has more than ${maxManifests} referrers`;
    throw new WharfError("MANIFEST_TOO_LARGE", message);
  }
  return [...found.values()];
}

/**
 * The names of the digest tags that are asked for: those of cosign. The referrers' tag is not among them: listing the
 * referrers reads it where the registry has nothing better, and one that has must know what stands in it
 * (distribution-spec 1.1, "Enabling the Referrers API"); stores write their own.
 */
export function attachmentTags(digest: Digest): string[] {
  const own = referrersTag(digest);
  return digestTags(digest).filter((tag) => tag !== own);
}

/** What a digest tag names, if there is one. A name costs one `HEAD`; listing all tags may cost thousands of lines. */
export async function findTagged(
  source: Source,
  tag: string,
  options: Cancellable = {},
): Promise<Attachment | undefined> {
  try {
    return { descriptor: await source.resolve(tag, options), tag };
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND", "REPOSITORY_NOT_FOUND")) return undefined;
    throw error;
  }
}
