/** What two images differ in: their manifests, configurations and layers, and if asked for their files. */
import { WharfError } from "../../errors.ts";
import type { Descriptor, Digest, Platform } from "../../reference/descriptor.ts";
import type { Fetcher } from "../../store/store.ts";
import { openFilesystem, imageOf, type FilesystemOptions } from "../filesystem/image.ts";
import { readManifest, type ReadManifest } from "../read.ts";
import { each } from "../several.ts";
import { manifestFields } from "./config.ts";
import { compareFields, type FieldChange } from "./fields.ts";
import { compareFiles, type FileChange } from "./files.ts";
import { sharedBase, type LayerChange } from "./layers.ts";
import { pairs, preferred, type Pair } from "./pairs.ts";
import { compareParts, describe, sizeOf, type Described } from "./parts.ts";
import { remembering } from "./remembering.ts";

/** One of the two. */
export interface DiffSource {
  readonly store: Fetcher;
  /** Tag or digest. */
  readonly reference: string;
}

/** Which images are compared, and whether their files are. */
export interface DiffOptions extends FilesystemOptions {
  /** Of both sides only the images for this platform. @default all platforms of an index, one by one */
  readonly platform?: Platform;
  /**
   * Whether the files are compared too: all layers are read then, those that both share at their base once. Of indexes only
   * those of one platform: this machine's, else linux/amd64, else the first that both have.
   * @default false
   */
  readonly files?: boolean;
}

/** A manifest that was compared. */
export interface DiffSide {
  readonly reference: string;
  readonly digest: Digest;
  readonly mediaType: string;
}

/** An image of one platform, on one of the sides. */
export interface PlatformSide {
  readonly digest: Digest;
  /** Bytes of configuration and layers as they are transferred; absent where they are not known. */
  readonly size?: number;
  readonly layers?: number;
}

/** The images that two sides have for a platform. */
export interface PlatformDiff {
  readonly change: "same" | "added" | "removed" | "changed";
  /** Absent for what has none, such as an artifact. */
  readonly platform?: Platform;
  /** Whether this is what BuildKit attests about the image of that platform. */
  readonly attestation?: true;
  readonly from?: PlatformSide;
  readonly to?: PlatformSide;
  /** What the manifests say: types, subject, annotations. */
  readonly manifest: readonly FieldChange[];
  readonly config: readonly FieldChange[];
  /** The base first, shared ones included; empty unless both sides have the image. */
  readonly layers: readonly LayerChange[];
  /** Only where files were asked for, and of one platform. */
  readonly files?: readonly FileChange[];
}

/** How two images differ. */
export interface ImageDiff {
  /** Whether both are the same bytes: nothing more is looked at then. */
  readonly same: boolean;
  readonly from: DiffSide;
  readonly to: DiffSide;
  /** What the manifests that were named say, where one of them is an index. */
  readonly index: readonly FieldChange[];
  readonly images: readonly PlatformDiff[];
}

/**
 * Compares two images, wherever they are. Indexes are compared platform by platform; of an index and an image, the image's
 * platform is.
 *
 * @throws WharfError MANIFEST_NOT_FOUND, PLATFORM_NOT_FOUND, UNSUPPORTED where files are asked for and there are none
 * @example
 * const hub = connect("docker.io").repository("library/alpine");
 * const { images } = await diffImages({ store: hub, reference: "3.20" }, { store: hub, reference: "3.21" });
 * for (const { platform, layers } of images) console.log(platform, layers);
 */
export async function diffImages(
  one: DiffSource,
  other: DiffSource,
  options: DiffOptions = {},
): Promise<ImageDiff> {
  // Registries count each manifest that is asked for.
  const from = { ...one, store: remembering(one.store) };
  const to = { ...other, store: remembering(other.store) };
  const [before, after] = await Promise.all([rootOf(from, options), rootOf(to, options)]);
  const same = before.descriptor.digest === after.descriptor.digest;
  const found = {
    same,
    from: sideOf(before, from.reference),
    to: sideOf(after, to.reference),
  };
  if (same) return { ...found, index: [], images: [] };
  const hasIndex = before.parsed.kind === "index" || after.parsed.kind === "index";
  const index = hasIndex
    ? compareFields(manifestFields(before.parsed), manifestFields(after.parsed)).filter(
        ({ field }) => field !== "config.mediaType",
      )
    : [];
  const matched = await pairs([from.store, before], [to.store, after], options);
  const chosen = options.files === true ? preferred(matched) : undefined;
  if (options.files === true && chosen === undefined) {
    throw new WharfError(
      "UNSUPPORTED",
      "No platform is on both sides: there are no files to compare",
    );
  }
  const images = await each(matched, (pair) => comparePair(from, to, pair, options));
  if (chosen === undefined) return { ...found, index, images };
  const at = matched.indexOf(chosen);
  const files = await filesOf(from, to, chosen, options);
  return { ...found, index, images: images.map((one, i) => (i === at ? { ...one, files } : one)) };
}

async function rootOf(
  { store, reference }: DiffSource,
  options: DiffOptions,
): Promise<ReadManifest> {
  const root = await readManifest(store, reference, options);
  return options.platform === undefined ? root : imageOf(store, root, options.platform, options);
}

const sideOf = (
  { descriptor: { digest, mediaType } }: ReadManifest,
  reference: string,
): DiffSide => ({
  reference,
  digest,
  mediaType,
});

async function comparePair(
  from: DiffSource,
  to: DiffSource,
  { platform, attestation, before, after }: Pair,
  options: DiffOptions,
): Promise<PlatformDiff> {
  const head = {
    ...(platform !== undefined && { platform }),
    ...(attestation && { attestation }),
  };
  const nothing = { manifest: [], config: [], layers: [] };
  if (before?.digest === after?.digest) {
    const side = { digest: before!.digest };
    return { change: "same", ...head, from: side, to: side, ...nothing };
  }
  const [left, right] = await Promise.all([
    before && describe(from.store, before, options),
    after && describe(to.store, after, options),
  ]);
  const sides = {
    ...(before && { from: platformSide(before, left) }),
    ...(after && { to: platformSide(after, right) }),
  };
  if (before === undefined) return { change: "added", ...head, ...sides, ...nothing };
  if (after === undefined) return { change: "removed", ...head, ...sides, ...nothing };
  const parts = left && right && !attestation ? compareParts(left, right) : nothing;
  return { change: "changed", ...head, ...sides, ...parts };
}

function platformSide({ digest }: Descriptor, described: Described | undefined): PlatformSide {
  if (described === undefined) return { digest };
  const size = sizeOf(described);
  return { digest, ...(size !== undefined && { size }), layers: described.layers.length };
}

async function filesOf(
  from: DiffSource,
  to: DiffSource,
  { before, after }: Pair,
  { signal, onProgress, maxUnpacked }: DiffOptions,
): Promise<FileChange[]> {
  if (before!.digest === after!.digest) return [];
  const options = {
    ...(signal && { signal }),
    ...(onProgress && { onProgress }),
    ...(maxUnpacked !== undefined && { maxUnpacked }),
  };
  const [left, right] = await Promise.all([
    openFilesystem(from.store, before!.digest, options),
    openFilesystem(to.store, after!.digest, options),
  ]);
  const [a, b] = await Promise.all([
    describe(from.store, before!, options),
    describe(to.store, after!, options),
  ]);
  return compareFiles(left, right, sharedBase(a?.layers ?? [], b?.layers ?? []));
}
