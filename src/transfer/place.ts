/** Brings an image under its digest and tags: content first, what is attached next, the tags last. */
import { WharfError } from "../errors.ts";
import { findAttached } from "./along.ts";
import type { Attachment } from "./attachments.ts";
import { compare, isPresent, type Comparison } from "./compare.ts";
import { maxDepth } from "./limits.ts";
import type { Loaded, Run } from "./session.ts";
import { copyContent, copyTree, load, push } from "./tree.ts";

/** Copies what the comparison found missing, and what is attached where `referrers` says so. */
export async function place(
  run: Run,
  { root, tags, missing }: Comparison,
  { referrers = false }: { readonly referrers?: boolean } = {},
): Promise<void> {
  const { batch, session, tally } = run;
  const { descriptor } = root;
  const tagged = missing.length < tags.length;

  let loaded = root.loaded;
  let present = tagged;
  const read = async (): Promise<Loaded> => (loaded ??= await load(run, descriptor, present));
  if (!tagged) {
    // A tag takes the manifest's bytes in any case, so they are read while the target is asked.
    const asked = isPresent(run, descriptor).then((found) => void (present = found));
    await batch.all(tags.length > 0 ? [asked, read()] : [asked]);
  }

  let attached: readonly Attachment[] = [];
  const along = referrers && !session.attached.has(descriptor.digest);
  const parts: Promise<unknown>[] = [];
  if (along)
    parts.push(findAttached(run, descriptor, present).then((found) => void (attached = found)));
  if (!present || !session.trusting) {
    tally.manifest("started", descriptor);
    parts.push(read().then((whole) => copyContent(run, whole, 0)));
  }
  await batch.all(parts);

  const existed = present;
  // Referrers come after what they refer to, and before the tag: whoever sees the tag can check its signatures.
  if (!present && (missing.length === 0 || attached.length > 0)) {
    await push(run, (await read()).manifest);
    present = true;
  }
  await copyAttached(run, attached);
  if (along) session.attached.add(descriptor.digest);
  for (const tag of missing) {
    await push(run, (await read()).manifest, tag);
    tally.tag("copied", tag, descriptor.digest);
  }
  for (const tag of tags) if (!missing.includes(tag)) tally.tag("exists", tag, descriptor.digest);
  tally.manifest(existed ? "exists" : "copied", descriptor);
  session.manifests.add(descriptor.digest);
}

/** Copies what is attached to an image, and what is attached to that. */
async function copyAttached(run: Run, attached: readonly Attachment[], depth = 1): Promise<void> {
  if (attached.length > 0 && depth > maxDepth) {
    const { digest } = attached[0]!.descriptor;
    throw new WharfError(
      "MANIFEST_TOO_LARGE",
      `manifest ${digest}: referrers of referrers are nested deeper than ${maxDepth}`,
      { hint: "No honest image has such a chain; copy it without its referrers." },
    );
  }
  const copyOne = async ({ descriptor, tag }: Attachment) => {
    const name = tag ?? `referrer ${descriptor.digest}`;
    if (run.seen.has(name)) return;
    run.seen.add(name);
    run.tally.referrers += 1;
    if (tag !== undefined) {
      return place(run, await compare(run, Promise.resolve({ descriptor }), [tag]));
    }
    await copyTree(run, descriptor);
    await copyAttached(run, await findAttached(run, descriptor), depth + 1);
  };
  await run.batch.all(attached.map(copyOne));
}
