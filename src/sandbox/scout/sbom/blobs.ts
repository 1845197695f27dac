/** Manifests and documents of the registry, read once: what has a digest never changes. */
import type { Descriptor, Digest } from "../../../reference/descriptor.ts";
import { type ParsedManifest, parseManifest } from "../../../reference/manifest.ts";
import type { Content } from "../../registry/content.ts";
import { readBlob } from "../../state/stored.ts";

/** Bytes of a document that is read; a bill of materials of a large image has some ten million. */
const documentLimit = 32 << 20;
/** Documents and manifests that are kept. */
const keptLimit = 500;

export class Blobs {
  readonly #content: Content;
  readonly #manifests = new Map<string, ParsedManifest | undefined>();
  readonly #documents = new Map<string, unknown>();

  constructor(content: Content) {
    this.#content = content;
  }

  /** A manifest; undefined where it is not there any more, or cannot be read. */
  async manifest(path: string, digest: string): Promise<ParsedManifest | undefined> {
    const known = this.#manifests.get(digest);
    if (known) return known;
    try {
      const { bytes, descriptor } = await this.#repository(path).fetchManifest(digest);
      return keep(this.#manifests, digest, parseManifest(bytes, descriptor.mediaType));
    } catch {
      return undefined;
    }
  }

  /** A blob that is JSON; undefined where it is none, is too large, or is not there. */
  async json(path: string, descriptor: Descriptor): Promise<unknown> {
    const known = this.#documents.get(descriptor.digest);
    if (known !== undefined) return known;
    if (descriptor.size > documentLimit) return undefined;
    try {
      const bytes = await readBlob(this.#repository(path), descriptor);
      const document: unknown = JSON.parse(bytes.toString());
      return keep(this.#documents, descriptor.digest, document);
    } catch {
      return undefined;
    }
  }

  /** What refers to a manifest by its `subject`. */
  async referrers(path: string, digest: string): Promise<Descriptor[]> {
    const found: Descriptor[] = [];
    try {
      for await (const each of this.#repository(path).listReferrers(digest as Digest)) {
        found.push(each);
        if (found.length === 100) break;
      }
    } catch {
      // The repository is gone: nothing refers to anything.
    }
    return found;
  }

  #repository(path: string) {
    return this.#content.collection.repository(path);
  }
}

function keep<Value>(map: Map<string, Value>, digest: string, value: Value): Value {
  if (map.size >= keptLimit) map.clear();
  map.set(digest, value);
  return value;
}
