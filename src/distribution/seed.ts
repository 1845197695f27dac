/** What a fresh registry has to offer: one small image that runs. */
import { promisify } from "node:util";
import { gzip } from "node:zlib";

import { type Descriptor, mediaTypes, type Platform } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import type { Repository, RepositoryCollection } from "../store/store.ts";
import { type HelloArchitecture, helloProgram } from "./hello.ts";
import { created, jsonBytes, pushBytes, pushJson, tarOf } from "./making.ts";

/** The seeded image, without a registry. */
export const seedImage = { repository: "hello/wharf", tag: "latest" } as const;

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
  await pushJson(repository, index, seedImage.tag);
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
  const text = await tarOf({ "hello.txt": Buffer.from(greeting) });
  const program = await tarOf({ hello: helloProgram(architecture, greeting) });
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
    config: await pushBytes(repository, mediaTypes.ociConfig, jsonBytes(config)),
    layers: [
      await pushBytes(repository, mediaTypes.ociLayerGzip, await compress(text)),
      await pushBytes(repository, mediaTypes.ociLayerGzip, await compress(program)),
    ],
  };
  return { ...(await pushJson(repository, manifest)), platform };
}
