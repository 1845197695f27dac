/** One image of a docker archive, and the manifest that it would have in a registry. */
import { WharfError } from "../../errors.ts";
import { mediaTypes, type Descriptor, type Digest } from "../../reference/descriptor.ts";
import { digestOf, isDigest } from "../../reference/digest.ts";
import { isObject } from "../../reference/fields.ts";
import { createDigester } from "../digester.ts";
import type { Cancellable, Manifest } from "../store.ts";
import { wrongBytes } from "../missing.ts";
import { compressionOf, headSize, type Compression } from "./compression.ts";
import { parseJson } from "./json.ts";
import type { Member, Members } from "./members.ts";

/** An image as manifest.json lists it: paths within the archive. */
export interface ListedImage {
  readonly config: string;
  readonly layers: readonly string[];
  /** `busybox:latest`, as they were written. */
  readonly names: readonly string[];
}

export interface DockerImage {
  readonly manifest: Manifest;
  /** Digest of the configuration. */
  readonly config: Digest;
  /** Where the configuration and the layers are. */
  readonly blobs: ReadonlyMap<Digest, Member>;
}

/** Bytes of a configuration; those with a long history have 100 KiB. */
export const configLimit = 4 << 20;

/** @throws WharfError ARCHIVE_INVALID, DIGEST_MISMATCH */
export async function loadImage(
  members: Members,
  listed: ListedImage,
  options: Cancellable,
): Promise<DockerImage> {
  const { subject } = members;
  const bytes = await members.read(listed.config, configLimit, options);
  const config = digestOf(bytes);
  const promised = /(?:^|[/:])([0-9a-f]{64})(?:\.json)?$/.exec(listed.config)?.[1];
  if (promised !== undefined && config !== `sha256:${promised}`) {
    throw wrongBytes(`${subject}: ${listed.config}`, config);
  }
  const diffIds = diffIdsOf(bytes, `${subject}: ${listed.config}`);
  if (diffIds.length !== listed.layers.length) {
    const counts = `${listed.layers.length} layers, but its configuration names ${diffIds.length}`;
    throw new WharfError("ARCHIVE_INVALID", `${subject}: image ${listed.config} has ${counts}`);
  }
  const blobs = new Map<Digest, Member>();
  const layers: Layer[] = [];
  for (const [at, diffId] of diffIds.entries()) {
    const layer = await loadLayer(members, listed.layers[at] ?? "", diffId, options);
    layers.push(layer);
    blobs.set(layer.digest, layer.member);
  }
  const member = members.find(listed.config);
  if (member) blobs.set(config, member);
  return {
    manifest: manifestOf({ digest: config, size: bytes.byteLength }, layers),
    config,
    blobs,
  };
}

/**
 * The diff ids of a configuration: the digests of its layers' uncompressed bytes (image-spec 1.1, "rootfs").
 * @param subject whose configuration it is, for messages
 * @throws WharfError ARCHIVE_INVALID
 */
export function diffIdsOf(config: Uint8Array, subject: string): Digest[] {
  const document = parseJson(config, subject);
  const rootfs = isObject(document) ? document["rootfs"] : undefined;
  const diffIds = isObject(rootfs) ? (rootfs["diff_ids"] ?? []) : undefined;
  if (!Array.isArray(diffIds) || !diffIds.every((id) => typeof id === "string" && isDigest(id))) {
    throw new WharfError("ARCHIVE_INVALID", `${subject}: names no layers (rootfs.diff_ids)`);
  }
  return diffIds;
}

interface Layer {
  readonly compression: Compression;
  readonly digest: Digest;
  readonly member: Member;
}

async function loadLayer(
  members: Members,
  path: string,
  diffId: Digest,
  options: Cancellable,
): Promise<Layer> {
  const member = members.find(path);
  if (!member) {
    throw new WharfError("ARCHIVE_INVALID", `${members.subject}: layer ${path} is not there`);
  }
  const head: Uint8Array[] = [];
  for await (const chunk of members.stream(member, { ...options, length: headSize })) {
    head.push(chunk);
  }
  const compression = compressionOf(Buffer.concat(head), `${members.subject}: ${path}`);
  if (compression === "none") return { compression, digest: diffId, member };
  // Docker with containerd saves layers as they were pulled, compressed, and names them by their digest.
  const named = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(path)?.[1];
  const digest = named ? `sha256:${named}` : await hash(members, member, options);
  return { compression, digest, member };
}

async function hash(members: Members, member: Member, options: Cancellable): Promise<Digest> {
  const digester = createDigester("sha256", { size: member.size });
  try {
    for await (const chunk of members.stream(member, options)) {
      const taken = digester.update(chunk);
      if (taken !== undefined) await taken;
    }
    return await digester.digest();
  } finally {
    digester.dispose();
  }
}

const dockerLayers: Readonly<Record<Compression, string>> = {
  none: "application/vnd.docker.image.rootfs.diff.tar",
  gzip: mediaTypes.dockerLayerGzip,
  zstd: mediaTypes.ociLayerZstd, // schema 2 has no name for it
};

const ociLayers: Readonly<Record<Compression, string>> = {
  none: mediaTypes.ociLayer,
  gzip: mediaTypes.ociLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
};

/** A manifest of schema 2; an OCI manifest where a layer is compressed as schema 2 does not know it. */
function manifestOf(
  config: Pick<Descriptor, "digest" | "size">,
  layers: readonly Layer[],
): Manifest {
  const oci = layers.some(({ compression }) => compression === "zstd");
  const mediaType = oci ? mediaTypes.ociManifest : mediaTypes.dockerManifest;
  const types = oci ? ociLayers : dockerLayers;
  const document = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: oci ? mediaTypes.ociConfig : mediaTypes.dockerConfig, ...config },
    layers: layers.map(({ compression, digest, member }) => ({
      mediaType: types[compression],
      digest,
      size: member.size,
    })),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.byteLength }, bytes };
}
