/** What a fresh registry has to offer: one small image that runs. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import { type Descriptor, mediaTypes, type Platform } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import { bytesSource } from "../store/sources.ts";
import type { Repository, RepositoryCollection } from "../store/store.ts";
import { createTarWriter } from "../store/tar/writer.ts";
import { type HelloArchitecture, helloProgram } from "./hello.ts";

/** The seeded image, without a registry. */
export const seedImage = { repository: "hello/wharf", tag: "latest" } as const;

const created = "2026-01-01T00:00:00Z";
const greeting = `Hello from the wharf.

This image came out of a registry that Wharfinger serves. All that is in it is this text
(/hello.txt) and a program of half a kilobyte that prints it (/hello).
`;

/**
 * Pushes `hello/wharf:latest`, an image for linux/amd64 and linux/arm64, to a collection that is empty.
 * @returns whether it was empty
 */
export async function seed(collection: RepositoryCollection): Promise<boolean> {
  for await (const _name of collection.listRepositories()) return false;
  const repository = collection.repository(seedImage.repository);
  const manifests: Descriptor[] = [];
  for (const architecture of ["amd64", "arm64"] as const)
    manifests.push(await pushImage(repository, architecture));
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests, annotations };
  await pushManifest(repository, index, seedImage.tag);
  return true;
}

const annotations = {
  "org.opencontainers.image.title": "Hello from the wharf",
  "org.opencontainers.image.created": created,
};

async function pushImage(
  repository: Repository,
  architecture: HelloArchitecture,
): Promise<Descriptor> {
  const text = await tar({ "hello.txt": Buffer.from(greeting) });
  const program = await tar({ hello: helloProgram(architecture, greeting) });
  const platform: Platform = { os: "linux", architecture };
  const config = {
    ...platform,
    created,
    config: {
      Entrypoint: ["/hello"],
      Env: ["PATH=/"],
      Labels: { "org.opencontainers.image.title": annotations["org.opencontainers.image.title"] },
    },
    rootfs: { type: "layers", diff_ids: [digestOf(text), digestOf(program)] },
    history: [
      { created, created_by: "COPY hello.txt /hello.txt" },
      { created, created_by: "COPY hello /hello" },
      { created, created_by: 'ENTRYPOINT ["/hello"]', empty_layer: true },
    ],
  };
  const compress = promisify(gzip);
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: await pushBlob(repository, mediaTypes.ociConfig, json(config)),
    layers: [
      await pushBlob(repository, mediaTypes.ociLayerGzip, await compress(text)),
      await pushBlob(repository, mediaTypes.ociLayerGzip, await compress(program)),
    ],
  };
  return { ...(await pushManifest(repository, manifest)), platform };
}

async function pushBlob(
  repository: Repository,
  mediaType: string,
  bytes: Uint8Array,
): Promise<Descriptor> {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  await repository.pushBlob(descriptor, bytesSource(bytes));
  return descriptor;
}

async function pushManifest(
  repository: Repository,
  manifest: { readonly mediaType: string },
  tag?: string,
): Promise<Descriptor> {
  const bytes = json(manifest);
  const { mediaType } = manifest;
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  await repository.pushManifest({ descriptor, bytes }, tag === undefined ? {} : { tag });
  return descriptor;
}

async function tar(files: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const writer = createTarWriter(async (chunk) => chunks.push(chunk));
  const mtime = Date.parse(created) / 1000;
  for (const [name, bytes] of Object.entries(files))
    await writer.entry({ name, size: bytes.byteLength, mode: 0o755, mtime }, bytes);
  await writer.finish();
  return Buffer.concat(chunks);
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
