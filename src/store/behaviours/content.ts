/** Content to try stores with. */
import { createHash } from "node:crypto";

import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { mediaTypes } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import type { DigestAlgorithm } from "../../reference/digest.ts";
import type { Manifest, Source } from "../store.ts";

/** A blob with its bytes; a manifest has the same form. */
export interface Content {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** A manifest with what it names, ready to be pushed in this order: blobs, children, manifest. */
export interface Image {
  readonly manifest: Manifest;
  readonly blobs: readonly Content[];
  readonly children: readonly Image[];
}

export function contentOf(
  bytes: Uint8Array | string,
  mediaType: string = mediaTypes.ociLayerGzip,
  algorithm: DigestAlgorithm = "sha256",
): Content {
  const data = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  return {
    bytes: data,
    descriptor: { mediaType, digest: digestOf(data, algorithm), size: data.byteLength },
  };
}

/** `size` bytes that look random, always the same for one `seed`. */
export function noise(size: number, seed = "noise"): Uint8Array {
  const block = createHash("sha512").update(seed).digest();
  const bytes = new Uint8Array(size);
  for (let start = 0; start < size; start += block.length) {
    block.writeUInt32LE(start >>> 6, 0);
    bytes.set(block.subarray(0, Math.min(block.length, size - start)), start);
  }
  return bytes;
}

export interface ImageFields {
  readonly artifactType?: string;
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** An image with one layer of its own, so that two seeds share nothing. */
export function imageOf(seed: string, fields: ImageFields = {}): Image {
  const config = contentOf(
    JSON.stringify({
      os: "linux",
      architecture: "amd64",
      seed,
      rootfs: { type: "layers", diff_ids: [] },
    }),
    mediaTypes.ociConfig,
  );
  const layer = contentOf(noise(2000, seed));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: config.descriptor,
    layers: [layer.descriptor],
    ...fields,
  };
  return {
    manifest: contentOf(JSON.stringify(manifest), mediaTypes.ociManifest),
    blobs: [config, layer],
    children: [],
  };
}

/** An index of two images. */
export function indexOf(seed: string): Image {
  const children = [imageOf(`${seed} amd64`), imageOf(`${seed} arm64`)];
  const manifests = children.map(({ manifest }, position) => ({
    ...manifest.descriptor,
    platform: { os: "linux", architecture: position === 0 ? "amd64" : "arm64" },
  }));
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
  return {
    manifest: contentOf(JSON.stringify(index), mediaTypes.ociIndex),
    blobs: [],
    children,
  };
}

/** All of a blob. */
export async function readBlob(
  store: Pick<Source, "fetchBlob">,
  descriptor: Descriptor,
  range: { offset?: number; length?: number } = {},
): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await store.fetchBlob(descriptor, range)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** All of a listing. */
export async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** A digest that nothing here has. */
export const absent: Digest = digestOf(new TextEncoder().encode("never pushed"));
