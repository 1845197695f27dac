/** One layer of an image, entry by entry as it comes. */
import { isError, WharfError } from "../../errors.ts";
import type { Descriptor } from "../../reference/descriptor.ts";
import { credibly } from "../../store/archive/expansion.ts";
import type { Bytes } from "../../store/store.ts";
import type { TarEntry } from "../../store/tar/entry.ts";
import { readTar } from "../../store/tar/reader.ts";
import { verified } from "../../store/verified.ts";
import { embedded } from "../../transfer/embedded.ts";
import type { Filesystem } from "./image.ts";
import { layerPath, meaningOf } from "./whiteout.ts";

/** Where the contents of a file are: hard links to it share them. */
export interface Inode {
  /** Counted from the base. */
  readonly layer: number;
  /** Which entry of the layer it is. */
  readonly at: number;
}

/** A file, folder, link or device of a layer. */
export interface LayerFile {
  readonly meaning: "entry";
  /** From the root, without a slash before it; the root itself is empty. */
  readonly path: string;
  readonly entry: TarEntry;
  /** Of a hard link that of its target; absent where no entry before it in this layer is the target. */
  readonly inode?: Inode;
  /** Where a hard link leads that does not lead into its own layer. */
  readonly below?: string;
  /** Where a symbolic link points, or the one that this is a hard link to. */
  readonly pointsTo?: string;
}

/** What the layers below have is gone. */
export type LayerHole =
  | { readonly meaning: "removed"; readonly path: string }
  | { readonly meaning: "emptied"; readonly path: string };

/**
 * Reads a layer to its end, where its digest is checked; who leaves earlier has read what nobody vouches for.
 *
 * @param index counted from the base
 * @throws WharfError BLOB_NOT_FOUND, DIGEST_MISMATCH, SIZE_MISMATCH; ARCHIVE_INVALID where it is damaged or decompresses to
 *   incredibly much; PATH_UNSAFE
 */
export async function* readLayer(
  image: Filesystem,
  index: number,
): AsyncGenerator<LayerFile | LayerHole, void, undefined> {
  const layer = image.layers[index]!;
  const subject = `layer ${layer.digest}`;
  const links = new Links(index);
  let at = -1;
  for await (const entry of readTar(await openLayer(image, layer, subject), { subject })) {
    at += 1;
    const { path, meaning } = meaningOf(entry.name, subject);
    if (meaning === "none") continue;
    if (meaning !== "entry") {
      yield { meaning, path };
      continue;
    }
    if (path === "" && entry.type !== "directory") {
      const message = `${subject}: has something else than a folder as root`;
      throw new WharfError("ARCHIVE_INVALID", message);
    }
    switch (entry.type) {
      case "hardlink": {
        const target = links.follow(layerPath(entry.linkName, subject));
        links.set(path, target);
        yield { meaning, path, entry, ...target };
        break;
      }
      case "symlink": {
        const target = { inode: { layer: index, at }, pointsTo: entry.linkName };
        links.set(path, target);
        yield { meaning, path, entry, ...target };
        break;
      }
      default:
        if (entry.type !== "directory") links.set(path, at);
        yield { meaning, path, entry, inode: { layer: index, at } };
    }
  }
}

type Target = Pick<LayerFile, "inode" | "below" | "pointsTo">;

/** Where hard links of one layer lead: to a file by its place in the layer, or to another link. */
class Links {
  readonly #layer: number;
  readonly #targets = new Map<string, number | Target>();

  constructor(layer: number) {
    this.#layer = layer;
  }

  set(path: string, target: number | Target): void {
    this.#targets.set(path, target);
  }

  follow(path: string): Target {
    const target = this.#targets.get(path) ?? { below: path };
    return typeof target === "number" ? { inode: { layer: this.#layer, at: target } } : target;
  }
}

async function openLayer(image: Filesystem, layer: Descriptor, subject: string): Promise<Bytes> {
  const { onProgress, maxUnpacked } = image.options;
  const body = verified(layer, await fetchLayer(image, layer), { subject });
  return credibly(onProgress ? watched(body, (bytes) => onProgress(layer, bytes)) : body, subject, {
    ...(maxUnpacked !== undefined && { expansion: { ratio: 0, free: maxUnpacked } }),
    hint: "If you trust the image, allow more with --max-unpacked.",
  });
}

async function fetchLayer(
  { store, options: { signal } }: Filesystem,
  layer: Descriptor,
): Promise<Bytes> {
  const known = embedded(layer);
  if (known !== undefined) return single(known);
  try {
    return await store.fetchBlob(layer, signal === undefined ? {} : { signal });
  } catch (error) {
    const [elsewhere] = layer.urls ?? [];
    if (elsewhere === undefined || !isError(error, "BLOB_NOT_FOUND")) throw error;
    const hint = `It is distributed elsewhere: ${elsewhere}`;
    throw new WharfError("BLOB_NOT_FOUND", error.message, { ...error.details, hint, cause: error });
  }
}

async function* single(chunk: Uint8Array): Bytes {
  yield chunk;
}

function watched(body: Bytes, tell: (bytes: number) => void): Bytes {
  return {
    recycle: (chunk) => body.recycle?.(chunk),
    async *[Symbol.asyncIterator]() {
      let bytes = 0;
      for await (const chunk of body) {
        yield chunk;
        tell((bytes += chunk.byteLength));
      }
    },
  };
}
