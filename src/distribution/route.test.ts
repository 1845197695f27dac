import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

import { parseRoute } from "./route.ts";

const digest = `sha256:${"a".repeat(64)}`;

test("each end-point of the specification is found", () => {
  const cases: [string, object | undefined][] = [
    ["/v2/", { kind: "base" }],
    ["/v2", { kind: "base" }],
    ["/v2/_catalog", { kind: "catalog" }],
    ["/v2/a/b/tags/list", { kind: "tags", name: "a/b" }],
    ["/v2/a/manifests/latest", { kind: "manifest", name: "a", reference: "latest" }],
    [`/v2/a/b/c/blobs/${digest}`, { kind: "blob", name: "a/b/c", digest }],
    [`/v2/a/referrers/${digest}`, { kind: "referrers", name: "a", digest }],
    ["/v2/a/blobs/uploads/", { kind: "uploads", name: "a" }],
    ["/v2/a/blobs/uploads", { kind: "uploads", name: "a" }],
    ["/v2/a/blobs/uploads/17", { kind: "upload", name: "a", id: "17" }],
    ["/v2/a/unknown/x", undefined],
    ["/v2/a", undefined],
    ["/v1/", undefined],
    ["/", undefined],
  ];
  for (const [path, route] of cases) assert.deepEqual(parseRoute(path), route, path);
});

test("the protocol's words may be parts of a repository's name", () => {
  assert.deepEqual(parseRoute("/v2/a/manifests/tags/list"), { kind: "tags", name: "a/manifests" });
  assert.deepEqual(parseRoute("/v2/blobs/uploads/manifests/v1"), {
    kind: "manifest",
    name: "blobs/uploads",
    reference: "v1",
  });
});

test("an encoded colon is a colon, and an encoded slash separates nothing", () => {
  assert.deepEqual(parseRoute(`/v2/a/blobs/${digest.replace(":", "%3A")}`), {
    kind: "blob",
    name: "a",
    digest,
  });
  assert.equal(parseRoute("/v2/a%2Fb/tags/list"), undefined);
  assert.equal(parseRoute("/v2/a/manifests/%"), undefined);
});

test("no path is an accident", () => {
  const segment = fc.oneof(
    fc.constantFrom("v2", "blobs", "uploads", "manifests", "tags", "list", "referrers", "..", ""),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.array(segment), (segments) => {
      const route = parseRoute(`/${segments.join("/")}`);
      if (route && "name" in route) assert.equal(typeof route.name, "string");
    }),
  );
});
