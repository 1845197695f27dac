/** Writes an OCI layout into a tar: blobs as they come, index.json at the end (image-spec 1.1, "OCI Image Layout"). */
import { mediaTypes, type Descriptor, type Digest } from "../../reference/descriptor.ts";
import { isDigest, parseDigest } from "../../reference/digest.ts";
import { checkTag } from "../../reference/reference.ts";
import { admitManifest, type ManifestRecord } from "../admission.ts";
import { manifestNotFound } from "../missing.ts";
import { bytesSource } from "../sources.ts";
import type { BlobSource, Cancellable, Manifest, PushOptions, ReferrerLister } from "../store.ts";
import { blobPath, refName } from "./ociSource.ts";
import type { Output } from "./output.ts";
import { Once, openChecked, type ArchiveTarget } from "./target.ts";

export async function createOciTarget(
  output: Output,
  subject: string,
): Promise<ArchiveTarget & ReferrerLister> {
  const layout = new TextEncoder().encode('{"imageLayoutVersion":"1.0.0"}');
  await addBytes(output, "oci-layout", layout);
  return new OciTarget(output, subject);
}

function addBytes(output: Output, name: string, bytes: Uint8Array): Promise<void> {
  return output.add({ name, size: bytes.byteLength, open: () => bytesSource(bytes).open(0) });
}

class OciTarget implements ArchiveTarget, ReferrerLister {
  readonly imagesOnly = false;
  readonly #output: Output;
  readonly #subject: string;
  /** Bytes of what is in the archive. */
  readonly #blobs = new Map<Digest, number>();
  readonly #manifests = new Map<Digest, ManifestRecord>();
  readonly #tags = new Map<string, Digest>();
  readonly #once = new Once();

  constructor(output: Output, subject: string) {
    this.#output = output;
    this.#subject = subject;
  }

  async resolve(reference: string): Promise<Descriptor> {
    const digest = isDigest(reference) ? reference : this.#tags.get(reference);
    const found = digest === undefined ? undefined : this.#manifests.get(digest);
    if (!found) throw manifestNotFound(reference, this.#subject);
    return found.descriptor;
  }

  async statBlob(digest: Digest): Promise<Descriptor | undefined> {
    const size = this.#blobs.get(digest);
    if (size === undefined) return undefined;
    return { mediaType: "application/octet-stream", digest, size };
  }

  async pushBlob(
    descriptor: Descriptor,
    source: BlobSource,
    options: Cancellable & PushOptions = {},
  ): Promise<void> {
    const { digest, size } = descriptor;
    parseDigest(digest);
    await this.#once.run(
      digest,
      () => this.#blobs.has(digest),
      async () => {
        const open = () => openChecked(descriptor, source, options);
        await this.#output.add({ name: blobPath(digest), size, open }, options);
        this.#blobs.set(digest, size);
      },
    );
  }

  async pushManifest(
    manifest: Manifest,
    { tag, ...options }: Cancellable & { tag?: string } = {},
  ): Promise<void> {
    if (tag !== undefined) checkTag(tag);
    const record = admitManifest(manifest);
    await this.pushBlob(record.descriptor, bytesSource(manifest.bytes), options);
    this.#manifests.set(record.descriptor.digest, record);
    if (tag !== undefined) this.#tags.set(tag, record.descriptor.digest);
  }

  async *listReferrers(
    digest: Digest,
    { artifactType }: { artifactType?: string } = {},
  ): AsyncIterable<Descriptor> {
    for (const { subject, referrer } of this.#manifests.values()) {
      if (subject !== digest) continue;
      if (artifactType === undefined || referrer.artifactType === artifactType) yield referrer;
    }
  }

  async finish(): Promise<void> {
    const index = {
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: this.#entries(),
    };
    try {
      await addBytes(this.#output, "index.json", new TextEncoder().encode(JSON.stringify(index)));
      await this.#output.finish();
    } catch (error) {
      await this.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    await this.#output.abort();
  }

  /** What has a tag, by tag; then what has none and is no part of an index, by digest. */
  #entries(): Descriptor[] {
    const named = new Set(this.#tags.values());
    const parts = new Set<Digest>();
    for (const { children } of this.#manifests.values()) {
      for (const { digest } of children) parts.add(digest);
    }
    const roots = [...this.#manifests.keys()].filter((it) => !named.has(it) && !parts.has(it));
    return [
      ...[...this.#tags].toSorted(byKey).map(([tag, digest]) => this.#entry(digest, tag)),
      ...roots.toSorted().map((digest) => this.#entry(digest)),
    ];
  }

  #entry(digest: Digest, tag?: string): Descriptor {
    const { descriptor, subject, referrer } = this.#manifests.get(digest)!;
    const { artifactType } = referrer;
    return {
      ...descriptor,
      ...(subject !== undefined && artifactType !== undefined && { artifactType }),
      ...(tag !== undefined && { annotations: { [refName]: tag } }),
    };
  }
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
