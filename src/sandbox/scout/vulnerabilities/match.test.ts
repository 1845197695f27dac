import assert from "node:assert/strict";
import { test } from "node:test";

import fc from "fast-check";

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
    ["deb", "1.0~~", "1.0~"],
    ["deb", "0:1.0-1", "1:0.9-1"],
    ["deb", "1.0", "1.0-1"],
    ["deb", "20240101", "1:1"],
    ["rpm", "1.0~rc1-1.el9", "1.0-1.el9"],
    ["rpm", "1.0-1.el9", "1.0^git1-1.el9"],
    ["rpm", "1.0^git1", "1.0.1"],
    ["rpm", "1.0a", "1.0.1"],
    ["rpm", "1.9", "1.10"],
    ["rpm", "9.9-9", "1:1-1"],
    ["rpm", "1.1.1k-9.el8", "1.1.1k-12.el8_9"],
    ["apk", "1.36.1-r9", "1.36.1-r10"],
    ["apk", "1.2.3_alpha", "1.2.3_beta2"],
    ["apk", "1.2.3_rc1-r5", "1.2.3-r0"],
    ["apk", "1.2.3-r9", "1.2.3_p1-r0"],
    ["apk", "1.2.3", "1.2.3a"],
    ["apk", "1.2", "1.2.0"],
    ["apk", "1.2.3a-r7", "1.2.4"],
    ["pypi", "1.0.dev1", "1.0a1"],
    ["pypi", "1.0a1.dev3", "1.0a1"],
    ["pypi", "1.0b2", "1.0rc1"],
    ["pypi", "1.0rc1", "1.0"],
    ["pypi", "1.0", "1.0.post1"],
    ["pypi", "1.0.post1.dev1", "1.0.post1"],
    ["pypi", "1.0", "1.0-1"],
    ["pypi", "2.9", "2.10"],
    ["pypi", "2024.1", "1!0.1"],
    ["maven", "2.0-beta9", "2.0"],
    ["maven", "1.0-alpha-1", "1.0-a2"],
    ["maven", "1.0-m1", "1.0-rc1"],
    ["maven", "1.0-rc2", "1.0-SNAPSHOT"],
    ["maven", "1.0-SNAPSHOT", "1.0"],
    ["maven", "1.0", "1.0-sp1"],
    ["maven", "1.0", "1.0-1"],
    ["maven", "1.0-1", "1.0.1"],
    ["maven", "31.0-android", "32.0-android"],
    ["golang", "v0.0.0-20200101000000-abcdef", "v0.0.0-20210101000000-012345"],
    ["golang", "v1.2.3-0.20200101000000-abcdef", "v1.2.3"],
    ["npm", "1.0.0-1", "1.0.0-alpha"],
  ] as const;
  for (const [type, one, other] of older) {
    assert(compareVersions(type, one, other) < 0, `${one} < ${other}`);
    assert(compareVersions(type, other, one) > 0, `${other} > ${one}`);
  }
  const same = [
    ["npm", "1.0", "1.0.0+build"],
    ["golang", "v2.0.0+incompatible", "2.0.0"],
    ["deb", "1.0-0", "0:1.0"],
    ["deb", "1.00", "1.0"],
    ["rpm", "1.0", "1.0-3.el9"],
    ["rpm", "0:1.0-1", "1.00-1"],
    ["apk", "1.2.3_p", "1.2.3_p0-r0"],
    ["pypi", "1.0.0", "v1+local.7"],
    ["pypi", "1.0-alpha.1", "1.0a1"],
    ["maven", "1.0.0.Final", "1"],
    ["maven", "1.0.RELEASE", "1-ga"],
    ["maven", "1-cr2", "1rc2"],
  ] as const;
  for (const [type, one, other] of same)
    assert.equal(Math.abs(compareVersions(type, one, other)), 0, `${one} = ${other}`);
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

test("whatever stands for a version, the order is one", () => {
  const part = fc.constantFrom(..."019az.~^-+:_!".split(""), "rc", "alpha", "post", "dev", "10");
  const version = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(""));
  const types = ["deb", "rpm", "apk", "pypi", "maven", "npm"] as const;
  fc.assert(
    fc.property(fc.constantFrom(...types), version, version, (type, one, other) => {
      assert(compareVersions(type, one, one) === 0);
      const [there, back] = [compareVersions(type, one, other), compareVersions(type, other, one)];
      assert.equal(Math.sign(there) + Math.sign(back), 0, `${type}: ${one}, ${other}`);
    }),
  );
});
