/** What the command's tests act upon: an image with things attached, in a registry. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

import { mediaTypes, type Descriptor } from "../../src/reference/descriptor.ts";
import { digestOf } from "../../src/reference/digest.ts";
import { connect } from "../../src/registry/index.ts";
import { dockerRegistry, startDockerRegistry } from "../docker-registry.ts";
import { ImageBuilder, json, type Layer, type TestImage } from "../image-builder.ts";
import { pseudoRandom } from "../images.ts";
import { serveRegistry } from "../wharf.ts";

/** Both servers that every command is tried on. */
export const registries = [
  {
    name: "our registry",
    skip: false,
    start: () => serveRegistry("unused", ["--memory"]),
  },
  { name: "Debian's docker-registry", skip: dockerRegistry.skip, start: startDockerRegistry },
] as const;

export interface Cargo extends TestImage {
  /** SPDX; refers to the index, and has a signature of its own. */
  readonly sbom: Descriptor;
  /** Of the image for linux/amd64. */
  readonly signature: Descriptor;
  readonly signatureTag: string;
}

/**
 * An index for linux/amd64 and linux/arm64 with BuildKit's attestations for the first; two layers each, one shared. An SBOM
 * refers to the index, a signature to the image for amd64, another to the SBOM, and the index is signed by cosign's tag.
 */
export function cargo(): Cargo {
  const builder = new ImageBuilder();
  const shared = layer(builder, "shared", 100_000);
  const platforms = ["amd64", "arm64"].map((architecture) =>
    builder.addImage(
      { os: "linux", architecture },
      [layer(builder, architecture, 200_000), shared],
      {
        Entrypoint: ["/bin/app"],
        Cmd: ["--verbose"],
        Env: ["PATH=/bin", "MODE=test"],
        Labels: { "org.opencontainers.image.title": "cargo" },
        WorkingDir: "/srv",
      },
    ),
  );
  const [amd64] = platforms;
  const root = builder.addIndex([...platforms, attestation(builder, amd64!)], {
    annotations: { "org.opencontainers.image.version": "1.0" },
  });
  const sbom = builder.addArtifact(
    root,
    "application/spdx+json",
    builder.addBlob("application/spdx+json", json({ spdxVersion: "SPDX-2.3", name: "cargo" })),
  );
  const signed = builder.addBlob(
    "application/vnd.dev.cosign.simplesigning.v1+json",
    json({ critical: { type: "cosign container image signature" } }),
  );
  const signatureType = "application/vnd.dev.cosign.artifact.sig.v1+json";
  const signature = builder.addArtifact(amd64!, signatureType, signed);
  builder.addArtifact(sbom, signatureType, signed);
  const signatureTag = `${root.digest.replace(":", "-")}.sig`;
  const config = builder.addBlob(mediaTypes.ociConfig, json({ os: "", architecture: "" }));
  builder.addManifest(
    { mediaType: mediaTypes.ociManifest, config, layers: [signed] },
    signatureTag,
  );
  return { ...builder.finish("1.0", root, platforms), sbom, signature, signatureTag };
}

/** Bytes that are called a layer; nobody here unpacks them. */
function layer(builder: ImageBuilder, seed: string, size: number): Layer {
  const bytes = pseudoRandom(seed, 0, size);
  return { descriptor: builder.addBlob(mediaTypes.ociLayerGzip, bytes), diffId: digestOf(bytes) };
}

function attestation(builder: ImageBuilder, subject: Descriptor): Descriptor {
  const statement = (predicateType: string) =>
    builder.addBlob("application/vnd.in-toto+json", json({ predicateType }), {
      "in-toto.io/predicate-type": predicateType,
    });
  const manifest = builder.addManifest({
    mediaType: mediaTypes.ociManifest,
    config: builder.addBlob(mediaTypes.ociConfig, json({ os: "unknown", architecture: "unknown" })),
    layers: [statement("https://slsa.dev/provenance/v1"), statement("https://spdx.dev/Document")],
  });
  return {
    ...manifest,
    platform: { os: "unknown", architecture: "unknown" },
    annotations: {
      "vnd.docker.reference.type": "attestation-manifest",
      "vnd.docker.reference.digest": subject.digest,
    },
  };
}

/** Pushes an image to `REPOSITORY` of a registry, with all its tags. */
export async function push(image: TestImage, host: string, repository: string): Promise<void> {
  const registry = connect(host);
  await image.pushTo(registry.repository(repository));
  await registry.close();
}

/** A folder that goes with the process. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "wharf-cli-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Each line of NDJSON. */
export const jsonLines = <Item>(text: string): Item[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Item);

/** Waits until a process has said something; its output goes on after that. */
export function hearing(stream: Readable, what: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    stream.on("data", (data: Buffer) => {
      said += data.toString();
      if (what.test(said)) resolve(said);
    });
    stream.on("close", () => reject(new Error(`it ended after: ${said}`)));
  });
}

/** What a process says first, on a line of its own. */
export async function firstLine(child: { readonly stdout: Readable }): Promise<string> {
  const [line] = (await hearing(child.stdout, /\n/)).split("\n");
  return line!;
}
