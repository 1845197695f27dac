/** Where hard links lead that do not lead into their own layer. */
import { WharfError } from "../../errors.ts";
import type { Filesystem } from "./image.ts";
import type { Inode, LayerFile } from "./layer.ts";
import { Names } from "./names.ts";
import { visibleIn } from "./visible.ts";

/**
 * Readings of layers that links may cost in one pass over an image. Layers that tools make have such links hardly ever; an
 * image that was made to waste time could else demand a reading of all layers for each of its links.
 */
const mostReadings = 1000;
/** Views whose names are kept. */
const mostViews = 4;

/** Finds what hard links lead to, for one pass over an image. Each layer is read once for all links of a layer above it. */
export class LinkTargets {
  readonly #image: Filesystem;
  readonly #views = new Map<number, View>();
  #readings = 0;

  constructor(image: Filesystem) {
    this.#image = image;
  }

  /**
   * What an entry's contents are, wherever a link leads: as it was when the entry's layer was put on top.
   * @param layer the entry's, counted from the base
   * @returns undefined for a link that leads nowhere, or to a folder
   * @throws WharfError ARCHIVE_INVALID where links lead hither and thither; what reading layers throws
   */
  async inodeOf(
    { inode, below }: Pick<LayerFile, "inode" | "below">,
    layer: number,
  ): Promise<Inode | undefined> {
    let found: Pick<Sighting, "layer" | "inode" | "below"> | undefined = { layer, inode, below };
    while (found !== undefined && found.inode === undefined && found.below !== undefined) {
      found = await this.#view(found.layer).find(found.below);
    }
    return found?.inode;
  }

  /** What is below a layer. */
  #view(layer: number): View {
    const known = this.#views.get(layer) ?? new View(this.#image, layer, () => this.#count());
    // The one that was used last goes last.
    this.#views.delete(layer);
    this.#views.set(layer, known);
    if (this.#views.size > mostViews) this.#views.delete(this.#views.keys().next().value!);
    return known;
  }

  #count(): void {
    this.#readings += 1;
    if (this.#readings <= mostReadings) return;
    throw new WharfError(
      "ARCHIVE_INVALID",
      `image ${this.#image.descriptor.digest}: to follow its hard links, its layers would have to be read more than ${mostReadings} times`,
      { hint: "No tool makes such images; build it again with fewer layers." },
    );
  }
}

interface Sighting {
  readonly layer: number;
  /** Neither this nor `below` for a folder. */
  readonly inode: Inode | undefined;
  readonly below: string | undefined;
}

/** What shows of the layers below one, read as far down as was asked for. */
class View {
  readonly #image: Filesystem;
  readonly #count: () => void;
  readonly #names = new Names();
  readonly #entries = new Map<string, Sighting>();
  readonly #top: number;
  /** The next to be read. */
  #layer: number;

  constructor(image: Filesystem, layer: number, count: () => void) {
    this.#image = image;
    this.#count = count;
    this.#top = layer - 1;
    this.#layer = layer - 1;
  }

  async find(path: string): Promise<Sighting | undefined> {
    const isSettled = () => this.#layer < this.#top && this.#names.settles(path);
    while (this.#layer >= 0 && !this.#entries.has(path) && !isSettled()) await this.#read();
    return this.#entries.get(path);
  }

  async #read(): Promise<void> {
    this.#count();
    const layer = this.#layer;
    if (layer < this.#top) this.#names.descend();
    for await (const { path, entry, inode, below } of visibleIn(this.#image, layer, this.#names)) {
      const isFolder = entry.type === "directory";
      this.#entries.set(path, { layer, inode: isFolder ? undefined : inode, below });
    }
    this.#layer -= 1;
  }
}
