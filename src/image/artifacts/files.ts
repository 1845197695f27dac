/** What is to be pushed, looked at before anything is sent. */
import type { Stats } from "node:fs";
import { stat } from "node:fs/promises";

import { WharfError } from "../../errors.ts";
import { childrenLimit } from "../../reference/manifest.ts";
import { diskError } from "../../store/disk/failure.ts";
import { fileSource, streamSource } from "../../store/sources.ts";
import type { BlobSource } from "../../store/store.ts";
import type { Annotations } from "./manifest.ts";
import { annotationKeys, checkMediaType, presetTypes } from "./terms.ts";
import { checkApart, pathOf, titleHint, titleOf } from "./titles.ts";

interface FileWords {
  /** @default that of a layer as tar, with gzip for a folder, as oras has it */
  readonly mediaType?: string;
  /** Of the layer; a title here counts more than any other. */
  readonly annotations?: Annotations;
}

/** A file or folder, or bytes from elsewhere, which need a title. */
export type ArtifactFile = FileWords &
  (
    | { readonly path: string; readonly title?: string }
    | { readonly source: BlobSource; readonly title: string }
  );

/** A file that is known to be there. */
export interface Prepared {
  readonly kind: "file" | "folder" | "stream";
  readonly title: string;
  readonly mediaType: string;
  readonly annotations: Annotations;
  /** For messages. */
  readonly name: string;
  /** Of a file or folder on the disk. */
  readonly path?: string;
  /** Bytes, where known. */
  readonly size?: number;
  /** The bytes, but for a folder. */
  readonly source?: BlobSource;
  /** Nothing is told of it: it is no file of the artifact. */
  readonly silent?: boolean;
}

/**
 * Looks at all files, so that nothing is sent where one is missing or could not be pulled.
 * @throws WharfError FILE_NOT_FOUND, FILE_FAILED; USAGE for titles that clash, PATH_UNSAFE for one that nobody could pull
 */
export async function prepareFiles(files: readonly ArtifactFile[]): Promise<Prepared[]> {
  if (files.length > childrenLimit) {
    throw new WharfError(
      "MANIFEST_TOO_LARGE",
      `${files.length} files are too many for one manifest; ${childrenLimit} are accepted`,
      { hint: "Push the folder that they are in." },
    );
  }
  const prepared: Prepared[] = [];
  for (const file of files) {
    const found = await prepareFile(file);
    const title = pathOf(found.title, found.name);
    prepared.push({
      ...found,
      title,
      annotations: { ...found.annotations, [annotationKeys.title]: title },
    });
  }
  checkApart(prepared, (why) => {
    return new WharfError("USAGE", `Not all could be pulled again: ${why}`, { hint: titleHint });
  });
  return prepared;
}

/** Looks at one file that becomes no layer. @throws WharfError FILE_NOT_FOUND, FILE_FAILED */
export async function prepareFile(file: ArtifactFile): Promise<Prepared> {
  const { annotations = {}, mediaType } = file;
  if (mediaType !== undefined) checkMediaType(mediaType);
  const given = annotations[annotationKeys.title];
  if ("source" in file) {
    const { source, title } = file;
    const { size } = source;
    const type = mediaType ?? presetTypes.file;
    const known = { title: given ?? title, name: title, mediaType: type, annotations, source };
    return { ...known, kind: "stream", ...(size !== undefined && { size }) };
  }
  const { path } = file;
  const title = given ?? file.title ?? titleOf(path);
  const known = { title, name: path, path, annotations };
  const found = await statOf(path);
  if (found.isDirectory()) {
    return { ...known, kind: "folder", mediaType: mediaType ?? presetTypes.folder };
  }
  const type = mediaType ?? presetTypes.file;
  // A pipe or device says nothing of its size, and gives its bytes once.
  if (!found.isFile()) {
    return { ...known, kind: "stream", mediaType: type, source: streamSource(readOnce(path)) };
  }
  const { size } = found;
  const source = { ...fileSource(path), size };
  return { ...known, kind: "file", mediaType: type, size, source };
}

async function statOf(path: string): Promise<Stats> {
  return stat(path).catch((error: unknown) => {
    throw diskError(error, path);
  });
}

async function* readOnce(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const { createReadStream } = await import("node:fs");
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw diskError(error, path);
  }
}
