/** What a copy is of: all that a reference names, one platform of it, or an index of some. */
import type { Descriptor, Digest, Platform } from "../reference/descriptor.ts";
import { digestOf, isDigest, parseDigest } from "../reference/digest.ts";
import { isIndexType } from "../reference/manifest.ts";
import { choosePlatform, matchesPlatform } from "../reference/platform.ts";
import type { Manifest } from "../store/store.ts";
import type { Root } from "./compare.ts";
import { readConfig } from "./config.ts";
import {
  attestedDigest,
  distinctPlatforms,
  isAttestation,
  keptLeaves,
  leavesOf,
  platformNotFound,
  requirePlatform,
  type ParsedIndex,
} from "./platforms.ts";
import type { Loaded, Run } from "./session.ts";
import { check, load } from "./tree.ts";

/**
 * Finds the part of what `reference` names that is for the platforms.
 * @param some whether one of the platforms is enough
 * @throws WharfError MANIFEST_NOT_FOUND, PLATFORM_NOT_FOUND
 */
export async function selectRoot(
  run: Run,
  reference: string,
  platforms: readonly Platform[],
  some = false,
): Promise<Root> {
  const loaded = await fetchRoot(run, reference);
  return selectPlatforms(run, loaded, distinctPlatforms(platforms), some);
}

/** Reads the manifest that `reference` names, at once: a question for its digest would only cost a request more. */
async function fetchRoot(run: Run, reference: string): Promise<Loaded> {
  const { session, batch } = run;
  const manifest = await session.slots.run(session.reading, batch, () =>
    session.source.fetchManifest(reference, { signal: batch.signal }),
  );
  const named = isDigest(reference) ? { digest: reference } : manifest.descriptor;
  const loaded = check(run, named, manifest, session.sourceName);
  run.indexes.set(named.digest, Promise.resolve(loaded));
  return loaded;
}

async function selectPlatforms(
  run: Run,
  loaded: Loaded,
  wanted: readonly Platform[],
  some: boolean,
): Promise<Root> {
  const { manifest, parsed } = loaded;
  const { descriptor } = manifest;
  if (parsed.kind !== "index") {
    await requireImage(run, loaded, wanted, some);
    return { descriptor, loaded };
  }
  const subject = `index ${descriptor.digest}`;
  const leaves = await leavesOf(parsed, async (child) => (await load(run, child)).parsed);
  if (wanted.length === 1) {
    const chosen = requirePlatform(wanted[0]!, leaves, subject);
    noteAttestations(run, leaves, chosen);
    return { descriptor: chosen, whole: descriptor };
  }
  const offered = wanted.filter((platform) => choosePlatform(platform, leaves) !== undefined);
  const kept = keptLeaves(some && offered.length > 0 ? offered : wanted, leaves, subject);
  const reduced = await reduce(run, loaded as Loaded & { parsed: ParsedIndex }, kept);
  if (reduced === loaded) return { descriptor, loaded };
  return { descriptor: reduced.manifest.descriptor, loaded: reduced, whole: descriptor };
}

/** An image without an index says in its configuration what it runs on; artifacts run on nothing and pass. */
async function requireImage(
  run: Run,
  loaded: Loaded,
  wanted: readonly Platform[],
  some: boolean,
): Promise<void> {
  const { session, batch } = run;
  const config = await session.slots.run(session.reading, batch, () =>
    readConfig(session.source, loaded.parsed, { signal: batch.signal }),
  );
  if (config === undefined) return;
  const missing = wanted.filter((platform) => !matchesPlatform(platform, config.platform));
  if (missing.length === 0 || (some && missing.length < wanted.length)) return;
  const subject = `image ${loaded.manifest.descriptor.digest}`;
  throw platformNotFound(missing[0]!, [config.platform], subject);
}

/**
 * An index of the kept children only: same media type, annotations and unknown fields, in the same order. Nested
 * indexes are reduced likewise. The original where nothing is left out, since it keeps its digest then.
 */
async function reduce(
  run: Run,
  index: Loaded & { readonly parsed: ParsedIndex },
  kept: ReadonlySet<Digest>,
): Promise<Loaded> {
  const { document } = index.parsed;
  const entries = document.manifests as object[];
  const manifests: object[] = [];
  let same = true;
  for (const [at, child] of index.parsed.manifests.entries()) {
    const entry = entries[at]!;
    if (!isIndexType(child.mediaType)) {
      if (kept.has(child.digest)) manifests.push(entry);
      else same = false;
      continue;
    }
    const nested = await load(run, child);
    if (nested.parsed.kind !== "index") continue;
    const part = await reduce(run, nested as Loaded & { parsed: ParsedIndex }, kept);
    if (part === nested) manifests.push(entry);
    else same = false;
    if (part === nested || part.parsed.kind !== "index" || part.parsed.manifests.length === 0) {
      continue;
    }
    const { digest, size } = part.manifest.descriptor;
    manifests.push({ ...entry, digest, size });
  }
  if (same) return index;
  const bytes = new TextEncoder().encode(JSON.stringify({ ...document, manifests }));
  return make(run, index.manifest.descriptor, bytes);
}

function make(run: Run, { mediaType, digest }: Descriptor, bytes: Uint8Array): Loaded {
  const descriptor: Descriptor = {
    mediaType,
    digest: digestOf(bytes, parseDigest(digest).algorithm),
    size: bytes.byteLength,
  };
  const manifest: Manifest = { descriptor, bytes };
  run.made.set(descriptor.digest, manifest);
  return check(run, descriptor, manifest, run.session.sourceName);
}

function noteAttestations(run: Run, leaves: readonly Descriptor[], chosen: Descriptor): void {
  const about = leaves.filter(
    (leaf) => isAttestation(leaf) && attestedDigest(leaf) === chosen.digest,
  );
  if (about.length === 0) return;
  run.tally.note({
    code: "ATTESTATIONS_LEFT_OUT",
    message: `Attestations of ${chosen.digest} are named by the index only; copy the whole index, or several platforms, to take them along`,
  });
}
