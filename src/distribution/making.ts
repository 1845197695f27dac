/** What small images are made of on the spot: layers, blobs and manifests, pushed under the descriptors that they get. */
import type { Descriptor } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import { bytesSource } from "../store/sources.ts";
import type { Repository } from "../store/store.ts";
import { createTarWriter } from "../store/tar/writer.ts";

/** All of it is as old as that: the same content is the same bytes wherever it is made. */
export const created = "2026-01-01T00:00:00Z";

/** Pushes bytes, such as a layer or a configuration. */
export async function pushBytes(
  repository: Repository,
  mediaType: string,
  bytes: Uint8Array,
): Promise<Descriptor> {
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  await repository.pushBlob(descriptor, bytesSource(bytes));
  return descriptor;
}

/** Pushes an image's manifest or an index as JSON. */
export async function pushJson(
  repository: Repository,
  manifest: { readonly mediaType: string },
  tag?: string,
): Promise<Descriptor> {
  const bytes = jsonBytes(manifest);
  const { mediaType } = manifest;
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  await repository.pushManifest({ descriptor, bytes }, tag === undefined ? {} : { tag });
  return descriptor;
}

/** A layer before it is compressed, of files that anybody may run. */
export async function tarOf(files: Readonly<Record<string, Uint8Array>>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const writer = createTarWriter(async (chunk) => chunks.push(chunk));
  const mtime = Date.parse(created) / 1000;
  for (const [name, bytes] of Object.entries(files))
    await writer.entry({ name, size: bytes.byteLength, mode: 0o755, mtime }, bytes);
  await writer.finish();
  return Buffer.concat(chunks);
}

export function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
