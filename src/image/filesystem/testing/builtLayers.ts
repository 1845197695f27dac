/** Layers as image builders make them, at random. */
import fc from "fast-check";

import { directory, file, hardlink, opaque, symlink, whiteout, type Item } from "./layers.ts";
import { Unpacked } from "./unpacked.ts";

/** The base first; with so few names that they get into each other's way. */
export const builtLayers = fc
  .array(
    fc.array(
      fc.record({
        path: fc.constantFrom("a", "b", "c", "a/a", "a/b", "b/a", "a/a/a", "a/a/b", "b/a/c"),
        kind: fc.constantFrom("file", "directory", "symlink", "hardlink", "whiteout", "opaque"),
        target: fc.constantFrom("a", "b", "c", "a/a", "a/b", "b/a", "a/a/a"),
      }),
      { maxLength: 7 },
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((raw) => {
    let number = 0;
    const below = new Unpacked();
    return raw.map((entries) => {
      const items: Item[] = [];
      const taken = new Map<string, string>();
      for (const { path, kind, target } of entries) {
        number += 1;
        if (kind === "whiteout") items.push(whiteout(path));
        else if (kind === "opaque") items.push(opaque(path));
        else {
          // A builder's layer has one thing under a name, and nothing below a file.
          const parents = path.split("/").map((_, at, all) => all.slice(0, at).join("/"));
          const isInFile = parents.some(
            (parent) => (taken.get(parent) ?? "directory") !== "directory",
          );
          const isParent = [...taken.keys()].some((known) => known.startsWith(`${path}/`));
          if (taken.has(path) || isInFile || (isParent && kind !== "directory")) continue;
          const item =
            kind === "file"
              ? file(path, `${number}`, 0o600 + (number % 8))
              : kind === "directory"
                ? directory(path, 0o700 + (number % 8))
                : kind === "symlink"
                  ? symlink(path, `${number}`)
                  : hardlink(path, target);
          items.push(item);
          taken.set(path, kind);
        }
      }
      // Hard links that would fail are left out: try them on what is there.
      const sound = soundOnes(below, items);
      below.apply(sound);
      return sound;
    });
  });

/** Without the hard links that lead nowhere when the layer is put on top of what is there. */
function soundOnes(below: Unpacked, items: readonly Item[]): Item[] {
  const copy = below.copy();
  copy.apply(items.filter(({ name }) => /(^|\/)\.wh\./.test(name)));
  return items.filter((item) => /(^|\/)\.wh\./.test(item.name) || copy.add(item));
}
