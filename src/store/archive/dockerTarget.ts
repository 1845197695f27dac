/**
 * Writes what `docker load` and `podman load` read: layers as DIFFID.tar, configurations as DIGEST.json, and manifest.json,
 * which names them, at the end.
 * Source: docker's image specification 1.2, "Combined Image JSON + Filesystem Changeset Format".
 */
import { WharfError } from "../../errors.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { digestOf, isDigest, parseDigest } from "../../reference/digest.ts";
import { parseManifest, type ImageManifest } from "../../reference/manifest.ts";
import {
  checkTag,
  formatReference,
  parseReference,
  withDefaultTag,
} from "../../reference/reference.ts";
import { admitManifest } from "../admission.ts";
import { blobNotFound, manifestNotFound } from "../missing.ts";
import { bytesSource } from "../sources.ts";
import type { BlobSource, Cancellable, Manifest, PushOptions } from "../store.ts";
import { DockerBlobs, layerPath, noImage } from "./dockerBlobs.ts";
import { diffIdsOf } from "./dockerImage.ts";
import type { Output } from "./output.ts";
import type { ArchiveTarget } from "./target.ts";

export interface DockerTargetOptions {
  /** Names that the image gets, whatever its tag, such as `busybox:1.36`; they are written whole. */
  readonly names?: readonly string[];
  /** Repository, such as `docker.io/library/busybox`, that makes a tag an image's name. Without it tags are not written. */
  readonly repository?: string;
}

/** @throws WharfError REFERENCE_INVALID */
export function createDockerTarget(
  output: Output,
  subject: string,
  options: DockerTargetOptions = {},
): ArchiveTarget {
  return new DockerTarget(output, subject, options);
}

interface Image {
  readonly config: Uint8Array;
  readonly diffIds: readonly Digest[];
}

class DockerTarget implements ArchiveTarget {
  readonly imagesOnly = true;
  readonly #output: Output;
  readonly #subject: string;
  readonly #repository: string | undefined;
  readonly #givenNames: readonly string[];
  readonly #blobs: DockerBlobs;
  readonly #manifests = new Map<Digest, Descriptor>();
  /** By the path of the configuration: what has the same is the same image to docker. */
  readonly #images = new Map<string, Image>();
  readonly #tags = new Map<string, Digest>();
  /** Paths of configurations by name. */
  readonly #names = new Map<string, string>();

  constructor(output: Output, subject: string, { names = [], repository }: DockerTargetOptions) {
    this.#output = output;
    this.#subject = subject;
    this.#repository = repository;
    this.#givenNames = names.map(wholeName);
    this.#blobs = new DockerBlobs(output, subject);
  }

  async resolve(reference: string): Promise<Descriptor> {
    const digest = isDigest(reference) ? reference : this.#tags.get(reference);
    const found = digest === undefined ? undefined : this.#manifests.get(digest);
    if (!found) throw manifestNotFound(reference, this.#subject);
    return found;
  }

  async statBlob(digest: Digest): Promise<Descriptor | undefined> {
    const size = this.#blobs.get(digest)?.size;
    if (size === undefined) return undefined;
    return { mediaType: "application/octet-stream", digest, size };
  }

  async pushBlob(
    descriptor: Descriptor,
    source: BlobSource,
    options: Cancellable & PushOptions = {},
  ): Promise<void> {
    await this.#blobs.push(descriptor, source, options);
  }

  async pushManifest(manifest: Manifest, { tag }: { tag?: string } = {}): Promise<void> {
    if (tag !== undefined) checkTag(tag);
    const { descriptor } = admitManifest(manifest);
    const parsed = parseManifest(manifest.bytes, descriptor.mediaType);
    if (parsed.kind === "index") {
      const message = `${this.#subject}: holds images of one platform, not an index`;
      throw new WharfError("UNSUPPORTED", message, {
        hint: "Choose one with --platform, such as `--platform local`, or write an oci-archive.",
      });
    }
    if (parsed.kind !== "image") {
      throw noImage(this.#subject, `${descriptor.digest} is a manifest of schema 1`);
    }
    const image = this.#imageOf(descriptor.digest, parsed);
    const path = `${parseDigest(digestOf(image.config)).encoded}.json`;
    this.#images.set(path, image);
    this.#manifests.set(descriptor.digest, descriptor);
    for (const name of this.#givenNames) this.#names.set(name, path);
    if (tag === undefined) return;
    this.#tags.set(tag, descriptor.digest);
    if (this.#repository) this.#names.set(wholeName(`${this.#repository}:${tag}`), path);
  }

  /** @throws WharfError DIGEST_MISMATCH where a layer is not the one that the configuration promises */
  #imageOf(manifest: Digest, { config, layers }: ImageManifest): Image {
    const stored = this.#stored(config.digest);
    if (!("config" in stored)) {
      throw noImage(this.#subject, `${config.digest} is a layer, not a configuration`);
    }
    const diffIds = layers.map(({ digest }) => {
      const layer = this.#stored(digest);
      if ("diffId" in layer) return layer.diffId;
      throw noImage(this.#subject, `${digest} is a configuration, not a layer`);
    });
    const promised = this.#diffIdsOf(stored.config);
    if (promised.length !== diffIds.length) {
      const counts = `${diffIds.length} layers, but its configuration names ${promised.length}`;
      throw new WharfError("MANIFEST_INVALID", `manifest ${manifest} has ${counts}`);
    }
    for (const [at, diffId] of diffIds.entries()) {
      if (diffId === promised[at]) continue;
      const message = `layer ${layers[at]?.digest}: unpacks to ${diffId}, but the configuration promises ${promised[at]}`;
      throw new WharfError("DIGEST_MISMATCH", message);
    }
    return { config: stored.config, diffIds };
  }

  #stored(digest: Digest) {
    const stored = this.#blobs.get(digest);
    if (stored === undefined) throw blobNotFound(digest, this.#subject);
    return stored;
  }

  #diffIdsOf(config: Uint8Array): Digest[] {
    try {
      return diffIdsOf(config, "its configuration");
    } catch (error) {
      throw noImage(this.#subject, (error as Error).message);
    }
  }

  async finish(): Promise<void> {
    try {
      const list = [];
      for (const [path, { config, diffIds }] of this.#images) {
        await this.#write(path, config);
        const names = [...this.#names].filter(([, named]) => named === path);
        list.push({
          Config: path,
          RepoTags: names.map(([name]) => name).toSorted(),
          Layers: diffIds.map(layerPath),
        });
      }
      await this.#write("manifest.json", new TextEncoder().encode(JSON.stringify(list)));
      await this.#output.finish();
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    await this.#output.abort();
  }

  #write(name: string, bytes: Uint8Array): Promise<void> {
    const size = bytes.byteLength;
    return this.#output.add({ name, size, open: () => bytesSource(bytes).open(0) });
  }
}

/** A name as docker writes it: host and tag included, no digest. */
function wholeName(name: string): string {
  const { digest: _, ...reference } = parseReference(name);
  return formatReference(withDefaultTag(reference));
}
