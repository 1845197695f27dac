/** An image's configuration, read whole: what it runs on, and for the room above what it runs. */
import { WharfError } from "../errors.ts";
import { mediaTypes, type Descriptor, type Platform } from "../reference/descriptor.ts";
import type { ParsedManifest } from "../reference/manifest.ts";
import { normalizePlatform } from "../reference/platform.ts";
import type { Cancellable, Fetcher } from "../store/store.ts";
import { verified } from "../store/verified.ts";
import { embedded } from "./embedded.ts";

/** Bytes; those of images with hundreds of layers and labels have some 100 KiB. */
const configLimit = 8 * 1024 * 1024;

/** A configuration as JSON, and its platform. */
export interface Config {
  readonly descriptor: Descriptor;
  readonly platform: Platform;
  readonly document: Readonly<Record<string, unknown>>;
}

/** Whether the descriptor is of an image's configuration, and not of what an artifact has in its place. */
export function isImageConfig({ mediaType }: Descriptor): boolean {
  return mediaType === mediaTypes.ociConfig || mediaType === mediaTypes.dockerConfig;
}

/**
 * Reads and checks the configuration that a manifest names; undefined where it names none that is an image's.
 * @throws WharfError BLOB_NOT_FOUND, DIGEST_MISMATCH, SIZE_MISMATCH, MANIFEST_INVALID, MANIFEST_TOO_LARGE
 */
export async function readConfig(
  store: Fetcher,
  manifest: ParsedManifest,
  options: Cancellable = {},
): Promise<Config | undefined> {
  if (manifest.kind !== "image" || !isImageConfig(manifest.config)) return undefined;
  const descriptor = manifest.config;
  const document = parse(descriptor, await readBlob(store, descriptor, configLimit, options));
  const { os, architecture, variant } = document;
  const platform = normalizePlatform({
    os: typeof os === "string" && os !== "" ? os : "unknown",
    architecture:
      typeof architecture === "string" && architecture !== "" ? architecture : "unknown",
    ...(typeof variant === "string" && { variant }),
    ...(typeof document["os.version"] === "string" && { "os.version": document["os.version"] }),
  });
  return { descriptor, platform, document };
}

/**
 * Reads a small blob whole and checks it.
 * @param limit bytes
 * @throws WharfError MANIFEST_TOO_LARGE above the limit
 */
export async function readBlob(
  store: Fetcher,
  descriptor: Descriptor,
  limit: number,
  options: Cancellable = {},
): Promise<Uint8Array> {
  const { digest, size } = descriptor;
  const known = embedded(descriptor);
  if (known !== undefined) return known;
  if (size > limit) {
    const message = `blob ${digest} has ${size} bytes; at most ${limit} are read`;
    throw new WharfError("MANIFEST_TOO_LARGE", message);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  const body = verified(descriptor, await store.fetchBlob(descriptor, options), {
    subject: `blob ${digest}`,
  });
  for await (const chunk of body) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
    body.recycle?.(chunk);
  }
  return bytes;
}

function parse({ digest }: Descriptor, bytes: Uint8Array): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new WharfError("MANIFEST_INVALID", `Configuration ${digest} is not JSON`, { cause });
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new WharfError("MANIFEST_INVALID", `Configuration ${digest} is not a JSON object`);
  }
  return document as Record<string, unknown>;
}
