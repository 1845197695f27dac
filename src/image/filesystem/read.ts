/** One file out of an image. */
import type { Descriptor } from "../../reference/descriptor.ts";
import { readRange, spool } from "../../store/archive/file.ts";
import type { Bytes } from "../../store/store.ts";
import type { TarHeader } from "../../store/tar/entry.ts";
import { LinkTargets } from "./beneath.ts";
import type { Filesystem } from "./image.ts";
import { readLayer, type LayerFile } from "./layer.ts";
import type { Names } from "./names.ts";
import { Search, type Known } from "./search.ts";
import { visible } from "./visible.ts";

/** A file that was found, open to be read once. */
export interface FoundFile {
  /** Its path with all links followed, from the root, without a slash before it. */
  readonly path: string;
  /** Attributes. */
  readonly header: TarHeader;
  /** The layer that has it. */
  readonly layer: Descriptor;
  /** Frees what it holds when it has been read, or left. */
  readonly body: Bytes;
  /** Frees what it holds where the body is not read at all. */
  close(): Promise<void>;
}

/** Whether a file is checked before it is handed out. */
export interface ReadFileOptions {
  /**
   * Whether the whole layer is read, and its digest checked, before the first byte is handed out; of a path that it has
   * twice the last counts then, as when the image is unpacked. Without it reading ends with the file.
   * @default false
   */
  readonly verify?: boolean;
}

/**
 * Finds a file. Layers are read from the top, no further than to the file; symbolic links are followed inside the image.
 *
 * @param path from the root, `/etc/os-release`
 * @throws WharfError FILE_NOT_FOUND; UNSUPPORTED for a folder or device; what reading layers throws
 * @example
 * const file = await readFile(await openFilesystem(store, "latest"), "/etc/os-release");
 * for await (const chunk of file.body) process.stdout.write(chunk);
 */
export async function readFile(
  image: Filesystem,
  path: string,
  { verify = false }: ReadFileOptions = {},
): Promise<FoundFile> {
  const search = new Search(path);
  return verify ? readVerified(image, search) : readFirst(image, search);
}

async function readFirst(image: Filesystem, search: Search): Promise<FoundFile> {
  const entries = visible(image, image.layers.length, (names) => search.isOver(names));
  for (;;) {
    const { value: entry, done } = await entries.next();
    if (done) throw search.missing;
    try {
      const found = search.see(entry);
      if (found === undefined) continue;
      const isHere = found.inode === entry.inode && entry.entry.type === "file";
      if (isHere) return opened(image, entry, search.path, entries);
      await entries.return();
      return await openAgain(image, search, found);
    } catch (error) {
      await entries.return();
      throw error;
    }
  }
}

/** What has passed already when it turns out to be wanted is read again. */
async function openAgain(image: Filesystem, search: Search, known: Known): Promise<FoundFile> {
  const inode = await new LinkTargets(image).inodeOf(known, known.layer);
  if (inode === undefined) throw search.missing;
  const entries = readLayer(image, inode.layer);
  for (;;) {
    const { value: entry, done } = await entries.next();
    if (done) throw search.missing;
    if (entry.meaning === "entry" && entry.inode?.at === inode.at && entry.entry.type === "file") {
      return opened(image, entry, search.path, entries);
    }
  }
}

function opened(
  { layers }: Filesystem,
  { entry, inode }: LayerFile,
  path: string,
  entries: AsyncGenerator<unknown, void, undefined>,
): FoundFile {
  const close = async (): Promise<void> => void (await entries.return());
  async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* entry.body;
    } finally {
      await close();
    }
  }
  return { path, header: entry, layer: layers[inode!.layer]!, body: body(), close };
}

async function readVerified(image: Filesystem, search: Search): Promise<FoundFile> {
  const isOver = (names: Names): boolean => search.result !== undefined || search.isOver(names);
  for await (const entry of visible(image, image.layers.length, isOver)) search.note(entry);
  const known = search.result;
  const inode = known && (await new LinkTargets(image).inodeOf(known, known.layer));
  if (inode === undefined) throw search.missing;
  let header: TarHeader | undefined;
  let kept: Awaited<ReturnType<typeof spool>> | undefined;
  const { signal } = image.options;
  try {
    // To the end, where the digest is checked once more: it need not be the same bytes as before.
    for await (const found of readLayer(image, inode.layer)) {
      if (found.meaning !== "entry" || found.inode?.at !== inode.at || kept) continue;
      header = found.entry;
      kept = await spool(found.entry.body, signal === undefined ? {} : { signal });
    }
  } catch (error) {
    await kept?.file.close();
    throw error;
  }
  if (header === undefined || kept === undefined) throw search.missing;
  const { file, size } = kept;
  const close = (): Promise<void> => file.close();
  async function* body(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* readRange(file, 0, size, { subject: search.path });
    } finally {
      await close();
    }
  }
  return { path: search.path, header, layer: image.layers[inode.layer]!, body: body(), close };
}
