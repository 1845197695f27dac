/** Aliases: tags whose manifests name blobs, as dxf makes them. Every image is such an alias of its layers. */
import type { NamedBlob } from "../blobstore/contents.ts";
import { WharfError } from "../errors.ts";
import type { Digest } from "../reference/descriptor.ts";
import { parseLocation } from "../reference/location.ts";
import type { Fetcher, Pusher } from "../store/store.ts";
import type { Call } from "./call.ts";
import { usage } from "./flags.ts";
import { openStore, platformOf } from "./open.ts";

/** Whether a word names a tag, and no digest: `REPO:ALIAS`, or `oci:DIR:ALIAS`. */
export function namesAlias(text: string): boolean {
  const location = parseLocation(text);
  const named = location.transport === "docker" ? location.reference : location;
  return "tag" in named && named.tag !== undefined && !("digest" in named && named.digest);
}

/**
 * The blobs of an alias, in their order.
 * @throws WharfError MANIFEST_NOT_FOUND; USAGE for an index, where no platform is named
 */
export async function openAlias(
  call: Call,
  text: string,
  platform: string | undefined,
): Promise<{
  readonly store: Fetcher & Pick<Pusher, "statBlob">;
  readonly repository: string;
  readonly blobs: readonly Required<NamedBlob>[];
}> {
  const { signal } = call;
  const { store, reference, repository, name } = await openStore(
    call,
    text,
    "resolve",
    "fetchManifest",
    "fetchBlob",
    "statBlob",
  );
  const { readContents, blobsOf } = await import("../blobstore/contents.ts");
  const found =
    platform === undefined
      ? reference
      : (await platformOf(store, reference, platform, signal)).digest;
  const contents = readContents(await store.fetchManifest(found, { signal }));
  if (contents.kind === "index")
    throw usage(
      `${name} has other blobs for each platform`,
      `Choose with --platform: ${[...new Set(contents.children.map(([known]) => known))].join(", ")}`,
    );
  const blobs: Required<NamedBlob>[] = [];
  for (const { digest, size } of blobsOf(contents))
    blobs.push({ digest, size: size ?? (await sizeOf(store, digest, repository, signal)) });
  return { store, repository, blobs };
}

/** @throws WharfError BLOB_NOT_FOUND */
export async function sizeOf(
  store: Pick<Pusher, "statBlob">,
  digest: Digest,
  repository: string,
  signal: AbortSignal,
): Promise<number> {
  const found = await store.statBlob(digest, { signal });
  if (found) return found.size;
  throw new WharfError("BLOB_NOT_FOUND", `${repository} has no blob ${digest}`);
}

/**
 * Gives blobs a name.
 * @returns the digest of the manifest that names them
 * @throws WharfError REFERENCE_INVALID for what cannot be a tag
 */
export async function nameBlobs(
  store: Pick<Pusher, "pushManifest">,
  alias: string,
  blobs: readonly Required<NamedBlob>[],
  signal: AbortSignal,
): Promise<Digest> {
  const { aliasManifest } = await import("../blobstore/aliasManifest.ts");
  const manifest = aliasManifest(blobs);
  await store.pushManifest(manifest, { tag: alias, signal });
  return manifest.descriptor.digest;
}
