import assert from "node:assert/strict";
import { test } from "node:test";

import { entryPath, linkTarget } from "./path.ts";

test("a name becomes a path from the root", () => {
  assert.equal(entryPath("a/b"), "a/b");
  assert.equal(entryPath("./a//b/./c/"), "a/b/c");
  assert.equal(entryPath("./"), "");
  assert.equal(entryPath("..a/b.."), "..a/b..");
});

test("a name that leaves the archive, or may, is unsafe", () => {
  for (const name of ["/etc/passwd", "../a", "a/../b", "a/..", "..", "a\0b"]) {
    assert.throws(() => entryPath(name, "x.tar"), {
      code: "PATH_UNSAFE",
      message: /^x\.tar: entry /,
    });
  }
});

test("a symbolic link counts from its own folder", () => {
  const to = (linkName: string): string => linkTarget("a/b/link", { type: "symlink", linkName });
  assert.equal(to("c"), "a/b/c");
  assert.equal(to("../c/./d"), "a/c/d");
  assert.equal(to("../../c"), "c");
  for (const linkName of ["../../../c", "/etc/passwd", "c\0d", "../../../b/../../c"]) {
    assert.throws(() => to(linkName), { code: "PATH_UNSAFE" });
  }
});

test("a hard link counts from the root and does not climb", () => {
  assert.equal(linkTarget("a/link", { type: "hardlink", linkName: "./b/c" }), "b/c");
  assert.throws(() => linkTarget("a/link", { type: "hardlink", linkName: "../b" }), {
    code: "PATH_UNSAFE",
  });
});
