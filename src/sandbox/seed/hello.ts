/** The image that a seed's repositories hold: it runs, on two platforms, and says who made it of what, as BuildKit has it. */
import { gzipSync } from "node:zlib";

import { type HelloArchitecture, helloProgram } from "../../distribution/hello.ts";
import { jsonBytes, pushBytes, pushJson, tarOf } from "../../distribution/making.ts";
import { type Descriptor, type Digest, mediaTypes } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import type { Repository } from "../../store/store.ts";
import { provenanceOf, sbomOf } from "./attestations.ts";

const architectures: readonly HelloArchitecture[] = ["amd64", "arm64"];
const greeting = `Hello from the wharf.

This image came out of the sandbox of Wharfinger. All that is in it is a program of half a kilobyte
that prints this (/hello), and what release it is (/etc/os-release).
`;

/** Programs are the same in all versions, and so are their layers. */
const programs = new Map<HelloArchitecture, Layer>();

interface Layer {
  readonly bytes: Uint8Array;
  /** Of what is in it, before it was compressed. */
  readonly diffId: Digest;
}

/**
 * Pushes a version of the image; the same version is the same bytes each time.
 * @returns the digest of its index
 */
export async function pushHello(
  repository: Repository,
  version: string,
  { attested }: { readonly attested: boolean },
): Promise<Digest> {
  const release = `NAME="Hello"\nID=hello\nVERSION_ID="${version}"\nPRETTY_NAME="Hello ${version}"\n`;
  const system = await layer({ "etc/os-release": Buffer.from(release) });
  const images: Descriptor[] = [];
  for (const architecture of architectures) {
    let program = programs.get(architecture);
    program ??= await layer({ hello: helloProgram(architecture, greeting) });
    programs.set(architecture, program);
    images.push(await pushImage(repository, version, architecture, [system, program]));
  }
  const attestations: Descriptor[] = [];
  for (const image of attested ? images : [])
    attestations.push(await pushAttestation(repository, version, image));
  const manifests = [...images, ...attestations];
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
  return (await pushJson(repository, index)).digest;
}

async function pushImage(
  repository: Repository,
  version: string,
  architecture: HelloArchitecture,
  layers: readonly Layer[],
): Promise<Descriptor> {
  const platform = { os: "linux", architecture };
  const created = createdOf(version);
  const config = {
    ...platform,
    created,
    config: {
      Entrypoint: ["/hello"],
      Env: ["PATH=/"],
      Labels: {
        "org.opencontainers.image.title": "Hello from the wharf",
        "org.opencontainers.image.version": version,
      },
    },
    rootfs: { type: "layers", diff_ids: layers.map(({ diffId }) => diffId) },
    history: [
      {
        created,
        created_by: "COPY os-release /etc/os-release # buildkit",
        comment: "buildkit.dockerfile.v0",
      },
      { created, created_by: "COPY hello /hello # buildkit", comment: "buildkit.dockerfile.v0" },
      {
        created,
        created_by: 'ENTRYPOINT ["/hello"]',
        comment: "buildkit.dockerfile.v0",
        empty_layer: true,
      },
    ],
  };
  const descriptors: Descriptor[] = [];
  for (const { bytes } of layers)
    descriptors.push(await pushBytes(repository, mediaTypes.ociLayerGzip, bytes));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: await pushBytes(repository, mediaTypes.ociConfig, jsonBytes(config)),
    layers: descriptors,
  };
  return { ...(await pushJson(repository, manifest)), platform };
}

/** Source: BuildKit's docs, "Image attestation storage". */
async function pushAttestation(
  repository: Repository,
  version: string,
  image: Descriptor,
): Promise<Descriptor> {
  const created = createdOf(version);
  const statements = [provenanceOf(version, image, created), sbomOf(version, image, created)];
  const layers: Descriptor[] = [];
  for (const statement of statements)
    layers.push({
      ...(await pushBytes(repository, "application/vnd.in-toto+json", jsonBytes(statement))),
      annotations: { "in-toto.io/predicate-type": statement.predicateType },
    });
  const config = {
    architecture: "unknown",
    os: "unknown",
    config: {},
    rootfs: { type: "layers", diff_ids: layers.map(({ digest }) => digest) },
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: await pushBytes(repository, mediaTypes.ociConfig, jsonBytes(config)),
    layers,
  };
  return {
    ...(await pushJson(repository, manifest)),
    annotations: {
      "vnd.docker.reference.digest": image.digest,
      "vnd.docker.reference.type": "attestation-manifest",
    },
    platform: { architecture: "unknown", os: "unknown" },
  };
}

/** In the year before any seed says that it was pushed, one version after another. Source: RFC 3339. */
function createdOf(version: string): string {
  const [, minor = "0", patch = "0"] = /^v?\d+\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  const day = Math.min(Number(minor) * 30 + Number(patch) * 10, 365);
  return new Date(Date.UTC(2024, 0, 1 + day)).toISOString().replace(".000Z", "Z");
}

async function layer(files: Readonly<Record<string, Uint8Array>>): Promise<Layer> {
  const tar = await tarOf(files);
  return { bytes: gzipSync(tar), diffId: digestOf(tar) };
}
