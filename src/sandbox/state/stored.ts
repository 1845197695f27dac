/** Content as the state keeps it: manifests and blobs under their digests, each once, in pieces that a row can hold. */
import type { Descriptor, Digest } from "../../reference/descriptor.ts";
import type { Fetcher } from "../../store/store.ts";
import type { State } from "./state.ts";

/** All that an image, or a repository, consists of. */
export interface StoredImage {
  /** In the order in which a client pushes them: what an index lists before it. */
  readonly manifests: readonly Descriptor[];
  readonly blobs: readonly Descriptor[];
}

/** Bytes of a row. */
const piece = 4 << 20;

const insert = "INSERT OR IGNORE INTO stored_content VALUES (?, ?, ?)";

/** Keeps bytes; what is there already stays. */
export function store(state: State, digest: Digest, bytes: Uint8Array): void {
  for (let part = 0; part === 0 || part * piece < bytes.byteLength; part += 1)
    state.run(insert, digest, part, bytes.subarray(part * piece, (part + 1) * piece));
}

/** Bytes that were stored; none for what was not. */
export function readStored(state: State, digest: Digest): Uint8Array {
  const parts = state.all<{ bytes: Uint8Array }>(
    "SELECT bytes FROM stored_content WHERE digest = ? ORDER BY part",
    digest,
  );
  return parts.length === 1 ? parts[0]!.bytes : Buffer.concat(parts.map(({ bytes }) => bytes));
}

/** All bytes of a blob. */
export async function readBlob(from: Fetcher, blob: Descriptor): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of await from.fetchBlob(blob)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** @param name what {@link readImage} and plans call it */
export function storeImage(state: State, name: string, image: StoredImage): void {
  state.run(
    "INSERT OR REPLACE INTO stored_images VALUES (?, ?, ?)",
    name,
    JSON.stringify(image.manifests),
    JSON.stringify(image.blobs),
  );
}

export function readImage(state: State, name: string): StoredImage {
  const row = state.one<{ manifests: string; blobs: string }>(
    "SELECT manifests, blobs FROM stored_images WHERE name = ?",
    name,
  );
  return {
    manifests: JSON.parse(row?.manifests ?? "[]") as Descriptor[],
    blobs: JSON.parse(row?.blobs ?? "[]") as Descriptor[],
  };
}

/** Has a repository get images, and tags, when it is first touched. A tag of a whole image is kept as the image's place. */
export function leaveWaiting(
  state: State,
  path: string,
  images: readonly string[],
  tags: readonly (readonly [tag: string, digest: string])[],
): void {
  const places = new Map(images.map((name, place) => [name, place]));
  state.run(
    "INSERT OR REPLACE INTO unplaced VALUES (?, ?, ?)",
    path,
    JSON.stringify(images),
    JSON.stringify(tags.map(([tag, digest]) => [tag, places.get(digest) ?? digest])),
  );
}
