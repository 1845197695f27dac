import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { test } from "node:test";

/** Lowest first: a room (a folder or file of src) may import its own and those before it. */
const rooms =
  "errors folders reference config http auth operation store registry transfer hub scout image blobstore sync catalogue openapi cache distribution sandbox server compat entrance mcp a2a cli".split(
    " ",
  );
/** Surfaces stand side by side; only these may load one another, and only when used. */
const dynamicOnly = new Set(["server>mcp", "server>a2a", "cli>server", "cli>mcp", "cli>a2a"]);
const surfaces = new Set(["server", "mcp", "a2a", "cli"]);

const room = (path: string) => path.split(/[/.]/)[0]!;
const sources = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((name) =>
  name.endsWith(".ts"),
);

test("imports only point down", () => {
  for (const file of sources.filter((name) => !name.endsWith(".test.ts"))) {
    const from = room(file);
    assert(rooms.includes(from), `src/${file} is in no known room`);
    const text = readFileSync(`src/${file}`, "utf8");
    for (const match of text.matchAll(
      /(?:\b(import|export) (type )?[^;]*?\bfrom|\b(import\())\s*"(\.[^"]+)"/g,
    )) {
      const to = room(posix.join(posix.dirname(file), match[4]!));
      if (to === from) continue;
      const edge = `${from}>${to}`;
      if (surfaces.has(from) && surfaces.has(to))
        assert(
          (match[3] !== undefined || match[2] !== undefined) && dynamicOnly.has(edge),
          `${file} must not import ${match[4]}`,
        );
      else assert(rooms.indexOf(to) < rooms.indexOf(from), `${file} must not import ${match[4]}`);
    }
  }
});

test("a source file has at most 350 lines", () => {
  for (const file of sources.filter((name) => !name.endsWith(".test.ts")))
    assert(
      readFileSync(`src/${file}`, "utf8").split("\n").length <= 351,
      `src/${file} is too long`,
    );
});
