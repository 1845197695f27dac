import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isError } from "../errors.ts";
import { name, path, query } from "./path.ts";

describe("a path", () => {
  test("keeps the slashes of names and the colons of digests", () => {
    assert.equal(
      path`/v2/${name("library/nginx")}/blobs/${"sha256:ab"}`,
      "/v2/library/nginx/blobs/sha256:ab",
    );
  });
  test("encodes all else", () => {
    assert.equal(path`/${"a/b?c#d%e f"}/${7}`, "/a%2Fb%3Fc%23d%25e%20f/7");
    assert.equal(path`/${"\ud800"}`, "/%EF%BF%BD");
  });
  test("refuses what would change it", () => {
    for (const value of [
      "",
      ".",
      "..",
      name(""),
      name("a/../b"),
      name("/a"),
      name("a/"),
      name("a//b"),
    ])
      assert.throws(
        () => path`/v2/${value}/tags/list`,
        (error) => isError(error, "PATH_UNSAFE"),
      );
  });
  test("has as many segments as were written, whatever the values", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        fc.pre(!["", ".", ".."].includes(value));
        const url = new URL(path`/v2/${value}/tags/${value}`, "https://a.test");
        const segments = url.pathname.split("/");
        assert.equal(segments.length, 5);
        assert.equal(url.search + url.hash, "");
        assert.equal(decodeURIComponent(segments[2] ?? ""), value.toString());
      }),
    );
  });
});

describe("a query", () => {
  test("leaves out what is undefined and repeats lists", () => {
    assert.equal(query({}), "");
    assert.equal(query({ n: undefined }), "");
    assert.equal(query({ n: 0, last: "a&b", tag: ["x", "y"] }), "?n=0&last=a%26b&tag=x&tag=y");
  });
  test("is read back as it was", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (values) => {
        const read = new URLSearchParams(query(values));
        assert.deepEqual([...read.entries()], Object.entries(values));
      }),
    );
  });
});
