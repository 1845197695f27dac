import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { isError } from "../errors.ts";
import { formatLocation, parseLocation } from "./location.ts";
import type { Location } from "./location.ts";

const digest = `sha256:${"ab".repeat(32)}`;
const nginx = { registry: "docker.io", repository: "library/nginx" };

describe("locations", () => {
  const cases: [text: string, location: Location][] = [
    ["nginx", { transport: "docker", reference: nginx }],
    ["docker://nginx:1", { transport: "docker", reference: { ...nginx, tag: "1" } }],
    [
      "docker:20-dind",
      {
        transport: "docker",
        reference: { ...nginx, repository: "library/docker", tag: "20-dind" },
      },
    ],
    ["oci:dir", { transport: "oci", path: "dir" }],
    ["oci:./dir/x:1.0", { transport: "oci", path: "./dir/x", tag: "1.0" }],
    [`oci:/dir:1.0@${digest}`, { transport: "oci", path: "/dir", tag: "1.0", digest }],
    [`oci:/dir@${digest}`, { transport: "oci", path: "/dir", digest }],
    ["ocidir://dir:v1", { transport: "oci", path: "dir", tag: "v1" }],
    ["ocidir:///abs/dir", { transport: "oci", path: "/abs/dir" }],
    ["oci:a@b:c", { transport: "oci", path: "a@b", tag: "c" }],
    ["oci:a:b/c", { transport: "oci", path: "a:b/c" }],
    ["oci:a:b:", { transport: "oci", path: "a:b" }],
    ["oci:C:\\dir", { transport: "oci", path: "C:\\dir" }],
    ["oci:C:\\dir:v1", { transport: "oci", path: "C:\\dir", tag: "v1" }],
    ["oci-archive:x.tar", { transport: "oci-archive", path: "x.tar" }],
    ["oci-archive:-", { transport: "oci-archive", path: "-" }],
    ["oci-archive:x.tar:v1", { transport: "oci-archive", path: "x.tar", tag: "v1" }],
    ["docker-archive:-", { transport: "docker-archive", path: "-" }],
    [
      "docker-archive:x.tar:busybox:1",
      { transport: "docker-archive", path: "x.tar", tag: "busybox:1" },
    ],
    ["docker-daemon:busybox:1", { transport: "docker-daemon", reference: "busybox:1" }],
    [`docker-daemon:${digest}`, { transport: "docker-daemon", reference: digest }],
  ];
  for (const [text, location] of cases)
    test(text.slice(0, 40), () => {
      assert.deepEqual(parseLocation(text), location);
      assert.deepEqual(parseLocation(formatLocation(location)), location);
    });
});

test("what is no location is refused with a reason", () => {
  const cases: [text: string, message: RegExp][] = [
    ["", /is empty/],
    ["oci:", /names no path/],
    ["ocidir://", /names no path/],
    ["docker-archive:", /names no file/],
    ["docker-archive:x:Y", /must be lower case/],
    [`docker-archive:x:y@${digest}`, /has a digest/],
    ["docker-daemon:", /names no image/],
    ["dir:/x", /"dir:", which is not supported/],
    ["containers-storage:x", /not supported/],
    ["https://ghcr.io/x", /has "https:\/\/" in front/],
    ["docker://", /is empty/],
    ["oci:".repeat(1e5), /is too long/],
  ];
  for (const [text, message] of cases)
    assert.throws(
      () => parseLocation(text),
      (error) => isError(error, "REFERENCE_INVALID") && message.test(error.message),
      text.slice(0, 40),
    );
});

test("parse after format is the identity for every path", () => {
  const path = fc
    .string({ unit: fc.constantFrom(..."ab:@./-C\\", `@${digest}`), minLength: 1, maxLength: 8 })
    .filter((text) => text.length > 0);
  const tag = fc.option(fc.constantFrom("v1", "1", "_"), { nil: undefined });
  fc.assert(
    fc.property(
      fc.constantFrom("oci" as const, "oci-archive" as const),
      path,
      tag,
      fc.boolean(),
      (transport, place, name, hasDigest) => {
        const location: Location = {
          transport,
          path: place,
          ...(name !== undefined && { tag: name }),
          ...(hasDigest && { digest }),
        };
        assert.deepEqual(parseLocation(formatLocation(location)), location);
      },
    ),
    { numRuns: 2000 },
  );
});
