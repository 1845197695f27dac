/** Finds the signatures, SBOMs and whatever else is to go along with an image. */
import { isError } from "../errors.ts";
import type { Descriptor, Digest } from "../reference/descriptor.ts";
import { isIndexType } from "../reference/manifest.ts";
import { attachmentTags, findTagged, listReferrers, type Attachment } from "./attachments.ts";
import type { Root } from "./compare.ts";
import type { Run } from "./session.ts";
import { load, manifestsOf, spend } from "./tree.ts";

/**
 * What is attached to an image: to itself, and where it is an index to each manifest below it.
 * @param atTarget whether the target has the image
 */
export async function findAttached(
  run: Run,
  root: Descriptor,
  atTarget = false,
): Promise<Attachment[]> {
  const found: Attachment[] = [];
  const nodes = new Map([[root.digest, root]]);
  const parts: Promise<unknown>[] = [];
  // The loop also visits what is added while it runs.
  for (const node of nodes.values()) {
    const asked = attachedTo(run, node.digest).then((list) => void found.push(...list));
    parts.push(run.batch.part(asked));
    if (!isIndexType(node.mediaType)) continue;
    const here = atTarget && (node === root || run.session.trusting);
    const { parsed } = await load(run, node, here);
    for (const child of manifestsOf(parsed)) nodes.set(child.digest, child);
  }
  await run.batch.all(parts);
  spend(run, root, { manifests: found.length });
  return found;
}

/** Says what refers to an index of which only a part was copied: it would refer to nothing in the target. */
export async function noteLeftOut(run: Run, { whole }: Root): Promise<void> {
  if (whole === undefined || !run.referrers) return;
  const left = await attachedTo(run, whole.digest);
  if (left.length === 0) return;
  run.tally.note({
    code: "REFERRERS_LEFT_OUT",
    message: `${left.length} signatures, SBOMs or other referrers of the whole index ${whole.digest} are left out, because only a part of it is copied`,
  });
}

async function attachedTo(run: Run, digest: Digest): Promise<Attachment[]> {
  const { source, slots, reading } = run.session;
  // An index that was made here is not at the source, so nothing is attached to it there.
  if (run.made.has(digest)) return [];
  const options = { signal: run.batch.signal };
  const found: Attachment[] = [];
  const referrers = slots
    .run(reading, run.batch, () => listReferrers(source, digest, options))
    .catch((error: unknown) => cannotList(run, error))
    .then((list) => void found.push(...list));
  const tagged = attachmentTags(digest).map(async (tag) => {
    const attachment = await slots.run(reading, run.batch, () => findTagged(source, tag, options));
    if (attachment !== undefined) found.push(attachment);
  });
  await run.batch.all([referrers, ...tagged]);
  return found;
}

function cannotList(run: Run, error: unknown): Attachment[] {
  const refused = isError(error, "UNSUPPORTED", "FORBIDDEN", "REGISTRY_ERROR", "RESPONSE_INVALID");
  if (run.referrers !== "tolerant" || !refused) throw error;
  if (!run.seen.has("REFERRERS_UNKNOWN")) {
    run.seen.add("REFERRERS_UNKNOWN");
    run.tally.note({
      code: "REFERRERS_UNKNOWN",
      message: `Referrers cannot be listed, so only digest tags were looked for: ${error.message}`,
    });
  }
  return [];
}
