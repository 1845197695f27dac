/** Brings the images of a hardened repository into the one that mirrors it, as somebody who pushes them would. */
import type { Digest } from "../../../reference/descriptor.ts";
import { parseManifest } from "../../../reference/manifest.ts";
import { blobSourceOf } from "../../../store/sources.ts";
import type { Content } from "../../registry/content.ts";
import { hardened } from "./catalogue.ts";

/** @param tags what the image is called there */
export async function mirrorInto(
  content: Content,
  path: string,
  tags: readonly string[],
): Promise<string> {
  const { repository: source, index } = await hardened();
  const target = content.collection.repository(path);
  const push = async (digest: Digest, tag?: string) => {
    const manifest = await source.fetchManifest(digest);
    const parsed = parseManifest(manifest.bytes, manifest.descriptor.mediaType);
    if (parsed.kind === "index") for (const child of parsed.manifests) await push(child.digest);
    if (parsed.kind === "image")
      for (const blob of [parsed.config, ...parsed.layers])
        await target.pushBlob(blob, blobSourceOf(source, blob));
    await target.pushManifest(manifest, tag === undefined ? {} : { tag });
    content.note({
      action: "push",
      kind: "manifest",
      repository: path,
      digest,
      mediaType: manifest.descriptor.mediaType,
      ...(tag !== undefined && { tag }),
    });
    // An index is described by the images that it lists.
    if (parsed.kind === "image") await content.settled();
  };
  for (const tag of tags) await push(index, tag);
  await content.settled();
  return index;
}
