/** Images made of a few files for tests, and what a tar of them says. */
import { gzipSync, zstdCompressSync } from "node:zlib";

import { mediaTypes, type Descriptor } from "../../../reference/descriptor.ts";
import { gather } from "../../../store/archive/testing/images.ts";
import { createMemoryRepository } from "../../../store/memory.ts";
import type { Bytes, Repository } from "../../../store/store.ts";
import type { NewTarEntry } from "../../../store/tar/entry.ts";
import { readTar } from "../../../store/tar/reader.ts";
import { createTarWriter } from "../../../store/tar/writer.ts";
import { pushDocument, pushText } from "../../../transfer/testing/images.ts";
import { openFilesystem, type Filesystem, type FilesystemOptions } from "../image.ts";

/** A file with its content, or something without one. */
export type Item = Omit<NewTarEntry, "size"> & { readonly content?: string | Uint8Array };

export const file = (name: string, content: string | Uint8Array = name, mode = 0o644): Item => ({
  name,
  content,
  mode,
});
export const directory = (name: string, mode = 0o755): Item => ({ name, type: "directory", mode });
export const symlink = (name: string, linkName: string): Item => ({
  name,
  type: "symlink",
  linkName,
  mode: 0o777,
});
export const hardlink = (name: string, linkName: string): Item => ({
  name,
  type: "hardlink",
  linkName,
});
/** Hides `name` of the layers below. */
export const whiteout = (name: string): Item => file(name.replace(/[^/]*$/, ".wh.$&"), "");
/** Hides what the layers below have in a folder. */
export const opaque = (folder: string): Item => file(`${folder}/.wh..wh..opq`, "");

export async function layerOf(items: readonly Item[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const tar = createTarWriter(async (chunk) => chunks.push(Buffer.from(chunk)));
  for (const { content = "", ...entry } of items) {
    const bytes = Buffer.from(content);
    await tar.entry({ ...entry, size: bytes.length }, bytes);
  }
  await tar.finish();
  return Buffer.concat(chunks);
}

/** How a layer is packed: the media type says it, or lies. */
export type Packing = "none" | "gzip" | "zstd" | "mislabelled";

const packings = {
  none: [mediaTypes.ociLayer, (bytes: Buffer) => bytes],
  gzip: [mediaTypes.ociLayerGzip, (bytes: Buffer) => gzipSync(bytes, { level: 1 })],
  zstd: [mediaTypes.ociLayerZstd, (bytes: Buffer) => zstdCompressSync(bytes)],
  mislabelled: [mediaTypes.ociLayerZstd, (bytes: Buffer) => gzipSync(bytes, { level: 1 })],
} as const;

export interface PushedOptions {
  readonly tag?: string;
  readonly packing?: Packing;
  /** Fields of the configuration. */
  readonly config?: object;
}

/** Stores an image of layers, the base first. */
export async function pushLayers(
  store: Repository,
  layers: readonly (readonly Item[])[],
  { tag = "latest", packing = "none", config }: PushedOptions = {},
): Promise<Descriptor> {
  const [type, pack] = packings[packing];
  const descriptors: Descriptor[] = [];
  for (const items of layers) {
    descriptors.push(await pushText(store, pack(await layerOf(items)), type));
  }
  const document = JSON.stringify({ os: "linux", architecture: "amd64", ...config });
  const manifest = {
    config: await pushText(store, document, mediaTypes.ociConfig),
    layers: descriptors,
  };
  return pushDocument(store, mediaTypes.ociManifest, manifest, tag);
}

/** An image of layers, the base first, in memory. */
export async function imageWith(
  layers: readonly (readonly Item[])[],
  options: PushedOptions & FilesystemOptions = {},
): Promise<Filesystem> {
  const store = createMemoryRepository();
  await pushLayers(store, layers, options);
  return openFilesystem(store, options.tag ?? "latest", options);
}

/** What a tar holds: a line for each entry. */
export async function listing(tar: Bytes): Promise<string[]> {
  const lines: string[] = [];
  for await (const { name, type, linkName, mode, body } of readTar(tar)) {
    const content = await gather(body);
    const rights = mode.toString(8);
    if (type === "file") lines.push(`${name} ${rights} ${content.toString()}`);
    else if (type === "symlink") lines.push(`${name} -> ${linkName}`);
    else if (type === "hardlink") lines.push(`${name} == ${linkName}`);
    else lines.push(`${name} ${rights}`);
  }
  return lines;
}
