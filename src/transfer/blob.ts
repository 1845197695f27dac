/** One blob from store to store, the cheapest way: there already, mounted, or sent. */
import { isError } from "../errors.ts";
import type { Descriptor } from "../reference/descriptor.ts";
import { blobSourceOf, bytesSource } from "../store/sources.ts";
import { supports } from "../store/store.ts";
import { blame } from "./blame.ts";
import { embedded } from "./embedded.ts";
import type { Mounts, Run } from "./session.ts";
import { verifiedSource } from "./verified.ts";

/** Layers that a registry may not hand on (image-spec 1.0, "Non-Distributable Layers"; Docker's foreign layers). */
const restricted =
  /^application\/vnd\.(oci\.image\.layer\.nondistributable\.|docker\.image\.rootfs\.foreign\.)/;

/** The size of a blob that is named without one, as in schema 1. */
export const unknownSize = -1;

/** Makes sure that the target has the blob. */
export async function copyBlob(run: Run, descriptor: Descriptor): Promise<void> {
  const { session, batch, tally } = run;
  const { digest } = descriptor;
  const first = !run.seen.has(digest);
  run.seen.add(digest);

  if (restricted.test(descriptor.mediaType) && descriptor.urls?.length) {
    if (!first) return;
    tally.blob("skipped", descriptor);
    const message = `Layer ${digest} must not be distributed; it stays at ${descriptor.urls[0]}`;
    tally.note({ code: "LAYER_SKIPPED", message });
    return;
  }
  if (first) tally.blob("found", descriptor);
  if (session.same) {
    if (first) tally.blob("exists", descriptor);
    return;
  }
  const work = () => transfer(run, descriptor);
  const mine = await session.blobs.once(digest, batch, async () => {
    await session.slots.run(session.both, batch, work, descriptor.size);
    session.siblings?.add(digest);
  });
  if (first && !mine) tally.blob("exists", descriptor);
}

async function transfer(run: Run, named: Descriptor): Promise<void> {
  const { session, tally } = run;
  const { mounts, siblings, siblingMounts } = session;
  if (mounts?.worthTrying && (await mount(run, named, mounts, session.source)))
    return tally.blob("mounted", named);
  const sibling = siblingMounts?.worthTrying ? siblings?.find(named.digest) : undefined;
  if (sibling !== undefined && (await mount(run, named, siblingMounts!, sibling)))
    return tally.blob("mounted", named);
  if (session.blobPresence.worthAsking(named.size)) {
    const found = await session.target.statBlob(named.digest, { signal: run.batch.signal });
    session.blobPresence.learn(found !== undefined);
    if (found !== undefined) {
      tally.blob("exists", named.size === unknownSize ? { ...named, size: found.size } : named);
      return;
    }
  }
  const descriptor = await sized(run, named);
  run.batch.check();
  tally.blob("started", descriptor);
  await send(run, descriptor);
  tally.blob("copied", descriptor, descriptor.size);
}

async function send({ session, batch, tally }: Run, descriptor: Descriptor): Promise<void> {
  const { source, sourceName, target } = session;
  const { signal } = batch;
  const onProgress = tally.progressOf(descriptor);
  const known = embedded(descriptor);
  const checked = session.verify
    ? verifiedSource(source, descriptor, `${sourceName}: blob ${descriptor.digest}`)
    : undefined;
  const bytes = known ? bytesSource(known) : (checked ?? blobSourceOf(source, descriptor));
  try {
    await target.pushBlob(descriptor, bytes, { signal, ...(onProgress && { onProgress }) });
  } catch (error) {
    if (batch.signal.aborted) throw error;
    if (checked?.fault) throw checked.fault;
    if (!isError(error, "DIGEST_MISMATCH", "SIZE_MISMATCH")) throw error;
    throw await blame(session, descriptor, error, { signal });
  }
}

/** Refusals that say nothing about a push; a mount needs rights on the source that the target may not know of. */
async function mount(
  { batch }: Run,
  descriptor: Descriptor,
  mounts: Mounts,
  from: object,
): Promise<boolean> {
  try {
    return await mounts.mount(descriptor, from, batch.signal);
  } catch (error) {
    if (batch.signal.aborted) throw error;
    if (isError(error, "UNAUTHORIZED", "FORBIDDEN", "BLOB_NOT_FOUND", "REGISTRY_ERROR"))
      return false;
    if (isError(error, "REPOSITORY_NOT_FOUND", "UNSUPPORTED", "SERVER_ERROR")) return false;
    throw error;
  }
}

/** Schema 1 names layers without their size, so the source is asked. */
async function sized({ session, batch }: Run, descriptor: Descriptor): Promise<Descriptor> {
  if (descriptor.size !== unknownSize || !supports(session.source, "statBlob")) return descriptor;
  const found = await session.source.statBlob(descriptor.digest, { signal: batch.signal });
  return found === undefined ? descriptor : { ...descriptor, size: found.size };
}
