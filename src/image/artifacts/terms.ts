/**
 * What artifacts are made of. Sources: image-spec 1.1, "Guidelines for Artifact Usage" and "Pre-Defined Annotation
 * Keys"; the annotations of ORAS, which mark a folder.
 */
import { WharfError } from "../../errors.ts";
import { mediaTypes, type Descriptor } from "../../reference/descriptor.ts";
import { quoted } from "../../reference/digest.ts";

export const annotationKeys = {
  /** The path that a layer is written to, relative and with slashes. */
  title: "org.opencontainers.image.title",
  created: "org.opencontainers.image.created",
  /** Digest of a folder's tar before it was compressed. */
  contentDigest: "io.deis.oras.content.digest",
  /** `true` where the layer is a folder, as tar and gzip. */
  unpack: "io.deis.oras.content.unpack",
} as const;

/** What holds where nobody says a type; the same as with oras, so that digests are the same. */
export const presetTypes = {
  artifact: "application/vnd.unknown.artifact.v1",
  config: "application/vnd.unknown.config.v1+json",
  file: mediaTypes.ociLayer,
  folder: mediaTypes.ociLayerGzip,
} as const;

/** The JSON `{}`, for a manifest that has no configuration or no files (image-spec 1.1, "Guidance for an Empty Descriptor"). */
export const empty: { readonly descriptor: Descriptor; readonly bytes: Uint8Array } = {
  descriptor: {
    mediaType: mediaTypes.ociEmpty,
    digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    size: 2,
    data: "e30=",
  },
  bytes: Uint8Array.of(0x7b, 0x7d),
};

const grammar = /^[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}$/;

/** Whether a text is `TYPE/SUBTYPE` (RFC 6838, section 4.2). */
export const isMediaType = (text: string): boolean => grammar.test(text);

/** @throws WharfError USAGE */
export function checkMediaType(text: string): string {
  if (isMediaType(text)) return text;
  throw new WharfError("USAGE", `${quoted(text)} is no media type`, {
    hint: "A media type is TYPE/SUBTYPE, such as application/spdx+json.",
  });
}
