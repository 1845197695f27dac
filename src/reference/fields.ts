/** Reads the fields of documents that others wrote; says which field is wrong. */
import { WharfError } from "../errors.ts";
import type { Descriptor, Platform } from "./descriptor.ts";
import { isDigest, quoted } from "./digest.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed value is an object, and not a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Optional text; null is as good as absent. */
export function textField(object: JsonObject, field: string, where: string): string | undefined {
  const value = object[field] ?? undefined;
  if (value !== undefined && typeof value !== "string") throw invalid(where + field, "is not text");
  return value;
}

/** Optional list; null, which Go writes for an empty one, is an empty list. */
export function listField(object: JsonObject, field: string, where: string): readonly unknown[] {
  const value = object[field] ?? [];
  if (!Array.isArray(value)) throw invalid(where + field, "is not a list");
  return value;
}

/** Optional map of texts. */
export function mapField(
  object: JsonObject,
  field: string,
  where: string,
): Readonly<Record<string, string>> | undefined {
  const value = object[field] ?? undefined;
  if (value === undefined) return undefined;
  if (!isObject(value)) throw invalid(where + field, "is not an object");
  for (const [key, text] of Object.entries(value))
    if (typeof text !== "string") throw invalid(`${where}${field}[${quoted(key)}]`, "is not text");
  return value as Readonly<Record<string, string>>;
}

/**
 * Checks a descriptor; fields that are not known are kept.
 *
 * @param where the field it stands in, for messages
 * @param mediaType what an absent media type means
 * @throws WharfError MANIFEST_INVALID
 */
export function readDescriptor(value: unknown, where: string, mediaType: string): Descriptor {
  if (!isObject(value)) throw invalid(where, "is not a descriptor");
  const prefix = `${where}.`;
  const digest = textField(value, "digest", prefix) ?? "";
  if (!isDigest(digest))
    throw invalid(`${prefix}digest`, `is no sha256 or sha512 digest: ${quoted(digest)}`);
  const { size } = value;
  if (!Number.isSafeInteger(size) || (size as number) < 0 || Object.is(size, -0))
    throw invalid(`${prefix}size`, "is not a whole number of bytes");
  // Only where there is something to mend is the object copied; an index may hold thousands.
  let descriptor = value;
  const set = (field: string, content: unknown) => {
    const { [field]: _, ...rest } = descriptor;
    descriptor = content === undefined ? rest : { ...rest, [field]: content };
  };
  if (!textField(value, "mediaType", prefix)) set("mediaType", mediaType);
  textField(value, "artifactType", prefix);
  textField(value, "data", prefix);
  mapField(value, "annotations", prefix);
  if (listField(value, "urls", prefix).some((url) => typeof url !== "string"))
    throw invalid(`${prefix}urls`, "is not a list of texts");
  if (value.platform !== undefined)
    set("platform", readPlatform(value.platform, `${prefix}platform`));
  for (const field of ["annotations", "artifactType", "data", "urls"])
    if (value[field] === null) set(field, undefined);
  return descriptor as unknown as Descriptor;
}

/** @throws WharfError MANIFEST_INVALID */
export function readPlatform(value: unknown, where: string): Platform | undefined {
  if (value === null) return undefined;
  if (!isObject(value)) throw invalid(where, "is not a platform");
  const prefix = `${where}.`;
  const os = textField(value, "os", prefix) || "unknown";
  const architecture = textField(value, "architecture", prefix) || "unknown";
  textField(value, "variant", prefix);
  textField(value, "os.version", prefix);
  if (listField(value, "os.features", prefix).some((feature) => typeof feature !== "string"))
    throw invalid(`${prefix}os.features`, "is not a list of texts");
  const present = Object.entries(value).filter(([, content]) => content !== null);
  return { ...Object.fromEntries(present), os, architecture };
}

/** The error for a field. */
export function invalid(field: string, why: string): WharfError {
  return new WharfError("MANIFEST_INVALID", `Manifest: ${field} ${why}`);
}
