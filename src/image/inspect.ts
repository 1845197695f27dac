/** Everything about an image that fits on one screen, without downloading a layer. */
import { isError } from "../errors.ts";
import type { Descriptor, Digest, Platform } from "../reference/descriptor.ts";
import type { ParsedManifest } from "../reference/manifest.ts";
import type { Cancellable, Source } from "../store/store.ts";
import { attestedDigest, isAttestation } from "../transfer/platforms.ts";
import { growTree, type Attachment } from "./attached.ts";
import { configOf, configDescriptor, type ImageConfig } from "./config.ts";
import { choose, leaves, pick, platformsOf } from "./platforms.ts";
import { readManifest, type ReadManifest } from "./read.ts";
import { each } from "./several.ts";

/** Which image is shown, and what is asked for beside its manifest. */
export interface InspectOptions extends Cancellable {
  /** The platform whose image is shown. @default this machine's, else linux/amd64, else the first there is */
  readonly platform?: Platform;
  /** Whether signatures, SBOMs and attestations are looked for. @default true */
  readonly attachments?: boolean;
  /** Whether every platform's manifest is read for its size; Docker Hub may count each as a pull. @default true */
  readonly sizes?: boolean;
}

/** An image for one platform, of those that an index names. */
export interface PlatformSummary {
  readonly platform: Platform;
  readonly digest: Digest;
  /** Bytes of configuration and layers as they are transferred; absent where they were not asked for, or cannot be read. */
  readonly size?: number;
  readonly layers?: number;
}

/** What is in one image. */
export interface ImageDetails {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Bytes of configuration and layers as they are transferred, each digest once. */
  readonly size?: number;
  /** Absent in schema 1. */
  readonly config?: Descriptor;
  /** The base first. Sizes are 0 in schema 1, which does not tell them. */
  readonly layers: readonly Descriptor[];
  readonly annotations: Readonly<Record<string, string>>;
  /** Absent for artifacts, whose configuration is none of an image. */
  readonly run?: ImageConfig;
}

/** What an image is: platforms, layers, configuration, what is attached. */
export interface Inspection {
  /** As it was asked for. */
  readonly reference: string;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly kind: "index" | "image" | "artifact";
  readonly artifactType?: string;
  /** What this refers to. */
  readonly subject?: Descriptor;
  readonly annotations: Readonly<Record<string, string>>;
  /** Bytes of all platforms as they are transferred, each digest once; absent where a part is not known. */
  readonly size?: number;
  /** RFC 3339; of the image shown, else of the annotations. */
  readonly created?: string;
  readonly platforms: readonly PlatformSummary[];
  /** The image itself, or of an index the one for the platform chosen; absent where an index has no image. */
  readonly image?: ImageDetails;
  /** Attached to the whole, and to the image shown. */
  readonly attachments: readonly Attachment[];
  /** Whether more is attached than is shown, or the store refuses to tell. */
  readonly attachmentsIncomplete: boolean;
}

/** Platforms whose manifests are read; no honest index has as many. */
const mostSizes = 256;

/**
 * Looks at an image.
 *
 * @param reference tag or digest
 * @throws WharfError MANIFEST_NOT_FOUND, PLATFORM_NOT_FOUND
 * @example
 * const { platforms, image } = await inspect(connect("docker.io").repository("library/nginx"), "latest");
 */
export async function inspect(
  store: Source,
  reference: string,
  options: InspectOptions = {},
): Promise<Inspection> {
  const root = await readManifest(store, reference, only(options));
  const { descriptor, parsed } = root;
  const isIndex = parsed.kind === "index";
  const { platforms, size, image, attachments, truncated } = isIndex
    ? await lookAtIndex(store, root, options)
    : await lookAtImage(store, root, options);
  const annotations = annotationsOf(parsed);
  const created = image?.run?.created ?? annotations["org.opencontainers.image.created"];
  return {
    reference,
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    kind: isIndex ? "index" : image?.run ? "image" : "artifact",
    ...(parsed.kind !== "schema1" && {
      ...(parsed.artifactType !== undefined && { artifactType: parsed.artifactType }),
      ...(parsed.subject !== undefined && { subject: parsed.subject }),
    }),
    annotations,
    ...(size !== undefined && { size }),
    ...(created !== undefined && { created }),
    platforms,
    ...(image && { image }),
    attachments,
    attachmentsIncomplete: truncated,
  };
}

async function lookAtIndex(store: Source, root: ReadManifest, options: InspectOptions) {
  const { sizes = true, platform } = options;
  const found = await leaves(store, root, only(options));
  const chosen = platform ? choose(found, root, platform) : pick(found);
  const listed = platformsOf(found);
  const wanted = new Set(chosen && [chosen]);
  if (sizes) for (const { descriptor } of listed.slice(0, mostSizes)) wanted.add(descriptor);
  const [attached, children] = await Promise.all([
    attachmentsOf(store, root, found, chosen, options),
    each([...wanted], (child) => readChild(store, child, only(options))),
  ]);
  const manifests = new Map([...wanted].map(({ digest }, at) => [digest, children[at]]));
  const shown = chosen && manifests.get(chosen.digest);
  return {
    ...attached,
    image: shown && (await detailsOf(store, shown, only(options))),
    platforms: listed.map((entry) => summary(entry, manifests.get(entry.descriptor.digest))),
    size: sizeOf(listed.map((entry) => manifests.get(entry.descriptor.digest)?.parsed)),
  };
}

async function lookAtImage(store: Source, root: ReadManifest, options: InspectOptions) {
  const { descriptor } = root;
  const [attached, image] = await Promise.all([
    attachmentsOf(store, root, [], undefined, options),
    detailsOf(store, root, only(options)),
  ]);
  const platform = image.run?.platform;
  const listed = platform ? [{ platform, descriptor }] : [];
  if (options.platform && platform) {
    choose([{ ...descriptor, platform }], root, options.platform);
  }
  return {
    ...attached,
    image,
    platforms: listed.map((entry) => summary(entry, root)),
    size: image.size,
  };
}

/** An index may name what the store lacks; then there is only less to say. */
async function readChild(
  store: Source,
  { digest }: Descriptor,
  options: Cancellable,
): Promise<ReadManifest | undefined> {
  try {
    return await readManifest(store, digest, options);
  } catch (error) {
    if (isError(error, "MANIFEST_NOT_FOUND", "MANIFEST_INVALID")) return undefined;
    throw error;
  }
}

async function attachmentsOf(
  store: Source,
  { descriptor }: ReadManifest,
  found: readonly Descriptor[],
  chosen: Descriptor | undefined,
  options: InspectOptions,
) {
  if (options.attachments === false) return { attachments: [], truncated: false };
  const digests = new Set([descriptor.digest, ...(chosen ? [chosen.digest] : [])]);
  const own = found.filter(
    (leaf) => isAttestation(leaf) && attestedDigest(leaf) === chosen?.digest,
  );
  const known = own.map((leaf) => ({
    descriptor: leaf,
    subject: chosen!.digest,
    via: "index" as const,
  }));
  try {
    return await growTree(store, [...digests], known, only(options));
  } catch (error) {
    // A registry that does not let its referrers be listed still has an image to show.
    const refused = isError(
      error,
      "UNSUPPORTED",
      "FORBIDDEN",
      "REGISTRY_ERROR",
      "RESPONSE_INVALID",
    );
    if (!refused) throw error;
    return { attachments: [], truncated: true };
  }
}

async function detailsOf(
  store: Source,
  { descriptor, parsed }: ReadManifest,
  options: Cancellable,
): Promise<ImageDetails> {
  const run = await configOf(store, parsed, options);
  const config = configDescriptor(parsed);
  const size = sizeOf([parsed]);
  return {
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    ...(size !== undefined && { size }),
    ...(config !== undefined && { config }),
    layers: layersOf(parsed),
    annotations: annotationsOf(parsed),
    ...(run !== undefined && { run }),
  };
}

function layersOf(parsed: ParsedManifest): readonly Descriptor[] {
  if (parsed.kind === "image") return parsed.layers;
  if (parsed.kind === "index") return [];
  const mediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip";
  return parsed.layers.map((digest) => ({ mediaType, digest, size: 0 }));
}

function summary(
  { platform, descriptor }: { readonly platform: Platform; readonly descriptor: Descriptor },
  manifest: ReadManifest | undefined,
): PlatformSummary {
  const size = sizeOf([manifest?.parsed]);
  return {
    platform,
    digest: descriptor.digest,
    ...(size !== undefined && { size }),
    ...(manifest && { layers: layersOf(manifest.parsed).length }),
  };
}

function annotationsOf(parsed: ParsedManifest): Readonly<Record<string, string>> {
  return parsed.kind === "schema1" ? {} : (parsed.annotations ?? {});
}

/** The signal alone, for the calls below. */
function only({ signal }: Cancellable): Cancellable {
  return signal === undefined ? {} : { signal };
}

/** Bytes of all configurations and layers, each digest once; undefined where a part is not known. */
function sizeOf(manifests: readonly (ParsedManifest | undefined)[]): number | undefined {
  const sizes = new Map<Digest, number>();
  for (const manifest of manifests) {
    if (manifest?.kind !== "image") return undefined;
    for (const { digest, size } of [manifest.config, ...manifest.layers]) sizes.set(digest, size);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
