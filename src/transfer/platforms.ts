/** The images of an index by platform, also those in indexes that it names. */
import { WharfError } from "../errors.ts";
import type { Descriptor, Digest, Platform } from "../reference/descriptor.ts";
import { isIndexType, type ParsedManifest } from "../reference/manifest.ts";
import { choosePlatform, formatPlatform, normalizePlatform } from "../reference/platform.ts";
import { maxDepth, maxManifests } from "./limits.ts";

export type ParsedIndex = Extract<ParsedManifest, { kind: "index" }>;

/** Reads an index that another one names. */
export type ReadIndex = (descriptor: Descriptor) => Promise<ParsedManifest>;

/**
 * Whether the descriptor is of a manifest that holds what BuildKit attests about a sibling.
 * Source: BuildKit, "Image attestation storage".
 */
export function isAttestation({ annotations }: Descriptor): boolean {
  return annotations?.["vnd.docker.reference.type"] === "attestation-manifest";
}

/** The digest of the image that an attestation is about. */
export function attestedDigest({ annotations }: Descriptor): Digest | undefined {
  return annotations?.["vnd.docker.reference.digest"];
}

/**
 * All descriptors of `index` that are not indexes themselves, in order; those of nested indexes in their place.
 * @throws WharfError MANIFEST_TOO_LARGE where they are nested too deep or too many
 */
export async function leavesOf(index: ParsedIndex, read: ReadIndex): Promise<Descriptor[]> {
  const leaves: Descriptor[] = [];
  const seen = new Set<Digest>();
  const walk = async ({ manifests }: ParsedIndex, depth: number): Promise<void> => {
    for (const child of manifests) {
      if (!isIndexType(child.mediaType)) leaves.push(child);
      else if (!seen.has(child.digest)) {
        seen.add(child.digest);
        if (depth >= maxDepth) throw tooLarge(`indexes are nested deeper than ${maxDepth}`);
        const parsed = await read(child);
        if (parsed.kind === "index") await walk(parsed, depth + 1);
      }
      if (leaves.length + seen.size > maxManifests) {
        throw tooLarge(`it names more than ${maxManifests} manifests`);
      }
    }
  };
  await walk(index, 1);
  return leaves;
}

/**
 * The leaf that suits `wanted` best.
 * @param subject what the platform was looked for in, for messages
 * @throws WharfError PLATFORM_NOT_FOUND, with the platforms that there are
 */
export function requirePlatform(
  wanted: Platform,
  leaves: readonly Descriptor[],
  subject: string,
): Descriptor {
  const found = choosePlatform(wanted, leaves);
  if (found !== undefined) return found;
  throw platformNotFound(
    wanted,
    leaves.flatMap((leaf) => (leaf.platform && !isAttestation(leaf) ? [leaf.platform] : [])),
    subject,
  );
}

/** The error that says which platforms there are. */
export function platformNotFound(
  wanted: Platform,
  offered: readonly Platform[],
  subject: string,
): WharfError {
  const names = [...new Set(offered.map(formatPlatform))];
  const shown = names.slice(0, 30).join(", ") + (names.length > 30 ? ", …" : "");
  const there = names.length === 0 ? "it names no platform" : `there are ${shown}`;
  return new WharfError(
    "PLATFORM_NOT_FOUND",
    `${subject}: nothing for ${formatPlatform(wanted)}; ${there}`,
  );
}

/**
 * The leaves that a copy for several platforms keeps: for each the best, for Windows without a version all versions
 * of the best, and the attestations about any of them.
 */
export function keptLeaves(
  wanted: readonly Platform[],
  leaves: readonly Descriptor[],
  subject: string,
): ReadonlySet<Digest> {
  const kept = new Set<Digest>();
  for (const platform of wanted) {
    const best = requirePlatform(platform, leaves, subject);
    kept.add(best.digest);
    if (platform.os !== "windows" || platform["os.version"] !== undefined) continue;
    const machine = machineOf(best.platform!);
    for (const leaf of leaves) {
      if (leaf.platform && machineOf(leaf.platform) === machine) kept.add(leaf.digest);
    }
  }
  const attestations = leaves.filter(
    (leaf) => isAttestation(leaf) && kept.has(attestedDigest(leaf) ?? ""),
  );
  for (const { digest } of attestations) kept.add(digest);
  return kept;
}

/** Platforms without those that are only spelled differently. */
export function distinctPlatforms(platforms: readonly Platform[]): Platform[] {
  const byName = new Map<string, Platform>();
  for (const platform of platforms) {
    const normal = normalizePlatform(platform);
    byName.set(formatPlatform(normal), normal);
  }
  return [...byName.values()];
}

function machineOf(platform: Platform): string {
  const { os, architecture, variant } = normalizePlatform(platform);
  return `${os}/${architecture}/${variant ?? ""}`;
}

function tooLarge(what: string): WharfError {
  return new WharfError("MANIFEST_TOO_LARGE", `The index is too large: ${what}`);
}
