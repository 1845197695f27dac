/** What shows of an image's files, layer by layer from the top. */
import type { Filesystem } from "./image.ts";
import { readLayer, type LayerFile } from "./layer.ts";
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
    yield* visibleIn(image, layer, names);
    if (isSettled(names)) return;
    names.descend();
  }
}

/**
 * What shows of one layer.
 * @param names what the layers above have; takes note of what this one has
 */
export async function* visibleIn(
  image: Filesystem,
  layer: number,
  names: Names,
): AsyncGenerator<Visible, void, undefined> {
  for await (const found of readLayer(image, layer)) {
    if (found.meaning === "removed") names.remove(found.path);
    else if (found.meaning === "emptied") names.empty(found.path);
    else if (names.add(found.path, found.entry.type === "directory") !== "hidden") {
      yield { ...found, layer };
    }
  }
}
