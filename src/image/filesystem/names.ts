/**
 * Which names of a layer show through the layers above it. Layers are gone through from the top to the base, so that each
 * entry is decided when it comes, and memory holds names alone.
 * Source: image-spec 1.1, "Applying Changesets"; where it is silent, as overlayfs stacks layers.
 */

/** A folder, or what is known of one so far; the numbers count layers from the top. */
interface Folder {
  readonly entries: Map<string, Folder | Leaf>;
  /** From which layer on this is a folder and nothing else. */
  from: number;
  /** From which layer on its own attributes are decided. */
  named: number;
  /** From which layer on nothing below shows in it. */
  opaque: number;
}

/** The layer that has something else than a folder there, or nothing: it hides whatever is below. */
type Leaf = number;

const folder = (): Folder => ({
  entries: new Map(),
  from: Infinity,
  named: Infinity,
  opaque: Infinity,
});

/** Nothing that comes below shows in a folder, nor says what it is. */
function close(known: Folder, layer: number): void {
  known.opaque = Math.min(known.opaque, layer);
  known.named = Math.min(known.named, layer);
}

/** `again`: the same layer said something about the path before, which this replaces. */
export type Sight = "hidden" | "new" | "again";

export class Names {
  readonly #root = folder();
  #layer = 0;

  /** Goes on to the next layer below. */
  descend(): void {
    this.#layer += 1;
  }

  /**
   * Takes note of an entry, whether it shows or not: it hides others in any case.
   * @param path from the root, without a slash before it; the root itself is empty
   */
  add(path: string, isFolder: boolean): Sight {
    const layer = this.#layer;
    const found = this.#find(path, true);
    if (found === undefined) return "hidden";
    // Below a link of its own layer, whose unpacking is the reader's business.
    if (found === "beside") return "new";
    const { parent, name } = found;
    const known = parent?.entries.get(name) ?? (parent === undefined ? this.#root : undefined);
    if (known === undefined) {
      parent!.entries.set(name, isFolder ? { ...folder(), from: layer, named: layer } : layer);
      return "new";
    }
    if (typeof known === "number") return known < layer ? "hidden" : "again";
    const isHidden = known.named < layer || (!isFolder && known.from < layer);
    if (isHidden) {
      if (!isFolder) close(known, layer);
      return "hidden";
    }
    const isAgain = known.named === layer;
    if (isFolder) {
      known.named = Math.min(known.named, layer);
      known.from = Math.min(known.from, layer);
    } else if (known.from === Infinity && parent !== undefined) parent.entries.set(name, layer);
    else close(known, layer);
    return isAgain ? "again" : "new";
  }

  /** Hides what the layers below have under a path. */
  remove(path: string): void {
    const found = this.#find(path, false);
    if (found === undefined || found === "beside" || found.parent === undefined) return;
    const { parent, name } = found;
    const known = parent.entries.get(name);
    if (known === undefined) parent.entries.set(name, this.#layer);
    else if (typeof known !== "number") close(known, this.#layer);
  }

  /** Hides what the layers below have in a folder. */
  empty(path: string): void {
    const found = this.#find(path, false);
    if (found === undefined || found === "beside") return;
    const { parent, name } = found;
    let known = parent === undefined ? this.#root : parent.entries.get(name);
    if (known === undefined) parent!.entries.set(name, (known = folder()));
    if (typeof known !== "number") known.opaque = Math.min(known.opaque, this.#layer);
  }

  /** Whether the layers below can't say anything about a path any more. */
  settles(path: string): boolean {
    this.#layer += 1;
    const found = this.#find(path, false);
    this.#layer -= 1;
    if (found === undefined) return true;
    if (found === "beside" || found.parent === undefined) return false;
    const known = found.parent.entries.get(found.name);
    return typeof known === "number" || (known !== undefined && known.from !== Infinity);
  }

  /** Whether one of the layers says that a path is a folder, if only by what it has below. */
  isFolder(path: string): boolean {
    let known: Folder | Leaf | undefined = this.#root;
    for (const segment of path === "" ? [] : path.split("/")) {
      if (typeof known !== "object") return false;
      known = known.entries.get(segment);
    }
    return typeof known === "object" && (known === this.#root || known.from !== Infinity);
  }

  /**
   * Goes down to the folder that a path is in, making what is not known yet.
   * @param implies whether the path itself says that what it is in are folders
   * @returns undefined where a layer above hides the path
   */
  #find(path: string, implies: boolean) {
    if (path === "") return { parent: undefined, name: "" };
    const segments = path.split("/");
    const name = segments.pop()!;
    let parent = this.#root;
    for (const segment of segments) {
      if (parent.opaque < this.#layer) return undefined;
      let next = parent.entries.get(segment);
      if (typeof next === "number") return next < this.#layer ? undefined : "beside";
      if (next === undefined) parent.entries.set(segment, (next = folder()));
      // What was removed above is no folder any more.
      if (implies && next.named >= this.#layer) next.from = Math.min(next.from, this.#layer);
      parent = next;
    }
    return parent.opaque < this.#layer ? undefined : { parent, name };
  }
}
