/** Images as BuildKit builds them: with what is in them, and how they were made. */
import {
  type Layer,
  ImageBuilder,
  json,
  type RunConfig,
  type TestImage,
} from "../../image-builder.ts";

const platform = { os: "linux", architecture: "amd64" };

interface Package {
  readonly purl: string;
  readonly license?: string;
  /** The file that tells of it, in the image's last layer. */
  readonly file?: string;
}

export interface Built extends TestImage {
  /** Of the image for linux/amd64. */
  readonly digest: string;
}

/** @param packages undefined for an image without a bill of materials; text for one that cannot be read */
export async function built(
  packages: readonly Package[] | string | undefined,
  {
    layers = 1,
    config,
    tag = "latest",
    attached = false,
    vex = [],
    also = [],
  }: {
    readonly layers?: number;
    readonly config?: RunConfig;
    readonly tag?: string;
    /** Whether the bill of materials refers to the image, and does not stand beside it. */
    readonly attached?: boolean;
    /** Statements of OpenVEX, in a signed envelope. */
    readonly vex?: readonly object[];
    /** Media types under which the bill of materials is listed once more. */
    readonly also?: readonly string[];
  } = {},
): Promise<Built> {
  const builder = new ImageBuilder();
  const all: Layer[] = [];
  for (let at = 0; at < layers; at += 1)
    all.push(await builder.addLayer([{ name: `layer-${at}`, body: `layer ${at}` }]));
  const image = builder.addImage(platform, all, config);
  if (packages === undefined)
    return { ...builder.finish(tag, image, [image]), digest: image.digest };
  const document = spdx(packages, all.at(-1)!.descriptor.digest);
  if (attached) {
    const type = "application/spdx+json";
    builder.addArtifact(image, type, builder.addBlob(type, json(document)));
    return { ...builder.finish(tag, image, [image]), digest: image.digest };
  }
  const statement = (predicateType: string, predicate: unknown) =>
    builder.addBlob(
      "application/vnd.in-toto+json",
      json({ _type: "https://in-toto.io/Statement/v0.1", predicateType, subject: [], predicate }),
      { "in-toto.io/predicate-type": predicateType },
    );
  const attestation = builder.addManifest({
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: builder.addBlob(
      "application/vnd.oci.image.config.v1+json",
      json({ architecture: "unknown", os: "unknown", config: {}, rootfs: { type: "layers" } }),
    ),
    layers: [
      statement("https://spdx.dev/Document", document),
      statement("https://slsa.dev/provenance/v1", provenance),
      ...(vex.length > 0
        ? [builder.addBlob("application/vnd.dsse.envelope.v1+json", envelope(vex))]
        : []),
      ...also.map((mediaType) => builder.addBlob(mediaType, json(document))),
    ],
  });
  const index = builder.addIndex([
    image,
    {
      ...attestation,
      platform: { os: "unknown", architecture: "unknown" },
      annotations: {
        "vnd.docker.reference.digest": image.digest,
        "vnd.docker.reference.type": "attestation-manifest",
      },
    },
  ]);
  return { ...builder.finish(tag, index, [image]), digest: image.digest };
}

/** Source: DSSE 1.0, "Envelope". */
function envelope(statements: readonly object[]): Buffer {
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    predicateType: "https://openvex.dev/ns/v0.2.0",
    predicate: { statements },
  };
  return json({
    payloadType: "application/vnd.in-toto+json",
    payload: json(statement).toString("base64"),
    signatures: [],
  });
}

function spdx(packages: readonly Package[] | string, layer: string): unknown {
  if (typeof packages === "string") return packages;
  return {
    spdxVersion: "SPDX-2.3",
    packages: [
      { SPDXID: "SPDXRef-root", name: "the image itself" },
      ...packages.map(({ purl, license = "NOASSERTION" }, at) => ({
        SPDXID: `SPDXRef-${at}`,
        name: purl,
        licenseDeclared: license,
        originator: "Person: Jane (jane@example.com)",
        externalRefs: [{ referenceType: "purl", referenceLocator: purl }],
      })),
    ],
    files: packages.flatMap(({ file }, at) =>
      file === undefined
        ? []
        : [{ SPDXID: `SPDXRef-File-${at}`, fileName: file, comment: `layerID: ${layer}` }],
    ),
    relationships: packages.map((_, at) => ({
      spdxElementId: `SPDXRef-${at}`,
      relationshipType: "OTHER",
      relatedSpdxElement: `SPDXRef-File-${at}`,
    })),
  };
}

const dockerfile = "FROM scratch\nCOPY . /\n";
const provenance = {
  buildDefinition: {
    externalParameters: {
      request: { frontend: "dockerfile.v0", args: { "build-arg:VERSION": "2", "label:a": "b" } },
    },
  },
  runDetails: {
    metadata: {
      buildkit_metadata: {
        vcs: { source: "https://github.com/acme/app.git", revision: "0123456789abcdef" },
        source: {
          infos: [{ filename: "Dockerfile", data: Buffer.from(dockerfile).toString("base64") }],
          locations: {
            step0: { locations: [{ ranges: [{ start: { line: 2 }, end: { line: 2 } }] }] },
          },
        },
        layers: { "step0:0": [[{ digest: `sha256:${"1".repeat(64)}` }]] },
      },
    },
  },
};
