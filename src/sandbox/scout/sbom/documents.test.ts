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

test("components within components without end are no end of the stack", () => {
  let component: object = { purl: "pkg:npm/innermost@1.0.0" };
  for (let depth = 0; depth < 20_000; depth += 1) component = { components: [component] };
  const found = packagesIn({ bomFormat: "CycloneDX", components: [component] });
  assert.deepEqual(
    found?.map(({ purl }) => purl),
    ["pkg:npm/innermost@1.0.0"],
  );
});

test("an id that thousands of packages share does not multiply its places", () => {
  const many = Array.from({ length: 20_000 }, (_, at) => at);
  const found = packagesIn({
    spdxVersion: "SPDX-2.3",
    packages: many.map(() => ({
      SPDXID: "a",
      originator: `Person: ${" ".repeat(400)}(${"(".repeat(400)}`,
      externalRefs: [{ referenceType: "purl", referenceLocator: "pkg:deb/debian/apt@2.6.1" }],
    })),
    files: [{ SPDXID: "f", fileName: "usr/bin/apt" }],
    relationships: many.map(() => ({ spdxElementId: "a", relatedSpdxElement: "f" })),
  });
  assert.equal(found?.length, 1);
  assert.equal(found[0]!.locations.length, many.length);
});

test("a person's address is not part of the name", () => {
  const authorOf = (originator: string) =>
    packagesIn({
      spdxVersion: "SPDX-2.3",
      packages: [
        {
          originator,
          externalRefs: [{ referenceType: "purl", referenceLocator: "pkg:npm/left-pad@1.0.0" }],
        },
      ],
    })?.[0]?.author;
  assert.equal(authorOf("Person: Jane Doe (jane@example.com)"), "Jane Doe");
  assert.equal(authorOf("Organization: Acme"), "Acme");
  assert.equal(authorOf("Organization: Acme)"), "Acme)");
  assert.equal(authorOf("NOASSERTION"), null);
});

test("steps that each claim to be the whole Dockerfile are not all told, nor lines beyond all numbers", () => {
  const text = "RUN true\n".repeat(10_000);
  const step = (line: number, end: number) => ({
    locations: [{ ranges: [{ start: { line, character: -1 }, end: { line: end } }] }],
  });
  const metadata = {
    source: {
      infos: [{ data: Buffer.from(text).toString("base64") }],
      locations: {
        far: step(2 ** 40, 2 ** 40),
        ...Object.fromEntries(
          Array.from({ length: 5_000 }, (_, at) => [`s${at}`, step(1, 10_000)]),
        ),
      },
    },
  };
  const predicate = {
    buildDefinition: {},
    runDetails: { metadata: { buildkit_metadata: metadata } },
  };
  const predicateType = "https://slsa.dev/provenance/v1";
  const { dockerfile } = provenanceIn([{ manifest: "", predicateType, predicate }]);
  assert.equal(dockerfile?.rawContent, text);
  assert.equal(dockerfile.sourceMap.length, 12);
  assert.equal(dockerfile.sourceMap[0]!.startColumn, 0);
});
