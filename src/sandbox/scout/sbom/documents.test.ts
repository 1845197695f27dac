import assert from "node:assert/strict";
import { test } from "node:test";

import { packagesIn } from "./documents.ts";
import { provenanceIn } from "./provenance.ts";

test("CycloneDX is read, with what is within what", () => {
  const found = packagesIn({
    bomFormat: "CycloneDX",
    components: [
      {
        purl: "pkg:npm/outer@1.0.0",
        version: "1.0.0",
        licenses: [{ license: { id: "MIT" } }, { expression: "Apache-2.0 OR BSD-3-Clause" }],
        components: [{ purl: "pkg:npm/inner@2.0.0", publisher: "Jane" }],
      },
      { name: "no package URL" },
    ],
  });
  assert.deepEqual(
    found?.map(({ purl, licenses, author }) => [purl, licenses, author]),
    [
      ["pkg:npm/inner@2.0.0", [], "Jane"],
      ["pkg:npm/outer@1.0.0", ["MIT", "Apache-2.0", "BSD-3-Clause"], null],
    ],
  );
});

test("a package that SPDX lists twice is one, with every place", () => {
  const layer = `sha256:${"a".repeat(64)}`;
  const reference = { referenceType: "purl", referenceLocator: "pkg:deb/debian/apt@2.6.1" };
  const found = packagesIn({
    spdxVersion: "SPDX-2.3",
    packages: [
      {
        SPDXID: "a",
        licenseConcluded: "GPL-2.0-only WITH Classpath-exception-2.0",
        externalRefs: [reference],
      },
      { SPDXID: "b", externalRefs: [reference] },
      { SPDXID: "c", name: "nothing else" },
    ],
    files: [
      { SPDXID: "f", fileName: "usr/bin/apt", comment: `layerID: ${layer}` },
      { SPDXID: "g", fileName: "/var/lib/dpkg/status" },
    ],
    relationships: [
      { spdxElementId: "a", relatedSpdxElement: "f" },
      { spdxElementId: "b", relatedSpdxElement: "g" },
    ],
  });
  assert.deepEqual(
    found?.map(({ licenses, locations }) => [licenses, locations]),
    [
      [
        ["GPL-2.0-only"],
        [
          { path: "/usr/bin/apt", diffId: layer },
          { path: "/var/lib/dpkg/status", diffId: "" },
        ],
      ],
    ],
  );
});

test("what is no bill of materials is told apart from an empty one", () => {
  for (const document of [undefined, null, "text", [], {}, { spdxVersion: 2 }])
    assert.equal(packagesIn(document), undefined);
  assert.deepEqual(packagesIn({ spdxVersion: "SPDX-2.3", packages: "none" }), []);
});

test("a provenance with nothing in it, or with what it should not have, tells nothing", () => {
  const predicateType = "https://slsa.dev/provenance/v0.2";
  for (const predicate of [undefined, null, [], "x", { metadata: 1, invocation: [] }])
    assert.deepEqual(provenanceIn([{ manifest: "", predicateType, predicate }]), {
      buildParameters: { args: [] },
      dockerfile: null,
      source: null,
    });
  assert.equal(provenanceIn([]).buildParameters, null);
});
