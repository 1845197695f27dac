/** What an alias stands for: the blobs of one manifest, or of one for each platform. */
import { WharfError } from "../errors.ts";
import type { Descriptor, Digest, Platform } from "../reference/descriptor.ts";
import { quoted } from "../reference/digest.ts";
import {
  type ImageManifest,
  type IndexManifest,
  parseManifest,
  type Schema1Manifest,
} from "../reference/manifest.ts";
import type { Manifest } from "../store/store.ts";

/** Answers for an image of several platforms, by `OS/ARCHITECTURE[/VARIANT]`. */
export type ByPlatform<Value> = Readonly<Record<string, Value>>;

/** A blob that a manifest names; manifests of schema 1 tell no sizes. */
export interface NamedBlob {
  readonly digest: Digest;
  /** Bytes. */
  readonly size?: number;
}

/** A manifest that is no index, and its bytes. */
export interface Leaf {
  readonly manifest: Manifest;
  readonly parsed: ImageManifest | Schema1Manifest;
}

/** What an alias names. */
export type Contents = ({ readonly kind: "leaf" } & Leaf) | IndexContents;

export interface IndexContents {
  readonly kind: "index";
  /** Platforms and manifests; several may be for one, such as `unknown/unknown` for what is attached to images. */
  readonly children: readonly (readonly [platform: string, child: Descriptor])[];
  /** How many more there are, of which the index says no platform. */
  readonly others: number;
}

/** @throws WharfError MANIFEST_INVALID, MANIFEST_TOO_LARGE */
export function readContents(manifest: Manifest): Contents {
  const parsed = parseManifest(manifest.bytes, manifest.descriptor.mediaType);
  if (parsed.kind === "index") return readIndex(parsed);
  return { kind: "leaf", manifest, parsed };
}

/** @throws WharfError MANIFEST_INVALID for an index in an index */
export function readLeaf(manifest: Manifest): Leaf {
  const contents = readContents(manifest);
  if (contents.kind === "leaf") return contents;
  throw new WharfError(
    "MANIFEST_INVALID",
    `Manifest ${manifest.descriptor.digest}: an index within an index is not read`,
  );
}

/**
 * Blobs in the order in which the alias was given them. The oldest aliases are of schema 1, which dxf wrote in that order
 * too, although images of that time have their topmost layer first.
 */
export function blobsOf({ parsed }: Leaf): NamedBlob[] {
  if (parsed.kind === "schema1") return parsed.layers.toReversed().map((digest) => ({ digest }));
  return parsed.layers.map(({ digest, size }) => ({ digest, size }));
}

/** @throws WharfError UNSUPPORTED for schema 1, which has no configuration of its own */
export function configOf({ parsed, manifest }: Leaf): Digest {
  if (parsed.kind === "image") return parsed.config.digest;
  throw new WharfError(
    "UNSUPPORTED",
    `Manifest ${manifest.descriptor.digest} is of schema 1, which names no configuration`,
    { hint: "Ask for its blobs." },
  );
}

function readIndex({ manifests }: IndexManifest): IndexContents {
  const named = manifests.flatMap((child) =>
    child.platform ? [[platformName(child.platform), child] as const] : [],
  );
  return { kind: "index", children: named, others: manifests.length - named.length };
}

function platformName({ os, architecture, variant }: Platform): string {
  return `${os}/${architecture}${variant ? `/${variant}` : ""}`;
}

/** The first manifest for a platform. @throws WharfError PLATFORM_NOT_FOUND */
export function childFor({ children }: IndexContents, platform: string): Descriptor {
  const child = children.find(([name]) => name === platform);
  if (child) return child[1];
  const known = [...new Set(children.map(([name]) => quoted(name)))].join(", ");
  throw new WharfError(
    "PLATFORM_NOT_FOUND",
    `There is nothing for the platform ${quoted(platform)}; ${known ? `there is ${known}` : "the index is empty"}`,
  );
}

/**
 * The manifest of each platform; of several for one the last, as dxf has it.
 * @throws WharfError MANIFEST_INVALID where an answer by platform would leave out some
 */
export function eachChild({ children, others }: IndexContents): ReadonlyMap<string, Descriptor> {
  if (others === 0) return new Map(children);
  throw new WharfError(
    "MANIFEST_INVALID",
    `The index does not say for which platform ${others} of its manifests ${others === 1 ? "is" : "are"}`,
    { hint: "Ask for one platform." },
  );
}
