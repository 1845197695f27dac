/** A data directory in which there is something to collect, and what must be there afterwards. */
import { imageOf, indexOf } from "../../src/store/behaviours/content.ts";
import type { Content, Image } from "../../src/store/behaviours/content.ts";
import { pushImage } from "../../src/store/behaviours/trial.ts";
import { openCollection } from "../../src/store/collection/collection.ts";

/** Milliseconds after which what was pushed now is old. */
export const later = 3 * 24 * 3600_000;

const type = "application/vnd.example.signature";
const old = imageOf("old");
const index = indexOf("index");

/** Tagged, or led to by what is. */
export const kept: readonly { readonly image: Image; readonly tag?: string }[] = [
  { image: index, tag: "index" },
  { image: imageOf("latest"), tag: "latest" },
  { image: imageOf("signed", { artifactType: type, subject: index.manifest.descriptor }) },
];

/** Without a tag, and what refers to it; the first is in both repositories. */
export const garbage: readonly Image[] = [
  old,
  imageOf("signature", { artifactType: type, subject: old.manifest.descriptor }),
  indexOf("garbage"),
];

export async function fill(folder: string): Promise<void> {
  const collection = await openCollection(folder);
  for (const name of ["a/b", "c"]) {
    const repository = collection.repository(name);
    for (const { image, tag } of kept) await pushImage(repository, image, tag);
    for (const image of name === "c" ? [old] : garbage) await pushImage(repository, image);
  }
  await collection.close();
}

/** Opens it as if days had passed. */
export function openLater(folder: string) {
  return openCollection(folder, { now: () => Date.now() + later });
}

/** All that an image consists of. */
export function contentsOf({ manifest, blobs, children }: Image): Content[] {
  return [manifest, ...blobs, ...children.flatMap(contentsOf)];
}
