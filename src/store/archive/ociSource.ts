/** Reads an OCI layout out of a tar (image-spec 1.1, "OCI Image Layout"). */
import { isError, WharfError } from "../../errors.ts";
import { mediaTypes, type Descriptor, type Digest } from "../../reference/descriptor.ts";
import { isDigest, parseDigest } from "../../reference/digest.ts";
import { isObject, readDescriptor } from "../../reference/fields.ts";
import { isDigestTag } from "../../reference/manifest.ts";
import { Entries, nameOf } from "../layout/entries.ts";
import { LayoutManifests, type ManifestBlobs } from "../layout/manifests.ts";
import { findReferrers } from "../layout/referrers.ts";
import { blobNotFound } from "../missing.ts";
import type { Bytes, Cancellable, Manifest, Range, ReferrerLister } from "../store.ts";
import { parseJson } from "./json.ts";
import type { Members } from "./members.ts";
import { notOnly, type ArchiveSource } from "./source.ts";

/** Bytes of index.json: an entry has some 300, so that there is room for 50,000 tags. */
const indexLimit = 16 << 20;

/**
 * @throws WharfError ARCHIVE_INVALID where the archive is no OCI layout, or its index is damaged
 */
export async function openOciSource(
  members: Members,
  options: Cancellable = {},
): Promise<ArchiveSource & ReferrerLister> {
  const { subject } = members;
  if (!members.find("index.json")) {
    const message = `${subject}: has no index.json, so it is no OCI archive`;
    throw new WharfError("ARCHIVE_INVALID", message, {
      ...(members.find("manifest.json") && {
        hint: "It is a docker archive: write docker-archive:FILE.",
      }),
    });
  }
  const bytes = await members.read("index.json", indexLimit, options);
  return new OciSource(members, new Entries(entriesOf(bytes, subject)));
}

function entriesOf(bytes: Uint8Array, subject: string): Descriptor[] {
  const document = parseJson(bytes, `${subject}: index.json`);
  const manifests = isObject(document) ? (document["manifests"] ?? []) : undefined;
  if (!Array.isArray(manifests)) {
    throw new WharfError("ARCHIVE_INVALID", `${subject}: index.json lists no manifests`);
  }
  try {
    return manifests.map((manifest, at) =>
      readDescriptor(manifest, `index.json: manifests[${at}]`, mediaTypes.ociManifest),
    );
  } catch (error) {
    const message = `${subject}: ${(error as Error).message}`;
    throw new WharfError("ARCHIVE_INVALID", message, { cause: error });
  }
}

class OciSource implements ArchiveSource, ReferrerLister {
  readonly #members: Members;
  readonly #entries: Entries;
  readonly #manifests: LayoutManifests;

  constructor(members: Members, entries: Entries) {
    this.#members = members;
    this.#entries = entries;
    this.#manifests = new LayoutManifests(members.subject, blobsOf(members));
  }

  async resolve(reference: string): Promise<Descriptor> {
    this.#checkSize(reference);
    return this.#manifests.resolve(this.#entries, reference);
  }

  async fetchManifest(reference: string): Promise<Manifest> {
    this.#checkSize(reference);
    return this.#manifests.fetch(this.#entries, reference);
  }

  async fetchBlob({ digest }: Descriptor, options: Range & Cancellable = {}): Promise<Bytes> {
    const member = isDigest(digest) ? this.#members.find(blobPath(digest)) : undefined;
    if (!member) throw blobNotFound(digest, this.#members.subject);
    return this.#members.stream(member, options);
  }

  async *listTags({ last = "" }: { last?: string } = {}): AsyncIterable<string> {
    for (const tag of this.#entries.tags()) if (tag > last) yield tag;
  }

  async *listReferrers(
    digest: Digest,
    { artifactType }: { artifactType?: string } = {},
  ): AsyncIterable<Descriptor> {
    for (const referrer of await findReferrers(digest, this.#entries, this.#manifests)) {
      if (artifactType === undefined || referrer.artifactType === artifactType) yield referrer;
    }
  }

  async only(): Promise<string> {
    const images = new Set<Digest>();
    for (const root of this.#entries.roots()) if (!isAttachment(root)) images.add(root.digest);
    if (images.size > 1) {
      // Signatures and the like are there because of the image that they are attached to.
      const all = new Set(images);
      for (const digest of all) {
        const subject = await this.#subjectOf(digest);
        if (subject !== undefined && all.has(subject)) images.delete(digest);
      }
    }
    const [digest] = images;
    if (images.size === 1 && digest !== undefined) return digest;
    const names = this.#entries.tags().filter((tag) => !isDigestTag(tag));
    throw notOnly(this.#members.subject, names, images.size);
  }

  async close(): Promise<void> {
    await this.#members.close();
  }

  /** To a folder, what is cut short is missing, so that it is copied again; in an archive it is damage. */
  #checkSize(reference: string): void {
    const entry = isDigest(reference)
      ? this.#entries.findDigest(reference)
      : this.#entries.find(reference);
    const member = entry && this.#members.find(blobPath(entry.digest));
    if (!member || member.size === entry.size) return;
    const where = `${this.#members.subject}: manifest ${entry.digest}`;
    const sizes = `${member.size} bytes, not the ${entry.size} that index.json promises`;
    throw new WharfError("SIZE_MISMATCH", `${where} has ${sizes}`);
  }

  async #subjectOf(digest: Digest): Promise<Digest | undefined> {
    try {
      return (await this.#manifests.record(digest)).subject;
    } catch (error) {
      if (isError(error, "MANIFEST_NOT_FOUND", "DIGEST_MISMATCH")) return undefined;
      throw error;
    }
  }
}

/** Whether an entry's name says that it belongs to another one: cosign's `sha256-….sig`. */
function isAttachment(entry: Descriptor): boolean {
  const name = nameOf(entry);
  return name !== undefined && isDigestTag(name);
}

function blobsOf(members: Members): ManifestBlobs {
  return {
    path: (digest) => `${members.subject}: ${blobPath(digest)}`,
    size: async (digest) => members.find(blobPath(digest))?.size,
    readWhole: async (digest, limit) => {
      const path = blobPath(digest);
      return members.find(path) && members.read(path, limit);
    },
  };
}

/** Where a layout keeps a blob. */
export function blobPath(digest: Digest): string {
  const { algorithm, encoded } = parseDigest(digest);
  return `blobs/${algorithm}/${encoded}`;
}
