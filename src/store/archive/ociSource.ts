/** Reads an OCI layout out of a tar (image-spec 1.1, "OCI Image Layout"). */
import { isError, WharfError } from "../../errors.ts";
import { mediaTypes, type Descriptor, type Digest } from "../../reference/descriptor.ts";
import { digestOf, isDigest, parseDigest } from "../../reference/digest.ts";
import { isObject, readDescriptor } from "../../reference/fields.ts";
import { manifestLimit, parseManifest } from "../../reference/manifest.ts";
import { recordOf, type ManifestRecord } from "../admission.ts";
import { blobNotFound, manifestNotFound, wrongBytes } from "../missing.ts";
import type { Bytes, Cancellable, Manifest, Range, ReferrerLister } from "../store.ts";
import { parseJson } from "./json.ts";
import type { Members } from "./members.ts";
import { notOnly, type ArchiveSource } from "./source.ts";

/** Bytes of index.json: an entry has some 300, so that there is room for 50,000 tags. */
const indexLimit = 16 << 20;

/** Where index.json notes an entry's tag. */
export const refName = "org.opencontainers.image.ref.name";

/**
 * @throws WharfError ARCHIVE_INVALID where the archive is no OCI layout, or its index is damaged
 */
export async function openOciSource(
  members: Members,
  options: Cancellable = {},
): Promise<ArchiveSource & ReferrerLister> {
  if (!members.find("index.json")) {
    throw new WharfError(
      "ARCHIVE_INVALID",
      `${members.subject}: has no index.json, so it is no OCI archive`,
      {
        ...(members.find("manifest.json") && {
          hint: "It is a docker archive: write docker-archive:FILE.",
        }),
      },
    );
  }
  const bytes = await members.read("index.json", indexLimit, options);
  return new OciSource(members, entriesOf(bytes, members.subject));
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
    throw new WharfError("ARCHIVE_INVALID", `${subject}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

class OciSource implements ArchiveSource, ReferrerLister {
  readonly #members: Members;
  readonly #entries: readonly Descriptor[];
  #records: Promise<readonly ManifestRecord[]> | undefined;

  constructor(members: Members, entries: readonly Descriptor[]) {
    this.#members = members;
    this.#entries = entries;
  }

  async resolve(reference: string, options: Cancellable = {}): Promise<Descriptor> {
    return (await this.fetchManifest(reference, options)).descriptor;
  }

  async fetchManifest(reference: string, options: Cancellable = {}): Promise<Manifest> {
    const { subject } = this.#members;
    const entry = this.#find(reference);
    const digest = entry?.digest ?? reference;
    const path = isDigest(digest) ? blobPath(digest) : undefined;
    if (path === undefined || !this.#members.find(path)) throw manifestNotFound(reference, subject);
    const bytes = await this.#members.read(path, manifestLimit, options);
    const actual = digestOf(bytes, parseDigest(digest).algorithm);
    if (actual !== digest) throw wrongBytes(`${subject}: manifest ${digest}`, actual);
    const mediaType = entry?.mediaType ?? parseManifest(bytes).mediaType;
    return { descriptor: { mediaType, digest, size: bytes.byteLength }, bytes };
  }

  async fetchBlob({ digest }: Descriptor, options: Range & Cancellable = {}): Promise<Bytes> {
    const member = isDigest(digest) ? this.#members.find(blobPath(digest)) : undefined;
    if (!member) throw blobNotFound(digest, this.#members.subject);
    return this.#members.stream(member, options);
  }

  async *listTags({ last = "" }: { last?: string } = {}): AsyncIterable<string> {
    const tags = new Set(this.#entries.map(tagOf).filter((tag) => tag !== undefined));
    for (const tag of [...tags].toSorted()) if (tag > last) yield tag;
  }

  async *listReferrers(
    digest: Digest,
    { artifactType, ...options }: Cancellable & { artifactType?: string } = {},
  ): AsyncIterable<Descriptor> {
    for (const { subject, referrer } of await this.#listed(options)) {
      if (subject !== digest) continue;
      if (artifactType === undefined || referrer.artifactType === artifactType) yield referrer;
    }
  }

  async only(options: Cancellable = {}): Promise<string> {
    const digests = new Set(this.#entries.map((entry) => entry.digest));
    if (digests.size > 1) {
      // Signatures and the like are there because of the image that they are attached to.
      for (const { descriptor, subject } of await this.#listed(options)) {
        if (subject !== undefined && digests.has(subject)) digests.delete(descriptor.digest);
      }
    }
    const [digest] = digests;
    if (digests.size === 1 && digest !== undefined) return digest;
    const names = this.#entries.map(tagOf).filter((tag) => tag !== undefined);
    throw notOnly(this.#members.subject, names, digests.size);
  }

  async close(): Promise<void> {
    await this.#members.close();
  }

  /**
   * The entry with a digest or tag. Podman notes the image's whole name in place of a tag: there the tag within it counts,
   * where it is the only one.
   */
  #find(reference: string): Descriptor | undefined {
    if (isDigest(reference)) return this.#entries.find(({ digest }) => digest === reference);
    const exact = this.#entries.findLast((entry) => tagOf(entry) === reference);
    if (exact) return exact;
    const ending = this.#entries.filter((entry) => tagOf(entry)?.endsWith(`:${reference}`));
    return ending.length === 1 ? ending[0] : undefined;
  }

  /** What the manifests say that index.json lists, read when first asked for. */
  #listed(options: Cancellable): Promise<readonly ManifestRecord[]> {
    this.#records ??= this.#read(options).catch((error: unknown) => {
      this.#records = undefined;
      throw error;
    });
    return this.#records;
  }

  async #read(options: Cancellable): Promise<ManifestRecord[]> {
    const records: ManifestRecord[] = [];
    for (const digest of new Set(this.#entries.map((entry) => entry.digest))) {
      try {
        const { bytes, descriptor } = await this.fetchManifest(digest, options);
        records.push(recordOf(bytes, descriptor));
      } catch (error) {
        // Entries may be of other media types, or of images that the archive leaves out: they refer to nothing.
        if (!isError(error, "MANIFEST_NOT_FOUND", "MANIFEST_INVALID")) throw error;
      }
    }
    return records;
  }
}

function tagOf({ annotations }: Descriptor): string | undefined {
  return annotations?.[refName];
}

/** Where a layout keeps a blob. */
export function blobPath(digest: Digest): string {
  const { algorithm, encoded } = parseDigest(digest);
  return `blobs/${algorithm}/${encoded}`;
}
