/**
 * Schema 1, which old registries still serve. Read only.
 * Source: Docker's "Image Manifest Version 2, Schema 1".
 */
import { WharfError } from "../errors.ts";
import type { Digest } from "./descriptor.ts";
import { isDigest } from "./digest.ts";
import { invalid, isObject, listField, textField } from "./fields.ts";
import type { JsonObject } from "./fields.ts";

/** An image of schema 1, as the first docker registries had it. */
export interface Schema1Manifest {
  readonly kind: "schema1";
  readonly mediaType: string;
  /** Repository and tag it was pushed to. */
  readonly name?: string;
  readonly tag?: string;
  readonly architecture?: string;
  /** Layers from the base upwards (the document has them the other way round); a digest may occur several times. */
  readonly layers: readonly Digest[];
  /** The configuration of each layer as JSON, in the order of `layers`. */
  readonly history: readonly string[];
  /** Whether it is in a signed envelope: then its digest is not that of its bytes, see {@link schema1Payload}. */
  readonly signed: boolean;
  readonly document: JsonObject;
}

// Docker refused more than 127 layers; some registries allowed a few more.
const layersLimit = 1024;

/** @throws WharfError MANIFEST_INVALID, MANIFEST_TOO_LARGE */
export function readSchema1(document: JsonObject, mediaType: string): Schema1Manifest {
  if (document.schemaVersion !== 1) throw invalid("schemaVersion", "is not 1");
  const layers = listField(document, "fsLayers", "").map((layer, index) => {
    const digest = isObject(layer) ? (layer.blobSum ?? "") : "";
    if (typeof digest !== "string" || !isDigest(digest))
      throw invalid(`fsLayers[${index}].blobSum`, "is no digest");
    return digest;
  });
  if (layers.length > layersLimit)
    throw new WharfError(
      "MANIFEST_TOO_LARGE",
      `Manifest has ${layers.length} layers; at most ${layersLimit} are accepted in schema 1`,
    );
  const history = listField(document, "history", "").map((entry, index) => {
    const text = isObject(entry) ? entry.v1Compatibility : undefined;
    if (typeof text !== "string") throw invalid(`history[${index}].v1Compatibility`, "is not text");
    return text;
  });
  const name = textField(document, "name", "");
  const tag = textField(document, "tag", "");
  const architecture = textField(document, "architecture", "");
  return {
    kind: "schema1",
    mediaType,
    ...(name !== undefined && { name }),
    ...(tag !== undefined && { tag }),
    ...(architecture !== undefined && { architecture }),
    layers: layers.reverse(),
    history: history.reverse(),
    signed: listField(document, "signatures", "").length > 0,
    document,
  };
}

/**
 * The bytes that a signed schema 1 manifest's digest is of: those before it was signed. The signature's protected
 * header says where to cut them out and what stood at their end.
 *
 * @returns `bytes` themselves where they are not signed
 * @throws WharfError MANIFEST_INVALID
 */
export function schema1Payload(bytes: Uint8Array, manifest: Schema1Manifest): Uint8Array {
  if (!manifest.signed) return bytes;
  const [signature] = listField(manifest.document, "signatures", "");
  const header = isObject(signature) ? signature.protected : undefined;
  const { formatLength, formatTail } = decodeHeader(header);
  if (typeof formatTail !== "string" || !Number.isSafeInteger(formatLength))
    throw invalid("signatures[0].protected", "does not say what is signed");
  const length = formatLength as number;
  if (length < 0 || length > bytes.length)
    throw invalid("signatures[0].protected", "signs more than there is");
  return Buffer.concat([bytes.subarray(0, length), Buffer.from(formatTail, "base64url")]);
}

function decodeHeader(header: unknown): JsonObject {
  try {
    const value: unknown = JSON.parse(Buffer.from(String(header), "base64url").toString());
    if (isObject(value)) return value;
  } catch {
    // Said below.
  }
  throw invalid("signatures[0].protected", "is not base64url of a JSON object");
}
