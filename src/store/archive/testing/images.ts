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

const compressions = {
  none: { type: "application/vnd.docker.image.rootfs.diff.tar", pack: (bytes: Buffer) => bytes },
  gzip: { type: mediaTypes.dockerLayerGzip, pack: (bytes: Buffer) => gzipSync(bytes) },
  zstd: { type: mediaTypes.ociLayerZstd, pack: (bytes: Buffer) => zstdCompressSync(bytes) },
};

export async function layerOf(
  files: Readonly<Record<string, Uint8Array | string>>,
  compression: keyof typeof compressions = "gzip",
): Promise<Layer> {
  const plain = await tarOf(files);
  const { type, pack } = compressions[compression];
  return { ...blobOf(pack(plain), type), diffId: digestOf(plain) };
}

export function blobOf(bytes: Uint8Array | string, mediaType: string): Blob {
  const content = Buffer.from(bytes);
  const descriptor = { mediaType, digest: digestOf(content), size: content.length };
  return { descriptor, bytes: content };
}

/** An image for linux/amd64 as docker makes it. */
export function imageOf(layers: readonly Layer[], settings: object = {}): Image {
  const document = {
    architecture: "amd64",
    os: "linux",
    config: { Cmd: ["/hello"], ...settings },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map((_, at) => ({ created_by: `layer ${at}` })),
  };
  const config = blobOf(JSON.stringify(document), mediaTypes.dockerConfig);
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.dockerManifest,
    config: config.descriptor,
    layers: layers.map(({ descriptor }) => descriptor),
  };
  return { manifest: blobOf(JSON.stringify(manifest), mediaTypes.dockerManifest), config, layers };
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
