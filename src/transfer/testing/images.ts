/** Small images for tests, pushed to a store piece by piece. */
import { mediaTypes, type Descriptor, type Platform } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { bytesSource } from "../../store/sources.ts";
import type { Target } from "../../store/store.ts";

const encoder = new TextEncoder();

/** Stores `content` as a blob. */
export async function pushText(
  store: Target,
  content: string | Uint8Array,
  mediaType: string = mediaTypes.ociLayerGzip,
): Promise<Descriptor> {
  const bytes = typeof content === "string" ? encoder.encode(content) : content;
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  await store.pushBlob(descriptor, bytesSource(bytes));
  return descriptor;
}

/** Stores a JSON document as a manifest. */
export async function pushDocument(
  store: Target,
  mediaType: string,
  document: object,
  tag?: string,
): Promise<Descriptor> {
  const bytes = encoder.encode(JSON.stringify({ schemaVersion: 2, mediaType, ...document }));
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.byteLength };
  await store.pushManifest({ descriptor, bytes }, tag === undefined ? {} : { tag });
  return descriptor;
}

export interface ImageOptions {
  readonly platform?: Platform;
  /** Contents of the layers. @default one layer */
  readonly layers?: readonly (string | Uint8Array)[];
  readonly tag?: string;
  /** Fields of the manifest, such as `annotations`. */
  readonly fields?: object;
  /** Fields of the configuration. */
  readonly config?: object;
}

/** Stores an image. */
export async function pushImage(
  store: Target,
  { platform, layers = ["layer"], tag, fields, config }: ImageOptions = {},
): Promise<Descriptor> {
  const runsOn = platform ?? { os: "linux", architecture: "amd64" };
  const document = JSON.stringify({ ...runsOn, ...config });
  const manifest = {
    config: await pushText(store, document, mediaTypes.ociConfig),
    layers: await Promise.all(layers.map((layer) => pushText(store, layer))),
    ...fields,
  };
  const descriptor = await pushDocument(store, mediaTypes.ociManifest, manifest, tag);
  return { ...descriptor, ...(platform && { platform }) };
}

/** Stores an index. */
export function pushIndex(
  store: Target,
  manifests: readonly Descriptor[],
  { tag, fields }: Pick<ImageOptions, "tag" | "fields"> = {},
): Promise<Descriptor> {
  return pushDocument(store, mediaTypes.ociIndex, { manifests, ...fields }, tag);
}

/** Stores an artifact that refers to `subject`. */
export async function pushReferrer(
  store: Target,
  subject: Descriptor,
  artifactType: string,
  content = artifactType,
): Promise<Descriptor> {
  const { mediaType, digest, size } = subject;
  return pushDocument(store, mediaTypes.ociManifest, {
    artifactType,
    config: await pushText(store, "{}", mediaTypes.ociEmpty),
    layers: [await pushText(store, content, artifactType)],
    subject: { mediaType, digest, size },
  });
}

/** What BuildKit attests about `image`. */
export async function pushAttestation(store: Target, image: Descriptor): Promise<Descriptor> {
  const descriptor = await pushImage(store, {
    layers: [`about ${image.digest}`],
    config: { os: "unknown", architecture: "unknown" },
  });
  return {
    ...descriptor,
    platform: { os: "unknown", architecture: "unknown" },
    annotations: {
      "vnd.docker.reference.type": "attestation-manifest",
      "vnd.docker.reference.digest": image.digest,
    },
  };
}

export const amd64: Platform = { os: "linux", architecture: "amd64" };
export const arm64: Platform = { os: "linux", architecture: "arm64" };
export const armv7: Platform = { os: "linux", architecture: "arm", variant: "v7" };

/** An index for amd64, arm64 and arm/v7 with an attestation for each; the images share their first layer. */
export async function pushPlatforms(store: Target, tag = "latest"): Promise<Descriptor> {
  const images: Descriptor[] = [];
  for (const platform of [amd64, arm64, armv7]) {
    const layers = ["base", `for ${platform.architecture}`];
    images.push(await pushImage(store, { platform, layers }));
  }
  const attestations: Descriptor[] = [];
  for (const image of images) attestations.push(await pushAttestation(store, image));
  return pushIndex(store, [...images, ...attestations], {
    tag,
    fields: { annotations: { "org.example.note": "kept" } },
  });
}
