/** What unpacking layers one after another gives, as simply as it can be said: what the rest is measured by. */
import type { Item } from "./layers.ts";

interface Node {
  readonly type: "file" | "directory" | "symlink";
  readonly content: string;
  readonly mode: number;
}

/** A tree in memory. Hard links are one and the same node. */
export class Unpacked {
  readonly #nodes = new Map<string, Node>();

  /** Puts a layer on top of what is there. */
  apply(items: readonly Item[]): void {
    for (const { name } of items) {
      const [, folder = "", hidden] = /^(?:(.*)\/)?\.wh\.(.*)$/.exec(name) ?? [];
      if (hidden === ".wh..opq") this.#clear(folder);
      else if (hidden !== undefined) this.#remove(folder === "" ? hidden : `${folder}/${hidden}`);
    }
    for (const item of items) if (!/(^|\/)\.wh\./.test(item.name)) this.add(item);
  }

  /** @returns false for a hard link to nothing */
  add({ name, type = "file", content = "", linkName = "", mode = 0o777 }: Item): boolean {
    const path = name.replace(/\/$/, "");
    const parents = path.split("/").slice(0, -1);
    for (const end of parents.keys()) {
      const parent = parents.slice(0, end + 1).join("/");
      if (this.#nodes.get(parent)?.type === "directory") continue;
      this.#remove(parent);
      this.#nodes.set(parent, implied);
    }
    if (type === "directory") {
      if (this.#nodes.get(path)?.type !== "directory") this.#remove(path);
      this.#nodes.set(path, { type, content: "", mode });
      return true;
    }
    const node =
      type === "hardlink"
        ? this.#nodes.get(linkName)
        : { type: type as "file" | "symlink", content: String(content) || linkName, mode };
    if (node === undefined || node.type === "directory") return false;
    this.#remove(path);
    this.#nodes.set(path, node);
    return true;
  }

  copy(): Unpacked {
    const copy = new Unpacked();
    for (const [path, node] of this.#nodes) copy.#nodes.set(path, node);
    return copy;
  }

  /** What is there, sorted; folders that no layer names are left out. Links to one file share a number. */
  get lines(): string[] {
    const numbers = new Map<Node, number>();
    return [...this.#nodes]
      .filter(([, node]) => node !== implied)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([path, node]) => {
        if (!numbers.has(node)) numbers.set(node, numbers.size);
        const { type, content, mode } = node;
        return `${path} ${type} ${mode.toString(8)} ${content} #${numbers.get(node)}`;
      });
  }

  /** What is there, links or not, by path. */
  get facts(): [path: string, facts: string][] {
    return [...this.#nodes]
      .filter(([, node]) => node !== implied)
      .map(([path, { type, content, mode }]) => [path, `${type} ${content} ${mode}`]);
  }

  isFolder(path: string): boolean {
    return this.#nodes.get(path)?.type === "directory";
  }

  /** Paths of files and what they hold. */
  get files(): [path: string, content: string][] {
    return [...this.#nodes]
      .filter(([, { type }]) => type === "file")
      .map(([path, { content }]) => [path, content]);
  }

  #remove(path: string): void {
    this.#nodes.delete(path);
    this.#clear(path);
  }

  #clear(path: string): void {
    const below = path === "" ? "" : `${path}/`;
    for (const known of this.#nodes.keys()) {
      if (known.startsWith(below)) this.#nodes.delete(known);
    }
  }
}

const implied: Node = { type: "directory", content: "", mode: 0 };
