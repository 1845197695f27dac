/** Files that refer to an image or another artifact: signatures, SBOMs, reports. */
import { WharfError } from "../../errors.ts";
import type { Descriptor, Platform } from "../../reference/descriptor.ts";
import type { Source } from "../../store/store.ts";
import { selectPlatform } from "../platforms.ts";
import type { ArtifactTarget } from "./deliver.ts";
import type { ArtifactFile } from "./files.ts";
import { pushParts, type PushArtifactOptions, type PushedArtifact } from "./push.ts";

/** What kind of artifact is attached, to what, and what its manifest says beside its files. */
export interface AttachArtifactOptions extends Omit<PushArtifactOptions, "platform"> {
  /** What kind of thing it is, as a media type. */
  readonly artifactType: string;
  /** Which image of an index it is attached to. @default the index itself */
  readonly subjectPlatform?: Platform;
}

/**
 * Attaches files to what `reference` names. Where a registry lists no referrers itself, the tag that stands in for the
 * list is kept (distribution-spec 1.1, "Referrers Tag Schema").
 *
 * @param files none, where annotations say it all
 * @throws WharfError MANIFEST_NOT_FOUND, PLATFORM_NOT_FOUND, and what {@link pushArtifact} throws
 *
 * @example
 * await attachArtifact(repository, "v1", [{ path: "sbom.spdx.json", mediaType: "application/spdx+json" }], {
 *   artifactType: "application/spdx+json",
 * });
 */
export async function attachArtifact(
  store: ArtifactTarget & Source,
  reference: string,
  files: readonly ArtifactFile[],
  options: AttachArtifactOptions,
): Promise<PushedArtifact & { readonly subject: Descriptor }> {
  const { signal, subjectPlatform, ...others } = options;
  if (files.length === 0 && Object.keys(options.annotations ?? {}).length === 0) {
    throw new WharfError("USAGE", "There is nothing to attach: no file and no annotation");
  }
  const cancellable = signal === undefined ? {} : { signal };
  const { mediaType, digest, size } = subjectPlatform
    ? await selectPlatform(store, reference, subjectPlatform, cancellable)
    : await store.resolve(reference, cancellable);
  const subject = { mediaType, digest, size };
  const { manifest, ...pushed } = await pushParts(store, files, {
    ...others,
    ...cancellable,
    subject,
  });
  await store.pushManifest(manifest, cancellable);
  return { ...pushed, subject, descriptor: manifest.descriptor, tags: [] };
}
