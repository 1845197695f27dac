/** Content that needs no fetching, because the descriptor says it. */
import { mediaTypes, type Descriptor } from "../reference/descriptor.ts";
import { digestOf, parseDigest } from "../reference/digest.ts";

/** `data` is meant for what is smaller than a round trip is worth; a manifest that holds more is still at most 4 MiB. */
const longest = 1 << 20;

/** The JSON `{}`: config and layer of artifacts that have none (image-spec 1.1, "Guidance for an Empty Descriptor"). */
const empty = {
  digest: "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
  bytes: new Uint8Array([0x7b, 0x7d]),
};

/**
 * The bytes of `data`, where they are those of the digest; otherwise nothing, and the content is fetched.
 * Source: image-spec 1.1, "Embedded Content".
 */
export function embedded({ mediaType, data, digest, size }: Descriptor): Uint8Array | undefined {
  if (mediaType === mediaTypes.ociEmpty && digest === empty.digest && size === 2) {
    return empty.bytes;
  }
  if (data === undefined || size > longest || data.length > 2 * size + 4) return undefined;
  const bytes = Buffer.from(data, "base64");
  if (bytes.byteLength !== size) return undefined;
  return digestOf(bytes, parseDigest(digest).algorithm) === digest ? bytes : undefined;
}
