/** Which files an artifact holds. */
import type { Descriptor } from "../../reference/descriptor.ts";
import { mediaTypes } from "../../reference/descriptor.ts";
import type { ParsedManifest } from "../../reference/manifest.ts";
import { annotationKeys } from "./terms.ts";

/** A file or folder of an artifact. */
export interface TitledFile {
  /** As it stands in the manifest: not to be trusted as a path. */
  readonly title: string;
  readonly descriptor: Descriptor;
  /** Whether it is a folder, to be unpacked. */
  readonly folder: boolean;
}

export interface Contents {
  readonly files: readonly TitledFile[];
  /** Layers that nobody has given a name, as those of images. */
  readonly unnamed: readonly Descriptor[];
}

/** The files that a manifest names; none for an index. A configuration with a title is one. */
export function contentsOf(manifest: ParsedManifest): Contents {
  if (manifest.kind !== "image") return { files: [], unnamed: [] };
  const files: TitledFile[] = [];
  const unnamed: Descriptor[] = [];
  for (const layer of manifest.layers) {
    const file = titled(layer);
    if (file) files.push(file);
    else if (layer.mediaType !== mediaTypes.ociEmpty) unnamed.push(layer);
  }
  const config = titled(manifest.config);
  if (config) files.push(config);
  return { files, unnamed };
}

function titled(descriptor: Descriptor): TitledFile | undefined {
  const title = descriptor.annotations?.[annotationKeys.title];
  if (title === undefined || title === "") return undefined;
  const folder = descriptor.annotations?.[annotationKeys.unpack] === "true";
  return { title, descriptor, folder };
}
