/** A manifest with all that it names, children before parents. */
import { WharfError } from "../errors.ts";
import { mediaTypes, type Descriptor } from "../reference/descriptor.ts";
import { digestOf, parseDigest } from "../reference/digest.ts";
import {
  isIndexType,
  isManifestType,
  parseManifest,
  schema1Payload,
} from "../reference/manifest.ts";
import { supports, type Manifest } from "../store/store.ts";
import { copyBlob, unknownSize } from "./blob.ts";
import { isPresent } from "./compare.ts";
import { embedded } from "./embedded.ts";
import { maxDepth, maxManifestBytes, maxManifests } from "./limits.ts";
import type { Loaded, Run } from "./session.ts";

/** Makes sure that the target has the manifest, under its digest, and everything below it. */
export async function copyTree(run: Run, descriptor: Descriptor, depth = 0): Promise<void> {
  const { session, batch, tally } = run;
  const first = !run.seen.has(descriptor.digest);
  run.seen.add(descriptor.digest);
  const mine = await session.manifests.once(descriptor.digest, batch, async () => {
    if (depth > maxDepth) throw tooLarge(descriptor, `indexes are nested deeper than ${maxDepth}`);
    const present = await isPresent(run, descriptor);
    if (present && session.trusting) return tally.manifest("exists", descriptor);
    tally.manifest("started", descriptor);
    const loaded = await load(run, descriptor, present);
    await copyContent(run, loaded, depth);
    if (present) return tally.manifest("exists", descriptor);
    await push(run, loaded.manifest);
    tally.manifest("copied", descriptor);
  });
  if (first && !mine) tally.manifest("exists", descriptor);
}

/** Makes sure that the target has everything that the manifest names. */
export async function copyContent(
  run: Run,
  { manifest, parsed }: Loaded,
  depth: number,
): Promise<void> {
  const parts: Promise<unknown>[] = [];
  const children = manifestsOf(parsed);
  spend(run, manifest.descriptor, { manifests: children.length });
  for (const child of children) parts.push(copyTree(run, child, depth + 1));
  for (const blob of blobsOf(parsed)) parts.push(copyBlob(run, blob));
  await run.batch.all(parts);
}

/** Stores the manifest under its digest, and as `tag` where given; what it names must be there. */
export async function push({ session, batch }: Run, manifest: Manifest, tag?: string) {
  const { signal } = batch;
  await session.slots.run(session.writing, batch, () =>
    session.target.pushManifest(manifest, { signal, ...(tag !== undefined && { tag }) }),
  );
}

/**
 * Reads a manifest and checks it against its digest: what hangs together by digests can't form a circle.
 * @param atTarget the target has it too, and may be the cheaper one to ask
 */
export function load(run: Run, descriptor: Descriptor, atTarget = false): Promise<Loaded> {
  const known = run.indexes.get(descriptor.digest);
  if (known !== undefined) return known;
  const loading = read(run, descriptor, atTarget);
  if (isIndexType(descriptor.mediaType)) run.indexes.set(descriptor.digest, loading);
  return loading;
}

async function read(run: Run, descriptor: Descriptor, atTarget: boolean): Promise<Loaded> {
  const { session, batch, made } = run;
  const { slots, source, sourceName, target, targetName, reading, writing } = session;
  const { digest, mediaType, size } = descriptor;
  const known = made.get(digest);
  if (known !== undefined) return check(run, descriptor, known, targetName);
  const bytes = embedded(descriptor);
  if (bytes !== undefined) {
    return check(run, descriptor, { descriptor: { mediaType, digest, size }, bytes }, sourceName);
  }
  const options = { signal: batch.signal };
  if (atTarget && supports(target, "fetchManifest") && session.targetReads) {
    const asking = slots.run(writing, batch, () => target.fetchManifest(digest, options));
    const here = await asking.catch((error: unknown) => {
      // The source has it too; in a layout the fault is worth knowing.
      if (!session.trusting || batch.signal.aborted) throw error;
    });
    if (here) return check(run, descriptor, here, targetName);
  }
  const there = await slots.run(reading, batch, () => source.fetchManifest(digest, options));
  return check(run, descriptor, there, sourceName);
}

/**
 * Reads what a manifest says, once its bytes are known to be those that `named` promises.
 * @param holder whose manifest it is, for messages
 */
export function check(
  run: Run,
  named: Pick<Descriptor, "digest">,
  manifest: Manifest,
  holder: string,
): Loaded {
  const { bytes, descriptor } = manifest;
  spend(run, named, { bytes: bytes.byteLength });
  const parsed = parseManifest(bytes, descriptor.mediaType);
  const signed = parsed.kind === "schema1" ? schema1Payload(bytes, parsed) : bytes;
  const actual = digestOf(signed, parseDigest(named.digest).algorithm);
  if (actual !== named.digest) {
    const message = `${holder}: manifest ${named.digest} holds bytes with digest ${actual}`;
    throw new WharfError("DIGEST_MISMATCH", message);
  }
  return { manifest, parsed };
}

/** Child manifests of an index. What it names besides, with media types of its own, are blobs to us. */
export function manifestsOf(parsed: Loaded["parsed"]): readonly Descriptor[] {
  if (parsed.kind !== "index") return [];
  return parsed.manifests.filter(({ mediaType }) => isManifestType(mediaType));
}

function blobsOf(parsed: Loaded["parsed"]): readonly Descriptor[] {
  if (parsed.kind === "index") {
    return parsed.manifests.filter(({ mediaType }) => !isManifestType(mediaType));
  }
  if (parsed.kind === "schema1") {
    const mediaType = mediaTypes.dockerLayerGzip;
    return parsed.layers.map((digest) => ({ mediaType, digest, size: unknownSize }));
  }
  return [parsed.config, ...parsed.layers];
}

/** @throws WharfError MANIFEST_TOO_LARGE when a copy names or reads more than any honest one */
export function spend(
  { spent }: Run,
  named: Pick<Descriptor, "digest">,
  cost: { manifests?: number; bytes?: number },
): void {
  spent.manifests += cost.manifests ?? 0;
  spent.bytes += cost.bytes ?? 0;
  if (spent.manifests > maxManifests) {
    throw tooLarge(named, `more than ${maxManifests} manifests hang together`);
  }
  if (spent.bytes > maxManifestBytes) {
    throw tooLarge(named, `its manifests have more than ${maxManifestBytes >> 20} MiB`);
  }
}

function tooLarge({ digest }: Pick<Descriptor, "digest">, what: string): WharfError {
  return new WharfError("MANIFEST_TOO_LARGE", `manifest ${digest}: ${what}`);
}
