import assert from "node:assert/strict";
import { resolve, sep } from "node:path";
import { test } from "node:test";

import fc from "fast-check";

import { isError, WharfError } from "../../errors.ts";
import { checkApart, pathOf, titleOf } from "./titles.ts";

test("a file is called by its path, tidied; of one that leads elsewhere only the last part stays", () => {
  const titles = {
    "hi.txt": "hi.txt",
    "./hi.txt": "hi.txt",
    "dir/": "dir",
    "a//b/./c": "a/b/c",
    "a/../b": "b",
    ".": ".",
    "./": ".",
    "/etc/hosts": "hosts",
    "../up/file": "file",
    "a/../../b": "b",
    "/": ".",
  };
  for (const [path, title] of Object.entries(titles)) assert.equal(titleOf(path), title, path);
});

test("a title that leaves the folder is refused", () => {
  for (const title of ["", "/etc/passwd", "..", "../x", "a/../../x", "a/..", "a\0b"])
    assert.throws(() => pathOf(title, "manifest"), { code: "PATH_UNSAFE" }, title);
});

test("whatever a title says, its path stays inside", () => {
  const segment = fc.constantFrom("..", ".", "", "a", "b c", "..a", "\0", "~", "-", "C:");
  const titles = fc.oneof(
    fc.string(),
    fc.array(segment).map((parts) => parts.join("/")),
  );
  fc.assert(
    fc.property(titles, (title) => {
      let path;
      try {
        path = pathOf(title, "manifest");
      } catch (error) {
        return assert.ok(isError(error, "PATH_UNSAFE"));
      }
      const full = resolve("/folder", path);
      assert.ok(full === "/folder" || full.startsWith(`/folder${sep}`));
      assert.equal(pathOf(path, "manifest"), path);
    }),
  );
});

test("files lie side by side: none twice, none inside another", () => {
  const apart = (...titles: string[]) =>
    checkApart(
      titles.map((title) => ({ title })),
      (why) => new WharfError("USAGE", why),
    );
  apart("a", "b/c", "b/d", "bc", "ab");
  assert.throws(() => apart("a", "b", "a"), { message: 'two files are called "a"' });
  assert.throws(() => apart("a/b/c", "a"), { message: '"a/b/c" lies inside "a"' });
  assert.throws(() => apart(".", "x"), { message: '"x" lies inside "."' });
});
