/** The layers of an image, found and ready to be read as one file system. */
import { WharfError } from "../../errors.ts";
import type { Descriptor, Platform } from "../../reference/descriptor.ts";
import type { ParsedManifest, Schema1Manifest } from "../../reference/manifest.ts";
import { supports, type Cancellable, type Fetcher } from "../../store/store.ts";
import { choose, leaves, pick } from "../platforms.ts";
import { readManifest, type ReadManifest } from "../read.ts";

/** Which image is read, and how large its layers may be. */
export interface FilesystemOptions extends Cancellable {
  /** @default this machine's, else linux/amd64, else the first there is */
  readonly platform?: Platform;
  /** Called with the bytes of a layer that have come, compressed as it is; begins anew where a layer is read twice. */
  readonly onProgress?: (layer: Descriptor, bytes: number) => void;
  /** Bytes that a layer may come to when it is decompressed. @default a hundredfold and a GiB */
  readonly maxUnpacked?: number;
}

/** An image whose files can be read: `flattened`, `exportTar`, `listFiles`, `readFile`. */
export interface Filesystem {
  /** Of the image's manifest. */
  readonly descriptor: Descriptor;
  /** The base first. */
  readonly layers: readonly Descriptor[];
  readonly store: Fetcher;
  readonly options: Omit<FilesystemOptions, "platform">;
}

/**
 * Finds the layers of an image; none is fetched yet.
 *
 * @param reference tag or digest; of an index the image for one platform is taken
 * @throws WharfError MANIFEST_NOT_FOUND, PLATFORM_NOT_FOUND; UNSUPPORTED where it is no image of files
 * @example
 * const image = await openFilesystem(connect("docker.io").repository("library/alpine"), "latest");
 * for await (const chunk of exportTar(image)) await file.write(chunk);
 */
export async function openFilesystem(
  store: Fetcher,
  reference: string,
  { platform, ...options }: FilesystemOptions = {},
): Promise<Filesystem> {
  const root = await readManifest(store, reference, options);
  const { descriptor, parsed } = await imageOf(store, root, platform, options);
  return { descriptor, layers: await layersOf(store, descriptor, parsed, options), store, options };
}

/** The manifest of the image for a platform. */
export async function imageOf(
  store: Fetcher,
  root: ReadManifest,
  platform: Platform | undefined,
  { signal }: Cancellable,
): Promise<ReadManifest> {
  const options = signal === undefined ? {} : { signal };
  const isIndex = root.parsed.kind === "index";
  if (!isIndex && platform === undefined) return root;
  const found = await leaves(store, root, options);
  const chosen = platform === undefined ? pick(found) : choose(found, root, platform);
  if (chosen === undefined) {
    throw new WharfError(
      "PLATFORM_NOT_FOUND",
      `index ${root.descriptor.digest}: names no image at all`,
    );
  }
  return isIndex ? readManifest(store, chosen.digest, options) : root;
}

/** Layers by what they are called; how they are compressed is told by their bytes. */
const layerTypes =
  /^application\/vnd\.(oci\.image\.layer\.(nondistributable\.)?v1\.tar|docker\.image\.rootfs\.(foreign\.)?diff\.tar)([.+](gzip|zstd))?$/;

async function layersOf(
  store: Fetcher,
  { digest }: Descriptor,
  parsed: ParsedManifest,
  options: Cancellable,
): Promise<readonly Descriptor[]> {
  if (parsed.kind === "schema1") return schema1Layers(store, parsed, options);
  const layers = parsed.kind === "image" ? parsed.layers : [];
  const odd = layers.find(({ mediaType }) => !layerTypes.test(mediaType));
  if (odd === undefined) return layers;
  if (odd.mediaType.endsWith("+encrypted")) {
    throw new WharfError("UNSUPPORTED", `image ${digest}: layer ${odd.digest} is encrypted`, {
      hint: "Decrypt the image first, for example with `skopeo copy --decryption-key`.",
    });
  }
  const type = (parsed.kind === "image" && parsed.artifactType) || odd.mediaType;
  throw new WharfError("UNSUPPORTED", `${digest} is no image with files, but of type ${type}`, {
    hint: "The files of an artifact are fetched with `wharf pull`.",
  });
}

/** Schema 1 names layers without their sizes. */
async function schema1Layers(
  store: Fetcher,
  { layers }: Schema1Manifest,
  options: Cancellable,
): Promise<Descriptor[]> {
  if (!supports(store, "statBlob")) {
    const message =
      "An image of schema 1 does not tell the sizes of its layers, nor does this store";
    throw new WharfError("UNSUPPORTED", message);
  }
  const found: Descriptor[] = [];
  for (const digest of layers) {
    const known = await store.statBlob(digest, options);
    if (!known) throw new WharfError("BLOB_NOT_FOUND", `There is no layer ${digest}`);
    found.push(known);
  }
  return found;
}
