/** Looks for one path while layers are gone through from the top. */
import { WharfError } from "../../errors.ts";
import type { Names } from "./names.ts";
import { Route } from "./route.ts";
import type { Visible } from "./visible.ts";

/** What is remembered of an entry that has passed. */
export type Known = Pick<Visible, "layer" | "inode" | "below" | "pointsTo"> & {
  readonly type: Visible["entry"]["type"];
};

export class Search {
  readonly #asked: string;
  /** Entries that show, by path; of several in a layer the last. */
  readonly #known = new Map<string, Known>();
  #route: Route;

  /**
   * @param asked as a person writes it, `/etc/os-release`
   * @throws WharfError UNSUPPORTED for the root
   */
  constructor(asked: string) {
    this.#asked = asked;
    this.#route = new Route(asked);
    if (this.#route.path === "") throw this.#notReadable("directory");
  }

  /** Where what was looked for is, links followed as far as they are known. */
  get path(): string {
    return this.#route.path;
  }

  /** Takes note of the next entry, for {@link result}. */
  note({ path, layer, inode, below, pointsTo, entry }: Visible): void {
    this.#known.set(path, {
      layer,
      ...(inode && { inode }),
      ...(below !== undefined && { below }),
      ...(pointsTo !== undefined && { pointsTo }),
      type: entry.type,
    });
  }

  /**
   * Takes note of the next entry, and looks whether it decides.
   * @returns what was looked for, where it is known now
   * @throws WharfError UNSUPPORTED where that is no file
   */
  see(entry: Visible): Known | undefined {
    this.note(entry);
    const { path, pointsTo } = entry;
    const before = this.path;
    if (pointsTo !== undefined) this.#route.learn(path, pointsTo);
    if (path === before || this.path !== before) return this.#found();
    if (path.startsWith(`${before}/`)) throw this.#notReadable("directory");
    return undefined;
  }

  /** What was looked for, as the layers that have passed whole say it. */
  get result(): Known | undefined {
    // A link may have been replaced since by something else of its layer.
    this.#route = new Route(this.#asked);
    for (const [path, { pointsTo }] of this.#known) {
      if (pointsTo !== undefined) this.#route.learn(path, pointsTo);
    }
    return this.#found();
  }

  /** Whether the layers below can't tell anything more. */
  isOver(names: Names): boolean {
    return names.settles(this.#route.path);
  }

  /** The error where all layers have passed. */
  get missing(): WharfError {
    const { path } = this.#route;
    const leads = path === new Route(this.#asked).path ? "" : `, which leads to /${path}`;
    return new WharfError("FILE_NOT_FOUND", `The image has no file ${this.#asked}${leads}`, {
      hint: "See what is there with `wharf files`.",
    });
  }

  #found(): Known | undefined {
    const { path } = this.#route;
    const known = this.#known.get(path);
    if (known?.pointsTo !== undefined) return undefined;
    if (known?.type === "file" || known?.type === "hardlink") return known;
    if (known !== undefined) throw this.#notReadable(known.type);
    for (const other of this.#known.keys()) {
      if (path === "" || other.startsWith(`${path}/`)) throw this.#notReadable("directory");
    }
    return undefined;
  }

  #notReadable(type: Known["type"]): WharfError {
    const isFolder = type === "directory";
    const what = isFolder ? "a folder" : type === "fifo" ? "a pipe" : `a ${type} device`;
    return new WharfError("UNSUPPORTED", `${this.#asked} is ${what}, not a file`, {
      hint: isFolder
        ? "`wharf files` lists what is in it."
        : "A device has no contents in an image.",
    });
  }
}
