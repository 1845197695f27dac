/** What BuildKit says of an image that it has built: where it comes from (SLSA provenance) and what is in it (SPDX). */
import type { Descriptor } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";

interface Statement {
  readonly _type: string;
  readonly predicateType: string;
  readonly subject: readonly object[];
  readonly predicate: object;
}

/** Source: SLSA, "Provenance v0.2"; BuildKit's docs, "SLSA provenance". */
export function provenanceOf(version: string, image: Descriptor, created: string): Statement {
  const platform = platformOf(image);
  return statement("https://slsa.dev/provenance/v0.2", image, {
    builder: { id: "" },
    buildType: "https://mobyproject.org/buildkit@v1",
    materials: [
      {
        uri: `https://git.example.com/harbour/hello.git#refs/tags/v${version}`,
        digest: { sha1: hexOf(`source ${version}`).slice(0, 40) },
      },
    ],
    invocation: {
      configSource: { entryPoint: "Dockerfile" },
      parameters: { frontend: "dockerfile.v0", args: { "build-arg:VERSION": version }, locals: [] },
      environment: { platform },
    },
    metadata: {
      buildInvocationID: hexOf(`build ${version} ${platform}`).slice(0, 25),
      buildStartedOn: created,
      buildFinishedOn: created,
      completeness: { parameters: true, environment: true, materials: false },
      reproducible: false,
    },
  });
}

/** Source: SPDX 2.3, JSON. */
export function sbomOf(version: string, image: Descriptor, created: string): Statement {
  const packages = [
    {
      name: "hello",
      versionInfo: version,
      purl: `pkg:generic/hello@${version}`,
      license: "Apache-2.0",
    },
    {
      name: "os-release",
      versionInfo: version,
      purl: `pkg:generic/os-release@${version}`,
      license: "CC0-1.0",
    },
  ];
  return statement("https://spdx.dev/Document", image, {
    spdxVersion: "SPDX-2.3",
    dataLicense: "CC0-1.0",
    SPDXID: "SPDXRef-DOCUMENT",
    name: "sbom",
    documentNamespace: `https://example.com/sbom/${hexOf(image.digest).slice(0, 32)}`,
    creationInfo: { creators: ["Tool: wharfinger-sandbox"], created },
    packages: packages.map(({ name, versionInfo, purl, license }) => ({
      name,
      SPDXID: `SPDXRef-Package-${name}`,
      versionInfo,
      supplier: "Organization: The Harbour Company",
      downloadLocation: "NOASSERTION",
      filesAnalyzed: false,
      licenseConcluded: license,
      licenseDeclared: license,
      copyrightText: "NOASSERTION",
      externalRefs: [
        { referenceCategory: "PACKAGE-MANAGER", referenceType: "purl", referenceLocator: purl },
      ],
    })),
    relationships: packages.map(({ name }) => ({
      spdxElementId: "SPDXRef-DOCUMENT",
      relationshipType: "DESCRIBES",
      relatedSpdxElement: `SPDXRef-Package-${name}`,
    })),
  });
}

/** Source: in-toto attestation framework, "Statement v0.1". */
function statement(predicateType: string, image: Descriptor, predicate: object): Statement {
  const sha256 = image.digest.slice(image.digest.indexOf(":") + 1);
  const name = `pkg:docker/library/hello@latest?platform=${encodeURIComponent(platformOf(image))}`;
  return {
    _type: "https://in-toto.io/Statement/v0.1",
    predicateType,
    subject: [{ name, digest: { sha256 } }],
    predicate,
  };
}

function platformOf({ platform }: Descriptor): string {
  return `${platform?.os}/${platform?.architecture}`;
}

function hexOf(text: string): string {
  return digestOf(Buffer.from(text)).slice("sha256:".length);
}
