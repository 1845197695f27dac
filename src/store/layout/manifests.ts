/** The manifests of a layout: read from its blobs, verified, and what was noted about each. */
import { isError } from "../../errors.ts";
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import { digestOf, isDigest, parseDigest } from "../../reference/digest.ts";
import { manifestLimit } from "../../reference/manifest.ts";
import { recordOf } from "../admission.ts";
import type { ManifestRecord } from "../admission.ts";
import type { BlobFolder } from "../disk/blobFolder.ts";
import { manifestNotFound, wrongBytes } from "../missing.ts";
import type { Manifest } from "../store.ts";
import type { Entries } from "./entries.ts";

/** Records kept, each of some hundred bytes; a layout with more manifests reads some of them again. */
const recordLimit = 20_000;

/** What is needed of where the blobs are: a folder, or an archive. */
export type ManifestBlobs = Pick<BlobFolder, "path" | "size" | "readWhole">;

export class LayoutManifests {
  readonly #folder: string;
  readonly #blobs: ManifestBlobs;
  /** What digests name never changes, so neither do these. */
  readonly #records = new Map<Digest, ManifestRecord>();

  /** @param folder of the layout, for messages */
  constructor(folder: string, blobs: ManifestBlobs) {
    this.#folder = folder;
    this.#blobs = blobs;
  }

  /**
   * Finds a manifest by tag or digest. One that is only named by an index is found in the blobs.
   * @throws WharfError MANIFEST_NOT_FOUND, also where the blob is missing or cut short, so that it is copied again
   */
  async resolve(entries: Entries, reference: string): Promise<Descriptor> {
    const digest = isDigest(reference) ? reference : entries.find(reference)?.digest;
    if (digest === undefined) throw this.#missing(reference);
    const entry = isDigest(reference) ? entries.findDigest(digest) : entries.find(reference);
    const size = await this.#blobs.size(digest);
    if (size === undefined || (entry !== undefined && entry.size !== size)) {
      throw this.#missing(reference);
    }
    if (entry?.mediaType === undefined) return (await this.record(digest)).descriptor;
    return { mediaType: entry.mediaType, digest, size };
  }

  /** @throws WharfError MANIFEST_NOT_FOUND, DIGEST_MISMATCH, MANIFEST_TOO_LARGE */
  async fetch(entries: Entries, reference: string): Promise<Manifest> {
    const descriptor = await this.resolve(entries, reference);
    return { descriptor, bytes: await this.#read(descriptor.digest) };
  }

  async has(digest: Digest): Promise<boolean> {
    return (await this.#blobs.size(digest)) !== undefined;
  }

  /**
   * What was noted; also of one that was deleted since.
   * @throws WharfError MANIFEST_NOT_FOUND also where the blob is no manifest
   */
  async record(digest: Digest, mediaType = ""): Promise<ManifestRecord> {
    const known = this.#records.get(digest);
    if (known !== undefined) return known;
    const bytes = await this.#read(digest);
    try {
      const record = recordOf(bytes, { mediaType, digest, size: bytes.byteLength });
      this.note(record);
      return record;
    } catch (error) {
      if (isError(error, "MANIFEST_INVALID", "MANIFEST_TOO_LARGE")) throw this.#missing(digest);
      throw error;
    }
  }

  /** Remembers a record. */
  note(record: ManifestRecord): void {
    if (this.#records.size >= recordLimit) this.#records.clear();
    this.#records.set(record.descriptor.digest, record);
  }

  /** Forgets the record of a manifest that is deleted. */
  forget(digest: Digest): void {
    this.#records.delete(digest);
  }

  async #read(digest: Digest): Promise<Uint8Array> {
    const bytes = await this.#blobs.readWhole(digest, manifestLimit);
    if (bytes === undefined) throw this.#missing(digest);
    const actual = digestOf(bytes, parseDigest(digest).algorithm);
    if (actual !== digest) throw wrongBytes(this.#blobs.path(digest), actual);
    return bytes;
  }

  #missing(reference: string) {
    return manifestNotFound(reference, this.#folder);
  }
}
