/**
 * Reads images out of what `docker save` writes: manifest.json names configurations, layers and tags. Docker's own form,
 * with a folder and links a layer (before version 25), its newer one, which is an OCI layout too, and those of other
 * tools differ only in how their files are called.
 * Source: docker's image specification 1.2, "Combined Image JSON + Filesystem Changeset Format".
 */
import { WharfError } from "../../errors.ts";
import type { Descriptor } from "../../reference/descriptor.ts";
import { isDigest } from "../../reference/digest.ts";
import { isObject, listField, textField } from "../../reference/fields.ts";
import { formatReference, parseReference, withDefaultTag } from "../../reference/reference.ts";
import { blobNotFound, manifestNotFound } from "../missing.ts";
import type { Bytes, Cancellable, Manifest, Range } from "../store.ts";
import { entryPath } from "../tar/path.ts";
import { loadImage, type DockerImage, type ListedImage } from "./dockerImage.ts";
import { parseJson } from "./json.ts";
import type { Members } from "./members.ts";
import { notOnly, type ArchiveSource } from "./source.ts";

/** Bytes of manifest.json: an image has some 10 KiB at most. */
const listLimit = 4 << 20;

/**
 * The images have no manifests of their own, so one of Docker's schema 2 is made for each, always the same. It names the
 * layers as they are: uncompressed ones by their diff ids, so that the same image has the same digests whoever saved it.
 * A tag is an image's name in the archive; `resolve` takes it, its tag alone where that is unique, the manifest's digest
 * or the configuration's (what docker calls the image id).
 *
 * @throws WharfError ARCHIVE_INVALID where the archive is none of docker's
 */
export async function openDockerSource(
  members: Members,
  options: Cancellable = {},
): Promise<ArchiveSource> {
  const { subject } = members;
  if (!members.find("manifest.json")) {
    throw new WharfError(
      "ARCHIVE_INVALID",
      `${subject}: has no manifest.json, so it is no docker archive`,
      {
        ...(members.find("index.json") && {
          hint: "It is an OCI archive: write oci-archive:FILE.",
        }),
      },
    );
  }
  const bytes = await members.read("manifest.json", listLimit, options);
  return new DockerSource(members, listOf(bytes, subject));
}

function listOf(bytes: Uint8Array, subject: string): ListedImage[] {
  const list = parseJson(bytes, `${subject}: manifest.json`);
  const damaged = (why: string, cause?: unknown): WharfError =>
    new WharfError("ARCHIVE_INVALID", `${subject}: manifest.json: ${why}`, { cause });
  if (!Array.isArray(list)) throw damaged("is no list of images");
  return list.map((image): ListedImage => {
    if (!isObject(image)) throw damaged("is no list of images");
    try {
      const texts = (field: string): string[] =>
        listField(image, field, "").filter((item) => typeof item === "string");
      const config = textField(image, "Config", "");
      if (!config) throw damaged("an image has no Config");
      return {
        config: entryPath(config, subject),
        names: texts("RepoTags"),
        layers: texts("Layers").map((layer) => entryPath(layer, subject)),
      };
    } catch (error) {
      if (error instanceof WharfError && error.code === "MANIFEST_INVALID") {
        throw damaged(error.message, error);
      }
      throw error;
    }
  });
}

class DockerSource implements ArchiveSource {
  readonly #members: Members;
  readonly #list: readonly ListedImage[];
  readonly #loaded = new Map<ListedImage, Promise<DockerImage>>();

  constructor(members: Members, list: readonly ListedImage[]) {
    this.#members = members;
    this.#list = list;
  }

  async resolve(reference: string, options: Cancellable = {}): Promise<Descriptor> {
    return (await this.fetchManifest(reference, options)).descriptor;
  }

  async fetchManifest(reference: string, options: Cancellable = {}): Promise<Manifest> {
    if (!isDigest(reference)) {
      const listed = this.#named(reference);
      if (!listed) throw manifestNotFound(reference, this.#members.subject);
      return (await this.#load(listed, options)).manifest;
    }
    for (const listed of this.#list) {
      const { manifest, config } = await this.#load(listed, options);
      if (manifest.descriptor.digest === reference || config === reference) return manifest;
    }
    throw manifestNotFound(reference, this.#members.subject);
  }

  async fetchBlob({ digest }: Descriptor, options: Range & Cancellable = {}): Promise<Bytes> {
    for (const listed of this.#list) {
      const { blobs } = await this.#load(listed, options);
      const member = blobs.get(digest);
      if (member) return this.#members.stream(member, options);
    }
    throw blobNotFound(digest, this.#members.subject);
  }

  async *listTags({ last = "" }: { last?: string } = {}): AsyncIterable<string> {
    const names = new Set(this.#list.flatMap((image) => image.names));
    for (const name of [...names].toSorted()) if (name > last) yield name;
  }

  async only(options: Cancellable = {}): Promise<string> {
    const [listed] = this.#list;
    if (this.#list.length === 1 && listed) {
      return (await this.#load(listed, options)).manifest.descriptor.digest;
    }
    const names = this.#list.flatMap((image) => image.names);
    throw notOnly(this.#members.subject, names, this.#list.length);
  }

  async close(): Promise<void> {
    await this.#members.close();
  }

  #named(reference: string): ListedImage | undefined {
    const wanted = canonical(reference);
    const named = this.#list.findLast(({ names }) =>
      names.some((name) => name === reference || canonical(name) === wanted),
    );
    if (named) return named;
    const tagged = this.#list.filter(({ names }) =>
      names.some((name) => name.endsWith(`:${reference}`)),
    );
    return tagged.length === 1 ? tagged[0] : undefined;
  }

  #load(listed: ListedImage, { signal }: Cancellable): Promise<DockerImage> {
    const known = this.#loaded.get(listed);
    if (known) return known;
    const loading = loadImage(this.#members, listed, { ...(signal && { signal }) });
    this.#loaded.set(listed, loading);
    loading.catch(() => this.#loaded.delete(listed));
    return loading;
  }
}

/** A name with docker's defaults filled in; what is no name stays as it is. */
function canonical(name: string): string {
  try {
    return formatReference(withDefaultTag(parseReference(name)));
  } catch {
    return name;
  }
}
