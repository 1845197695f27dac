/** All layers of an image as one file system, in one pass from the top to the base. */
import { WharfError } from "../../errors.ts";
import type { Bytes } from "../../store/store.ts";
import type { TarHeader } from "../../store/tar/entry.ts";
import { LinkTargets } from "./beneath.ts";
import type { Filesystem } from "./image.ts";
import { readLayer, type LayerFile } from "./layer.ts";
import { Names } from "./names.ts";

/** A file, folder, link or device of an image. */
export interface FileEntry {
  /** From the root, without a slash before it; the root itself is empty. */
  readonly path: string;
  /** Attributes; the name is the one in the layer. */
  readonly header: TarHeader;
  /** Of hard links: the path, handed out before, of the same file. */
  readonly linkTo?: string;
  /** Of a file; empty for all else. Skipped where it is not read before the next entry is asked for. */
  readonly body: Bytes;
  /** The layer that it comes from, counted from the base. */
  readonly layer: number;
}

/**
 * Goes through the files of an image. The newest layer comes first, so that names are decided when they come; within a
 * layer the order is the layer's. Of a path that one layer has several times the last counts. Folders need not come before
 * what is in them, and may be missing where no layer names them.
 *
 * Only names are kept in memory. A layer is read a second time where a hard link is all that is left of a file, or where one
 * leads into a layer below.
 *
 * @throws WharfError what reading layers throws; ARCHIVE_INVALID for a hard link that leads nowhere
 */
export async function* flattened(image: Filesystem): AsyncGenerator<FileEntry, void, undefined> {
  const names = new Names();
  const awaited = new Awaited();
  const targets = new LinkTargets(image);
  for (let layer = image.layers.length - 1; layer >= 0; layer--) {
    const given = new Given();
    for await (const found of readLayer(image, layer)) {
      if (found.meaning === "removed") names.remove(found.path);
      else if (found.meaning === "emptied") names.empty(found.path);
      else yield* sift(image, found, layer, { names, awaited, given, targets });
    }
    const left = awaited.take(layer);
    if (left.size > 0) yield* reread(image, layer, left);
    names.descend();
  }
}

interface State {
  readonly names: Names;
  readonly awaited: Awaited;
  readonly given: Given;
  readonly targets: LinkTargets;
}

async function* sift(
  image: Filesystem,
  found: LayerFile,
  layer: number,
  { names, awaited, given, targets }: State,
): AsyncGenerator<FileEntry, void, undefined> {
  const { path, entry, inode } = found;
  const isFolder = entry.type === "directory";
  const sight = names.add(path, isFolder);
  if (sight === "again") given.forget(path);
  if (entry.type === "hardlink") {
    if (sight === "hidden") return;
    const target = await targets.inodeOf(found, layer);
    if (target === undefined) throw danglingLink(image, layer, found);
    const linkTo = target.layer === layer ? given.get(target.at) : undefined;
    if (linkTo === undefined) awaited.add(target.layer, target.at, path);
    else yield { path, header: entry, linkTo, body: nothing, layer };
    return;
  }
  const { at } = inode!;
  const links = isFolder ? [] : awaited.claim(layer, at);
  const paths = sight === "hidden" ? links : [path, ...links];
  yield* handOut(entry, entry.body, paths, layer);
  if (!isFolder && paths[0] !== undefined) given.set(at, paths[0]);
}

/** A file under its first path, and links to that under all others. */
function* handOut(
  header: TarHeader,
  body: Bytes,
  [first, ...others]: readonly string[],
  layer: number,
): Generator<FileEntry, void, undefined> {
  if (first === undefined) return;
  yield { path: first, header, body, layer };
  for (const path of others) yield { path, header, linkTo: first, body: nothing, layer };
}

/** Reads files again whose own paths are hidden, for the hard links to them. */
async function* reread(
  image: Filesystem,
  layer: number,
  wanted: ReadonlyMap<number, readonly string[]>,
): AsyncGenerator<FileEntry, void, undefined> {
  for await (const found of readLayer(image, layer)) {
    if (found.meaning !== "entry" || found.entry.type === "hardlink") continue;
    const paths = wanted.get(found.inode!.at) ?? [];
    yield* handOut(found.entry, found.entry.body, paths, layer);
  }
}

/** Hard links whose file is still to come: by its layer, and its place in there. */
class Awaited {
  readonly #layers = new Map<number, Map<number, string[]>>();

  add(layer: number, at: number, path: string): void {
    const places = this.#layers.get(layer) ?? new Map<number, string[]>();
    this.#layers.set(layer, places);
    const paths = places.get(at);
    if (paths === undefined) places.set(at, [path]);
    else paths.push(path);
  }

  /** The links to a file that is there now. */
  claim(layer: number, at: number): readonly string[] {
    const places = this.#layers.get(layer);
    const links = places?.get(at) ?? [];
    places?.delete(at);
    return links;
  }

  /** What nobody has claimed in a layer. */
  take(layer: number): ReadonlyMap<number, readonly string[]> {
    return this.#layers.get(layer) ?? new Map();
  }
}

/** Under which paths the files of a layer were handed out, by their places in it. */
class Given {
  readonly #paths = new Map<number, string>();
  readonly #places = new Map<string, number>();

  get(at: number): string | undefined {
    return this.#paths.get(at);
  }

  set(at: number, path: string): void {
    this.#paths.set(at, path);
    this.#places.set(path, at);
  }

  /** Another file takes the path over. */
  forget(path: string): void {
    const at = this.#places.get(path);
    if (at === undefined) return;
    this.#places.delete(path);
    this.#paths.delete(at);
  }
}

function danglingLink(
  { layers }: Filesystem,
  layer: number,
  { path, entry }: LayerFile,
): WharfError {
  const link = `hard link ${JSON.stringify(path)} leads to ${JSON.stringify(entry.linkName)}`;
  const message = `layer ${layers[layer]!.digest}: ${link}, which is not there`;
  return new WharfError("ARCHIVE_INVALID", message, {
    hint: "The image is damaged; build it again.",
  });
}

const nothing: Bytes = { async *[Symbol.asyncIterator]() {} };
