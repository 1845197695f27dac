/** Puts images together from layers and configurations, for tests and benches. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import {
  type Descriptor,
  type Digest,
  mediaTypes,
  type Platform,
} from "../src/reference/descriptor.ts";
import { digestOf } from "../src/reference/digest.ts";
import { createMemoryRepository } from "../src/store/memory.ts";
import { bytesSource } from "../src/store/sources.ts";
import type { BlobSource, Manifest, Pusher, Repository } from "../src/store/store.ts";
import type { NewTarEntry } from "../src/store/tar/entry.ts";
import { createTarWriter } from "../src/store/tar/writer.ts";

/** An image, or several that belong together, ready to be pushed anywhere. */
export interface TestImage {
  readonly tag: string;
  /** What the tag names. */
  readonly root: Descriptor;
  /** The image manifests, each with its platform. */
  readonly platforms: readonly Descriptor[];
  /** Each blob once. */
  readonly blobs: readonly TestBlob[];
  /** Children before those that name them. */
  readonly manifests: readonly TaggedManifest[];
  /** Pushes everything, tags too. */
  pushTo(target: Pusher): Promise<void>;
  /** Everything in memory. */
  store(): Promise<Repository>;
}

export interface TestBlob {
  readonly descriptor: Descriptor;
  readonly source: BlobSource;
}

export interface TaggedManifest extends Manifest {
  readonly tag?: string;
}

/** A layer: what a manifest and a configuration say about it. */
export interface Layer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

/** What an image runs; the fields of image-spec's `config`. */
export interface RunConfig {
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly WorkingDir?: string;
  readonly User?: string;
  readonly ExposedPorts?: Readonly<Record<string, object>>;
  readonly Volumes?: Readonly<Record<string, object>>;
}

/** The one date in test images, so that their digests stay. */
export const created = "2026-01-01T00:00:00Z";

/** Collects blobs and manifests; each `add` gives the descriptor that others need. */
export class ImageBuilder {
  readonly #blobs = new Map<Digest, TestBlob>();
  readonly #manifests: TaggedManifest[] = [];

  addBlob(mediaType: string, bytes: Uint8Array, annotations?: Record<string, string>): Descriptor {
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
    this.addSource(descriptor, bytesSource(bytes));
    return { ...descriptor, ...(annotations && { annotations }) };
  }

  addSource(descriptor: Descriptor, source: BlobSource): void {
    this.#blobs.set(descriptor.digest, { descriptor, source });
  }

  /** A layer of files, compressed. */
  async addLayer(files: readonly TarFile[]): Promise<Layer> {
    const tar = await tarOf(files);
    const compressed = await promisify(gzip)(tar);
    return {
      descriptor: this.addBlob(mediaTypes.ociLayerGzip, compressed),
      diffId: digestOf(tar),
    };
  }

  /** The image of one platform. */
  addImage(platform: Platform, layers: readonly Layer[], config: RunConfig = {}): Descriptor {
    const { os, architecture, variant } = platform;
    const history = layers.map((_, index) => ({ created, created_by: `COPY layer-${index} /` }));
    const document = {
      created,
      os,
      architecture,
      ...(variant !== undefined && { variant }),
      config,
      rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
      history: [...history, { created, created_by: "ENTRYPOINT", empty_layer: true }],
    };
    const manifest = this.addManifest({
      mediaType: mediaTypes.ociManifest,
      config: this.addBlob(mediaTypes.ociConfig, json(document)),
      layers: layers.map(({ descriptor }) => descriptor),
    });
    return { ...manifest, platform };
  }

  addIndex(manifests: readonly Descriptor[], fields: object = {}): Descriptor {
    return this.addManifest({ mediaType: mediaTypes.ociIndex, manifests, ...fields });
  }

  /** What refers to another manifest; with one file as its content (image-spec 1.1, "Guidelines for Artifact Usage"). */
  addArtifact(subject: Descriptor, artifactType: string, layer: Descriptor): Descriptor {
    const { mediaType, digest, size } = subject;
    return this.addManifest({
      mediaType: mediaTypes.ociManifest,
      artifactType,
      config: this.addBlob(mediaTypes.ociEmpty, Buffer.from("{}")),
      layers: [layer],
      subject: { mediaType, digest, size },
      annotations: { "org.opencontainers.image.created": created },
    });
  }

  addManifest(
    document: { readonly mediaType: string; readonly [field: string]: unknown },
    tag?: string,
  ): Descriptor {
    const bytes = json({ schemaVersion: 2, ...document });
    const { mediaType } = document;
    const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
    this.#manifests.push({ descriptor, bytes, ...(tag !== undefined && { tag }) });
    return descriptor;
  }

  /** @param root gets the tag */
  finish(tag: string, root: Descriptor, platforms: readonly Descriptor[]): TestImage {
    const blobs = [...this.#blobs.values()];
    const manifests = this.#manifests.map((manifest) =>
      manifest.descriptor.digest === root.digest ? { ...manifest, tag } : manifest,
    );
    const image: TestImage = {
      tag,
      root,
      platforms,
      blobs,
      manifests,
      async pushTo(target) {
        for (const { descriptor, source } of blobs) await target.pushBlob(descriptor, source);
        for (const { tag, ...manifest } of manifests)
          await target.pushManifest(manifest, tag === undefined ? {} : { tag });
      },
      async store() {
        const repository = createMemoryRepository();
        await image.pushTo(repository);
        return repository;
      },
    };
    return image;
  }
}

/** A file of a layer; without a body a directory, or a symbolic link where it names a target. */
export interface TarFile {
  readonly name: string;
  readonly body?: Uint8Array | string;
  readonly link?: string;
  readonly mode?: number;
}

async function tarOf(files: readonly TarFile[]): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const writer = createTarWriter(async (chunk) => chunks.push(chunk));
  const mtime = Date.parse(created) / 1000;
  for (const { name, body, link, mode } of files) {
    const bytes = body === undefined ? undefined : Buffer.from(body);
    const common = { name, mtime, size: bytes?.byteLength ?? 0, ...(mode && { mode }) };
    const entry: NewTarEntry =
      link !== undefined
        ? { ...common, type: "symlink", linkName: link, mode: 0o777 }
        : bytes
          ? common
          : { ...common, type: "directory" };
    await writer.entry(entry, bytes);
  }
  await writer.finish();
  return Buffer.concat(chunks);
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
