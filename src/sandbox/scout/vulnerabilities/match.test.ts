import assert from "node:assert/strict";
import { test } from "node:test";

import { matchesOf } from "./match.ts";
import { parsePurl, purlOf } from "../sbom/purl.ts";
import { compareVersions } from "./versions.ts";

const idsOf = (purl: string) => matchesOf(purl).map(({ cve }) => cve.id);

test("a package has the vulnerabilities whose range holds its version", () => {
  assert.deepEqual(idsOf("pkg:npm/lodash@4.17.20"), ["CVE-2021-23337", "CVE-2020-28500"]);
  assert.deepEqual(idsOf("pkg:npm/lodash@3.10.1"), ["CVE-2021-23337"]);
  assert.deepEqual(idsOf("pkg:npm/lodash@4.17.21"), []);
  assert.deepEqual(idsOf("pkg:generic/hello@1.6.0"), ["CVE-2026-90002"]);
  assert.deepEqual(idsOf("pkg:generic/hello@1.6.1"), []);
});

test("the name alone does not do: type and namespace count too", () => {
  assert.deepEqual(idsOf("pkg:pypi/lodash@4.17.20"), []);
  assert.deepEqual(idsOf("pkg:npm/%40acme/lodash@4.17.20"), []);
  assert.deepEqual(idsOf("pkg:deb/ubuntu/xz-utils@5.6.0-0.1"), []);
  assert.deepEqual(idsOf("pkg:deb/debian/xz-utils@5.6.0-0.1?arch=amd64&distro=debian-13"), [
    "CVE-2024-3094",
  ]);
});

test("what has no version, or is no package URL, has none", () => {
  for (const purl of ["pkg:npm/lodash", "lodash@4.17.20", "", "pkg:npm/"])
    assert.deepEqual(idsOf(purl), []);
});

test("versions are ordered as their kind orders them", () => {
  const older = [
    ["deb", "1.0~rc1-1", "1.0-1"],
    ["deb", "9.9", "1:0.1"],
    ["deb", "5.6.0-0.1", "5.6.1+really5.4.5-1"],
    ["deb", "1.2.9", "1.2.10"],
    ["deb", "1.0-1", "1.0-1+deb12u1"],
    ["npm", "1.0.0-rc.1", "1.0.0"],
    ["npm", "1.0.0-alpha.2", "1.0.0-alpha.10"],
    ["maven", "2.0-beta9", "2.14.1"],
    ["golang", "v0.9.0", "v0.17.0"],
    ["generic", "1", "1.0.1"],
  ] as const;
  for (const [type, one, other] of older) {
    assert(compareVersions(type, one, other) < 0, `${one} < ${other}`);
    assert(compareVersions(type, other, one) > 0, `${other} > ${one}`);
  }
  assert.equal(compareVersions("npm", "1.0", "1.0.0+build"), 0);
});

test("package URLs are read and written", () => {
  const text = "pkg:deb/debian/zlib@1:1.2.11.dfsg-2+deb11u1?arch=amd64";
  const purl = parsePurl(text);
  assert.deepEqual(purl, {
    type: "deb",
    namespace: "debian",
    name: "zlib",
    version: "1:1.2.11.dfsg-2+deb11u1",
    qualifiers: "arch=amd64",
  });
  assert.equal(purlOf(purl!), text);
  assert.equal(parsePurl("pkg:npm/@acme/x")?.namespace, "@acme");
  assert.equal(parsePurl("pkg:npm/%zz/x@1")?.namespace, "%zz");
});
