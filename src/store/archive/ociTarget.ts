/** Writes an OCI layout into a tar: blobs as they come, index.json at the end (image-spec 1.1, "OCI Image Layout"). */
import { mediaTypes, type Descriptor, type Digest } from "../../reference/descriptor.ts";
import { isDigest, parseDigest } from "../../reference/digest.ts";
import { referrersTag } from "../../reference/manifest.ts";
import { checkTag } from "../../reference/name.ts";
import { admitManifest, type ManifestRecord } from "../admission.ts";
import { Entries } from "../layout/entries.ts";
import { referrersIndex } from "../layout/referrers.ts";
import { manifestNotFound } from "../missing.ts";
import { bytesSource } from "../sources.ts";
import type { BlobSource, Cancellable, Manifest, PushOptions, ReferrerLister } from "../store.ts";
import { blobPath } from "./ociSource.ts";
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
    try {
      const entries = await this.#entries();
      const { ociIndex: mediaType } = mediaTypes;
      const index = { schemaVersion: 2, mediaType, manifests: entries.list() };
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

  /**
   * What has a tag, by tag; then what has none and is no part of an index, by digest; then the referrers once more as
   * other tools look for them, see {@link referrersIndex}.
   */
  async #entries(): Promise<Entries> {
    const entries = new Entries([]);
    const parts = new Set<Digest>();
    for (const { children } of this.#manifests.values()) {
      for (const { digest } of children) parts.add(digest);
    }
    for (const tag of [...this.#tags.keys()].toSorted()) {
      entries.tag(entryOf(this.#manifests.get(this.#tags.get(tag)!)!), tag);
    }
    const subjects = new Set<Digest>();
    for (const digest of [...this.#manifests.keys()].toSorted()) {
      const record = this.#manifests.get(digest)!;
      // What refers to something is looked for among the entries, even where an index has it too.
      if (record.subject !== undefined || !parts.has(digest)) entries.add(entryOf(record));
      if (record.subject !== undefined) subjects.add(record.subject);
    }
    for (const subject of subjects) {
      const { descriptor, bytes } = referrersIndex(await collect(this.listReferrers(subject)));
      await this.pushBlob(descriptor, bytesSource(bytes));
      entries.setReferrersTag(referrersTag(subject), descriptor);
    }
    return entries;
  }
}

function entryOf({ descriptor, subject, referrer: { artifactType } }: ManifestRecord): Descriptor {
  const shown = subject !== undefined && artifactType !== undefined;
  return shown ? { ...descriptor, artifactType } : descriptor;
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
