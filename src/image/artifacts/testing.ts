/** For tests of artifacts. */
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Descriptor } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { bytesSource } from "../../store/sources.ts";
import type { Repository } from "../../store/store.ts";
import { artifactManifest, type ArtifactParts } from "./manifest.ts";
import { annotationKeys, empty } from "./terms.ts";

/** Writes files; a name that ends with a slash is a folder. */
export async function writeFiles(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(name.endsWith("/") ? path : dirname(path), { recursive: true });
    if (!name.endsWith("/")) await writeFile(path, content);
  }
}

/** Stores a layer as others may have made it, with any title. */
export async function pushLayer(
  store: Repository,
  content: string | Uint8Array,
  annotations: Readonly<Record<string, string>> = {},
): Promise<Descriptor> {
  const bytes = Buffer.from(content);
  const layer = { mediaType: "text/plain", digest: digestOf(bytes), size: bytes.byteLength };
  await store.pushBlob(layer, bytesSource(bytes));
  return { ...layer, annotations };
}

/** A layer with a title. */
export const titled = (store: Repository, title: string, content: string) =>
  pushLayer(store, content, { [annotationKeys.title]: title });

/** Stores a manifest as others may have made it. */
export async function pushLayers(
  store: Repository,
  tag: string,
  layers: readonly Descriptor[],
  more: Partial<ArtifactParts> = {},
): Promise<Descriptor> {
  await store.pushBlob(empty.descriptor, bytesSource(empty.bytes));
  const parts = { config: empty.descriptor, layers, annotations: {}, ...more };
  const manifest = artifactManifest(parts);
  await store.pushManifest(manifest, { tag });
  return manifest.descriptor;
}
