/** Which images of two sides belong together. */
import type { Descriptor, Platform } from "../../reference/descriptor.ts";
import { formatPlatform, normalizePlatform } from "../../reference/platform.ts";
import type { Cancellable, Fetcher } from "../../store/store.ts";
import { attestedDigest, isAttestation } from "../../transfer/platforms.ts";
import { choose, leaves, pick } from "../platforms.ts";
import type { ReadManifest } from "../read.ts";

/** The images of both sides for a platform. One may be missing, not both. */
export interface Pair {
  readonly platform?: Platform;
  readonly attestation?: true;
  readonly before?: Descriptor;
  readonly after?: Descriptor;
}

type Root = readonly [store: Fetcher, manifest: ReadManifest];

/**
 * The images of both sides, in the order of the first; what only the second has comes last.
 * @throws WharfError PLATFORM_NOT_FOUND where an index has nothing for the platform of an image
 */
export async function pairs(from: Root, to: Root, { signal }: Cancellable): Promise<Pair[]> {
  const options = signal === undefined ? {} : { signal };
  const [before, after] = await Promise.all(
    [from, to].map(([store, root]) => leaves(store, root, options)),
  );
  const [isIndex, areIndex] = [from, to].map(([, { parsed }]) => parsed.kind === "index");
  if (isIndex && areIndex) return match(before!, after!);
  const [left, right] = [before![0], after![0]];
  if (!isIndex && !areIndex) return [pairOf(left, right)];
  // An artifact has no platform; it is held against what one would look at.
  if (isIndex) return [pairOf(counterpart(before!, from[1], right!), right)];
  return [pairOf(left, counterpart(after!, to[1], left!))];
}

function counterpart(
  found: readonly Descriptor[],
  root: ReadManifest,
  { platform }: Descriptor,
): Descriptor | undefined {
  return platform === undefined ? pick(found) : choose(found, root, platform);
}

/** The pair whose files are looked at where nobody says which. */
export function preferred(all: readonly Pair[]): Pair | undefined {
  const whole = all.filter(({ before, after, attestation }) => before && after && !attestation);
  const chosen = pick(whole.map(({ before }) => before!));
  return whole.find(({ before }) => before === chosen);
}

function pairOf(before: Descriptor | undefined, after: Descriptor | undefined): Pair {
  const platform = before?.platform ?? after?.platform;
  const leaf = before ?? after;
  return {
    ...(platform && { platform: normalizePlatform(platform) }),
    ...(leaf && isAttestation(leaf) && { attestation: true }),
    ...(before && { before }),
    ...(after && { after }),
  };
}

function match(from: readonly Descriptor[], to: readonly Descriptor[]): Pair[] {
  const found = new Map<Descriptor, Descriptor>();
  const taken = new Set<Descriptor>();
  // Windows has a new build each month: what has no namesake is compared to its successor.
  for (const key of [exactKey, looseKey]) {
    const theirs = new Map(keys(to, key).map((name, at) => [name, to[at]!]));
    for (const [at, name] of keys(from, key).entries()) {
      const other = theirs.get(name);
      if (other === undefined || taken.has(other) || found.has(from[at]!)) continue;
      found.set(from[at]!, other);
      taken.add(other);
    }
  }
  const added = to.filter((leaf) => !taken.has(leaf));
  return [
    ...from.map((leaf) => attributed(pairOf(leaf, found.get(leaf)), leaf, from)),
    ...added.map((leaf) => attributed(pairOf(undefined, leaf), leaf, to)),
  ];
}

/** With the platform of the image that an attestation is about, in place of its own. */
function attributed(pair: Pair, leaf: Descriptor, all: readonly Descriptor[]): Pair {
  if (pair.attestation === undefined) return pair;
  const platform = subjectOf(leaf, all)?.platform;
  return {
    attestation: true,
    ...(platform && { platform: normalizePlatform(platform) }),
    ...(pair.before && { before: pair.before }),
    ...(pair.after && { after: pair.after }),
  };
}

/** The image itself, or the one that an attestation is about. */
function subjectOf(leaf: Descriptor, all: readonly Descriptor[]): Descriptor | undefined {
  if (!isAttestation(leaf)) return leaf;
  return all.find(({ digest }) => digest === attestedDigest(leaf));
}

type Key = (platform: Platform) => string;

const exactKey: Key = (platform) => formatPlatform(normalizePlatform(platform));

const looseKey: Key = (platform) => {
  const { "os.version": version = "", ...rest } = normalizePlatform(platform);
  return `${formatPlatform(rest)} ${version.split(".").slice(0, 3).join(".")}`;
};

/** Names by which leaves of two indexes find each other; the second of a kind gets another one than the first. */
function keys(all: readonly Descriptor[], key: Key): string[] {
  const seen = new Map<string, number>();
  return all.map((leaf) => {
    const platform = subjectOf(leaf, all)?.platform;
    const kind = isAttestation(leaf) ? "attestation " : `${leaf.artifactType ?? ""} `;
    const name = kind + (platform ? key(platform) : "");
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return `${name} ${count}`;
  });
}
