/** Small images whose layers are real tars, and ways to move them about. */
import { gzipSync, zstdCompressSync } from "node:zlib";

import { mediaTypes, type Descriptor, type Digest } from "../../../reference/descriptor.ts";
import { digestOf } from "../../../reference/digest.ts";
import { bytesSource } from "../../sources.ts";
import type { Bytes, Manifest, Pusher } from "../../store.ts";
import { createTarWriter } from "../../tar/writer.ts";

export interface Blob {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

export interface Layer extends Blob {
  readonly diffId: Digest;
  readonly compression: Compression;
}

export interface Image {
  readonly manifest: Manifest;
  readonly config: Blob;
  readonly layers: readonly Layer[];
}

export async function gather(body: Bytes): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

/** A tar of these files, in this order. */
export async function tarOf(files: Readonly<Record<string, Uint8Array | string>>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const tar = createTarWriter(async (chunk) => chunks.push(Buffer.from(chunk)));
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    await tar.entry({ name, size: bytes.length, mode: 0o755 }, bytes);
  }
  await tar.finish();
  return Buffer.concat(chunks);
}

type Compression = "none" | "gzip" | "zstd";

const pack = {
  none: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes),
  zstd: (bytes: Buffer) => zstdCompressSync(bytes),
};

const dockerLayers: Readonly<Record<Compression, string>> = {
  none: "application/vnd.docker.image.rootfs.diff.tar",
  gzip: mediaTypes.dockerLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
};

const ociLayers: Readonly<Record<Compression, string>> = {
  none: mediaTypes.ociLayer,
  gzip: mediaTypes.ociLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
};

/** A layer as docker calls it. */
export async function layerOf(
  files: Readonly<Record<string, Uint8Array | string>>,
  compression: Compression = "gzip",
): Promise<Layer> {
  const plain = await tarOf(files);
  const blob = blobOf(pack[compression](plain), dockerLayers[compression]);
  return { ...blob, diffId: digestOf(plain), compression };
}

export function blobOf(bytes: Uint8Array | string, mediaType: string): Blob {
  const content = Buffer.from(bytes);
  const descriptor = { mediaType, digest: digestOf(content), size: content.length };
  return { descriptor, bytes: content };
}

/** An image for linux/amd64, as docker or as the OCI describes it. */
export function imageOf(layers: readonly Layer[], form: "docker" | "oci" = "docker"): Image {
  const oci = form === "oci";
  const document = {
    architecture: "amd64",
    os: "linux",
    config: { Cmd: ["/hello"] },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map((_, at) => ({ created_by: `layer ${at}` })),
  };
  const config = blobOf(
    JSON.stringify(document),
    oci ? mediaTypes.ociConfig : mediaTypes.dockerConfig,
  );
  const named = layers.map((layer) => {
    const mediaType = (oci ? ociLayers : dockerLayers)[layer.compression];
    return { ...layer, descriptor: { ...layer.descriptor, mediaType } };
  });
  const mediaType = oci ? mediaTypes.ociManifest : mediaTypes.dockerManifest;
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: config.descriptor,
    layers: named.map(({ descriptor }) => descriptor),
  };
  return { manifest: blobOf(JSON.stringify(manifest), mediaType), config, layers: named };
}

/** Pushes all of an image at once, the manifest last. */
export async function pushImage(target: Pusher, image: Image, tag?: string): Promise<void> {
  await Promise.all(
    [...image.layers, image.config].map(({ descriptor, bytes }) =>
      target.pushBlob(descriptor, bytesSource(bytes)),
    ),
  );
  await target.pushManifest(image.manifest, tag === undefined ? {} : { tag });
}

/** The same as the suite of behaviours has its images. */
export const behaviourImage = ({ manifest, config, layers }: Image) => ({
  manifest,
  blobs: [config, ...layers],
  children: [],
});

/** What a docker archive holds as it was pushed: layers that nobody has compressed, a name with a host. */
export const dockerContent = async () => ({
  tag: "docker.io/library/behaviours:one",
  image: imageOf([
    await layerOf({ first: "1" }, "none"),
    await layerOf({ second: "2".repeat(9000) }, "none"),
  ]),
});
