/** Removes what is attached to an image or artifact. */
import { WharfError } from "../../errors.ts";
import type { Cancellable } from "../../http/bytes.ts";
import type { Digest } from "../../reference/descriptor.ts";
import type { Deleter, Source } from "../../store/store.ts";
import { referrersTree, type Attachment } from "../attached.ts";

/** Which of what is attached: some by digest, or all of a type. */
export interface DetachWish {
  readonly digests?: readonly Digest[];
  readonly artifactType?: string;
}

/** Levels of attachments that are looked at, and how many in all: what is not seen would be left without its subject. */
const all = { depth: 8, limit: 10_000 };

/**
 * Finds what a wish means, with all that is attached to it in turn, in the order in which it has to go: signatures
 * before what they sign.
 *
 * @throws WharfError MANIFEST_NOT_FOUND where a digest of the wish is not attached to `subject`
 */
export async function findDetachable(
  store: Source,
  subject: Digest,
  { digests, artifactType }: DetachWish,
  { signal }: Cancellable = {},
): Promise<Attachment[]> {
  const tree = await referrersTree(store, subject, { ...all, ...(signal && { signal }) });
  if (tree.truncated) {
    const message = `${subject}: more is attached than can be looked at, so nothing was removed`;
    throw new WharfError("MANIFEST_TOO_LARGE", message);
  }
  const known = new Map(flatten(tree.attachments).map((one) => [one.descriptor.digest, one]));
  const missing = digests?.find((digest) => !known.has(digest));
  if (missing !== undefined) {
    throw new WharfError("MANIFEST_NOT_FOUND", `${missing} is not attached to ${subject}`, {
      hint: "See what is with `wharf discover REF --tree`.",
    });
  }
  const chosen =
    digests?.map((digest) => known.get(digest)!) ??
    tree.attachments.filter((one) => one.artifactType === artifactType);
  return [...new Set(flatten(chosen))];
}

/**
 * Detaches artifacts: their manifests are deleted, and where the registry has no list of its own, their entries in the tag
 * that stands in for it. What is attached to them goes too.
 *
 * @returns what is gone
 * @throws WharfError MANIFEST_NOT_FOUND where one is not attached; UNSUPPORTED where the registry does not delete
 *
 * @example
 * await detachArtifact(repository, digest, { artifactType: "application/spdx+json" });
 */
export async function detachArtifact(
  store: Source & Pick<Deleter, "deleteManifest">,
  subject: Digest,
  wish: DetachWish,
  options: Cancellable = {},
): Promise<Attachment[]> {
  const found = await findDetachable(store, subject, wish, options);
  for (const { descriptor } of found) await store.deleteManifest(descriptor.digest, options);
  return found;
}

/** Children before parents. */
function flatten(attachments: readonly Attachment[]): Attachment[] {
  return attachments.flatMap((one) => [...flatten(one.attachments), one]);
}
