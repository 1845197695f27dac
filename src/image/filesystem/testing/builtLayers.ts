/** Layers as image builders make them, at random. */
import fc from "fast-check";

import { directory, file, hardlink, opaque, symlink, whiteout, type Item } from "./layers.ts";
import { Unpacked } from "./unpacked.ts";

interface Step {
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink" | "hardlink" | "whiteout" | "opaque";
  readonly target: string;
}

const step: fc.Arbitrary<Step> = fc.record({
  path: fc.constantFrom("a", "b", "c", "a/a", "a/b", "b/a", "a/a/a", "a/a/b", "b/a/c"),
  kind: fc.constantFrom("file", "directory", "symlink", "hardlink", "whiteout", "opaque"),
  target: fc.constantFrom("a", "b", "c", "a/a", "a/b", "b/a", "a/a/a"),
});

/** The base first; with so few names that they get into each other's way. */
export const builtLayers: fc.Arbitrary<Item[][]> = fc
  .array(fc.array(step, { maxLength: 7 }), { minLength: 1, maxLength: 4 })
  .map((layers) => sound(layers.map((steps, at) => layerOf(steps, at * 7))));

/** A builder's layer has one thing under a name, and nothing below a file. */
function layerOf(steps: readonly Step[], first: number): Item[] {
  const items: Item[] = [];
  const taken = new Map<string, string>();
  for (const [at, { path, kind, target }] of steps.entries()) {
    const number = first + at;
    if (kind === "whiteout") items.push(whiteout(path));
    else if (kind === "opaque") items.push(opaque(path));
    else {
      const parents = path.split("/").map((_, end, all) => all.slice(0, end).join("/"));
      const isInFile = parents.some((parent) => (taken.get(parent) ?? "directory") !== "directory");
      const isParent = [...taken.keys()].some((known) => known.startsWith(`${path}/`));
      if (taken.has(path) || isInFile || (isParent && kind !== "directory")) continue;
      taken.set(path, kind);
      if (kind === "file") items.push(file(path, `${number}`, 0o600 + (number % 8)));
      else if (kind === "directory") items.push(directory(path, 0o700 + (number % 8)));
      else items.push(kind === "symlink" ? symlink(path, `${number}`) : hardlink(path, target));
    }
  }
  return items;
}

/** Without the hard links that lead nowhere when each layer is put on top of those before it. */
export function sound(layers: readonly (readonly Item[])[]): Item[][] {
  const below = new Unpacked();
  const isMark = ({ name }: Item): boolean => /(^|\/)\.wh\./.test(name);
  return layers.map((items) => {
    const trial = below.copy();
    trial.apply(items.filter(isMark));
    const kept = items.filter((item) => isMark(item) || trial.add(item));
    below.apply(kept);
    return kept;
  });
}
