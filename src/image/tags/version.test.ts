import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareVersions, parseVersion } from "./version.ts";

test("tags are ordered as versions, and what is none comes last by name", () => {
  const order = [
    "0.9.9",
    "1",
    "1.2",
    "1.9",
    "1.10.0-alpha.1",
    "1.10-beta-2",
    "1.10rc2",
    "1.10-rc.10-alpine",
    "1.10-rc.10",
    "1.10-alpine3.9",
    "1.10-alpine3.10",
    "1.10",
    "1.10.0",
    "v1.10.1",
    "2.0-slim",
    "2.0",
    "17.0.9_8",
    "17.0.9_10",
    "20240101",
    "99999999999999999999999",
    "4e1a9f0",
    "edge",
    "latest",
  ];
  assert.deepEqual(order.toReversed().toSorted(compareVersions), order);
});

test("suffixes are told apart", () => {
  const read = (tag: string) => {
    const { numbers, prerelease, variant, build } = parseVersion(tag) ?? {};
    return [numbers?.join("."), prerelease?.join("."), variant, build];
  };
  assert.deepEqual(read("v1.26-rc1-alpine"), ["1.26", "rc.1", "alpine", ""]);
  assert.deepEqual(read("3.12.0b4-slim-bookworm"), ["3.12.0", "b.4", "slim-bookworm", ""]);
  assert.deepEqual(read("1.0-bookworm"), ["1.0", "", "bookworm", ""]);
  assert.deepEqual(read("1.2.3-debian-12-r4"), ["1.2.3", "", "debian-12-r4", ""]);
  assert.deepEqual(read("17.0.9_9-jdk"), ["17.0.9", "", "jdk", "9"]);
  assert.deepEqual(read("2.0.0-SNAPSHOT-20240101"), ["2.0.0", "snapshot.20240101", "", ""]);
  assert.deepEqual(read("2024.01.05"), ["2024.1.5", "", "", ""]);
  assert.deepEqual(read("1.0-prettier"), ["1.0", "", "prettier", ""]);
  for (const tag of ["latest", "jammy-20240111", "sha256-00.sig", "v", "", "1x", "1.2-"]) {
    assert.equal(parseVersion(tag), undefined, tag);
  }
});

test("the order is total, and equal are only equals", () => {
  const tag = fc.oneof(
    fc.stringMatching(/^v?[0-2](\.[0-2]){0,2}(-(rc|a)[.-]?[0-2])?([-_][ab0-2]{1,2})?$/),
    fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,8}$/),
  );
  fc.assert(
    fc.property(tag, tag, tag, (a, b, c) => {
      assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) + 0);
      assert.equal(compareVersions(a, b) === 0, a === b);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0)
        assert(compareVersions(a, c) <= 0);
    }),
  );
});
