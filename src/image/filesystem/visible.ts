/** What shows of an image's files, layer by layer from the top. */
import type { Filesystem } from "./image.ts";
import { readLayer, type Inode, type LayerFile } from "./layer.ts";
import { Names } from "./names.ts";

/** An entry of a layer that no layer above hides. */
export interface Visible extends LayerFile {
  /** Counted from the base. */
  readonly layer: number;
}

/**
 * Goes through the layers from the top to the base. Of a path that one layer has several times the last counts.
 * @param count how many layers there are to be seen, the base first
 * @param isSettled asked after each layer; where it says yes no more are read
 */
export async function* visible(
  image: Filesystem,
  count: number,
  isSettled: (names: Names) => boolean = () => false,
): AsyncGenerator<Visible, void, undefined> {
  const names = new Names();
  for (let layer = count - 1; layer >= 0; layer--) {
    for await (const found of readLayer(image, layer)) {
      if (found.meaning === "removed") names.remove(found.path);
      else if (found.meaning === "emptied") names.empty(found.path);
      else if (names.add(found.path, found.entry.type === "directory") !== "hidden") {
        yield { ...found, layer };
      }
    }
    if (isSettled(names)) return;
    names.descend();
  }
}

/**
 * Finds what a hard link leads to that is not in the link's own layer: as it was when that layer was put on top.
 * @param layer the link's, counted from the base
 */
export async function locate(
  image: Filesystem,
  layer: number,
  path: string,
): Promise<Inode | undefined> {
  let found: Visible | undefined;
  const settled = (names: Names): boolean => found !== undefined || names.settles(path);
  for await (const entry of visible(image, layer, settled)) if (entry.path === path) found = entry;
  if (found === undefined || found.entry.type === "directory") return undefined;
  return found.inode ?? locate(image, found.layer, found.below!);
}

/** What a hard link leads to, wherever that is. */
export async function inodeOf(
  image: Filesystem,
  { inode, below }: Pick<LayerFile, "inode" | "below">,
  layer: number,
): Promise<Inode | undefined> {
  return inode ?? locate(image, layer, below!);
}
