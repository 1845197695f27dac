/** The platforms of an image. */
import type { Descriptor, Platform } from "../reference/descriptor.ts";
import {
  choosePlatform,
  localPlatform,
  matchesPlatform,
  normalizePlatform,
} from "../reference/platform.ts";
import type { Cancellable, Fetcher } from "../store/store.ts";
import { readConfig } from "../transfer/config.ts";
import {
  isAttestation,
  leavesOf,
  platformNotFound,
  requirePlatform,
} from "../transfer/platforms.ts";
import { readManifest, type ReadManifest } from "./read.ts";

/** An image for one platform. */
export interface PlatformImage {
  readonly platform: Platform;
  readonly descriptor: Descriptor;
}

/**
 * Lists the platforms that an index has images for, in its order, those of nested indexes in their place. An image that is
 * in no index has the platform of its configuration; an artifact has none.
 *
 * @param reference tag or digest
 * @throws WharfError MANIFEST_NOT_FOUND, MANIFEST_TOO_LARGE
 */
export async function listPlatforms(
  store: Fetcher,
  reference: string,
  options: Cancellable = {},
): Promise<PlatformImage[]> {
  const manifest = await readManifest(store, reference, options);
  return platformsOf(await leaves(store, manifest, options));
}

/**
 * Finds the image for a platform, as containerd chooses it.
 *
 * @returns the image's descriptor; where `reference` names no index its own, if the image is for that platform
 * @throws WharfError PLATFORM_NOT_FOUND, with the platforms that there are
 * @example
 * const { digest } = await selectPlatform(store, "latest", parsePlatform("linux/arm64"));
 */
export async function selectPlatform(
  store: Fetcher,
  reference: string,
  platform: Platform,
  options: Cancellable = {},
): Promise<Descriptor> {
  const manifest = await readManifest(store, reference, options);
  return choose(await leaves(store, manifest, options), manifest, platform);
}

/** Everything in an index that is no index itself, attestations included; an image is the only leaf of its own tree. */
export async function leaves(
  store: Fetcher,
  { descriptor, parsed }: ReadManifest,
  options: Cancellable,
): Promise<Descriptor[]> {
  if (parsed.kind === "index") {
    return leavesOf(
      parsed,
      async ({ digest }) => (await readManifest(store, digest, options)).parsed,
    );
  }
  const config = await readConfig(store, parsed, options);
  return [config === undefined ? descriptor : { ...descriptor, platform: config.platform }];
}

/** The leaf for a platform. @throws WharfError PLATFORM_NOT_FOUND */
export function choose(
  found: readonly Descriptor[],
  { descriptor, parsed }: ReadManifest,
  platform: Platform,
): Descriptor {
  if (parsed.kind === "index")
    return requirePlatform(platform, found, `index ${descriptor.digest}`);
  const own = found[0]?.platform;
  if (own === undefined || matchesPlatform(platform, own)) return descriptor;
  throw platformNotFound(platform, [own], `image ${descriptor.digest}`);
}

/** The leaf that is looked at where nobody says which: for this machine, else for linux/amd64, else the first image. */
export function pick(found: readonly Descriptor[]): Descriptor | undefined {
  return (
    choosePlatform(localPlatform(), found) ??
    choosePlatform({ os: "linux", architecture: "amd64" }, found) ??
    found.find((leaf) => leaf.platform !== undefined && !isAttestation(leaf)) ??
    found[0]
  );
}

/** The leaves that are images for a platform. */
export function platformsOf(found: readonly Descriptor[]): PlatformImage[] {
  return found.flatMap((descriptor) =>
    descriptor.platform === undefined || isAttestation(descriptor)
      ? []
      : [{ platform: normalizePlatform(descriptor.platform), descriptor }],
  );
}
