/** Files become an artifact: layers with titles under a manifest. */
import { WharfError } from "../../errors.ts";
import type { Cancellable } from "../../http/bytes.ts";
import { mediaTypes, type Descriptor, type Platform } from "../../reference/descriptor.ts";
import { digestOf } from "../../reference/digest.ts";
import { checkTag } from "../../reference/name.ts";
import { bytesSource } from "../../store/sources.ts";
import type { Manifest } from "../../store/store.ts";
import { Batch } from "../../transfer/batch.ts";
import { each } from "../several.ts";
import { Delivery, type ArtifactTarget } from "./deliver.ts";
import type { OnFile } from "./event.ts";
import { prepareFile, prepareFiles, type ArtifactFile, type Prepared } from "./files.ts";
import { artifactManifest, type Annotations } from "./manifest.ts";
import { annotationKeys, checkMediaType, empty, presetTypes } from "./terms.ts";

/** What the manifest of an artifact says beside its files, and how these are sent. */
export interface PushArtifactOptions extends Cancellable {
  /**
   * What kind of thing it is, as a media type.
   * @default application/vnd.unknown.artifact.v1; where there is a configuration, its type stands for it
   */
  readonly artifactType?: string;
  /** Of the manifest. The time of creation is added unless it is among them. */
  readonly annotations?: Annotations;
  /** A file in place of the empty configuration; without a type it is application/vnd.unknown.config.v1+json. */
  readonly config?: ArtifactFile;
  /** Of the empty configuration. */
  readonly configAnnotations?: Annotations;
  /** What the artifact is for: an index can then name it for that platform. Excludes `config`. */
  readonly platform?: Platform;
  /**
   * Seconds since 1970 at which everything was made, as `SOURCE_DATE_EPOCH` has it: the same files then give the same digest.
   * @default for the manifest now, for what is in folders 1970
   */
  readonly epoch?: number;
  /** Files on their way at the same time. @default 6 */
  readonly concurrency?: number;
  /** Called as things happen; must not throw. */
  readonly onEvent?: OnFile;
}

/** An artifact that a store has now. */
export interface PushedArtifact {
  readonly descriptor: Descriptor;
  /** Its type, by the manifest or else by the configuration. */
  readonly artifactType: string;
  readonly annotations: Annotations;
  /** Descriptors of the files, with their titles among the annotations; in the order given. */
  readonly layers: readonly Descriptor[];
  readonly tags: readonly string[];
  readonly subject?: Descriptor;
}

/**
 * Pushes files and folders as an artifact. Files are looked at before anything is sent; the tags are set last.
 *
 * @param options.tag names in the store; without any the digest alone finds it
 * @throws WharfError FILE_NOT_FOUND, FILE_FAILED, USAGE where titles clash, PATH_UNSAFE, and what the store throws
 *
 * @example
 * const { descriptor } = await pushArtifact(repository, [{ path: "model.bin" }, { path: "docs" }], {
 *   tag: "v1",
 *   artifactType: "application/vnd.example.model",
 * });
 */
export async function pushArtifact(
  target: ArtifactTarget,
  files: readonly ArtifactFile[],
  options: PushArtifactOptions & { readonly tag?: string | readonly string[] } = {},
): Promise<PushedArtifact> {
  const { tag = [] } = options;
  const tags = [...new Set(typeof tag === "string" ? [tag] : tag)].map(checkTag);
  const { manifest, ...pushed } = await pushParts(target, files, options);
  const { signal } = options;
  const put = { ...(signal && { signal }) };
  if (tags.length === 0) await target.pushManifest(manifest, put);
  for (const name of tags) await target.pushManifest(manifest, { ...put, tag: name });
  return { ...pushed, descriptor: manifest.descriptor, tags };
}

/** Pushes all that the manifest names, and makes the manifest. */
export async function pushParts(
  target: ArtifactTarget,
  files: readonly ArtifactFile[],
  options: PushArtifactOptions & { readonly subject?: Descriptor },
): Promise<Omit<PushedArtifact, "descriptor" | "tags"> & { readonly manifest: Manifest }> {
  const { subject, onEvent, config, platform } = options;
  const epoch = options.epoch === undefined ? undefined : Math.floor(options.epoch);
  if (options.artifactType !== undefined) checkMediaType(options.artifactType);
  if (config && platform) throw new WharfError("USAGE", "A configuration excludes a platform");
  const prepared = await prepareFiles(files);
  const settings = config && (await prepareConfig(config));
  for (const { title, size = -1 } of prepared) {
    onEvent?.({ type: "file", state: "found", title, size, bytes: 0 });
  }
  const batch = new Batch(options.signal);
  try {
    const delivery = new Delivery(target, {
      signal: batch.signal,
      ...(epoch !== undefined && { epoch }),
      ...(onEvent && { onEvent }),
    });
    const layers: Descriptor[] = [];
    let configured: Descriptor = empty.descriptor;
    const configure = async () => (configured = await deliverConfig(delivery, settings, options));
    await batch.all([deliverAll(delivery, prepared, layers, batch, options), configure()]);
    // The type of a configuration stands for that of the artifact, as before image-spec 1.1.
    const old = config !== undefined && options.artifactType === undefined;
    const artifactType = options.artifactType ?? presetTypes.artifact;
    if (layers.length === 0 && !old) {
      await delivery.bytes(empty.descriptor, bytesSource(empty.bytes));
      layers.push(empty.descriptor);
    }
    const annotations = { [annotationKeys.created]: timeOf(epoch), ...options.annotations };
    const manifest = artifactManifest({
      ...(!old && { artifactType }),
      config: configured,
      layers,
      ...(subject && { subject }),
      annotations,
    });
    return {
      manifest,
      artifactType: old ? configured.mediaType : artifactType,
      annotations,
      layers,
      ...(subject && { subject }),
    };
  } finally {
    batch.close();
  }
}

async function prepareConfig(config: ArtifactFile): Promise<Prepared> {
  const file = await prepareFile({ mediaType: presetTypes.config, ...config });
  if (file.kind === "folder") throw new WharfError("FILE_FAILED", `${file.name}: is a folder`);
  return { ...file, silent: true };
}

/** The largest first, so that none is left over in the end. */
async function deliverAll(
  delivery: Delivery,
  files: readonly Prepared[],
  layers: Descriptor[],
  batch: Batch,
  { concurrency }: PushArtifactOptions,
): Promise<void> {
  const order = files
    .map((file, at) => ({ file, at }))
    .toSorted((a, b) => (b.file.size ?? Infinity) - (a.file.size ?? Infinity) || a.at - b.at);
  // What fails ends the others, and is told once they have come to rest.
  const work = async ({ file, at }: (typeof order)[number]) => {
    if (batch.signal.aborted) return;
    await batch.part(delivery.deliver(file).then((layer) => (layers[at] = layer)));
  };
  await each(order, work, concurrency);
}

async function deliverConfig(
  delivery: Delivery,
  file: Prepared | undefined,
  { platform, configAnnotations }: PushArtifactOptions,
): Promise<Descriptor> {
  if (file) return delivery.deliver(file);
  const annotations = configAnnotations && { annotations: configAnnotations };
  const bytes = platform ? Buffer.from(platformJson(platform)) : empty.bytes;
  const descriptor = platform
    ? { mediaType: mediaTypes.ociConfig, digest: digestOf(bytes), size: bytes.byteLength }
    : empty.descriptor;
  await delivery.bytes(descriptor, bytesSource(bytes));
  return { ...descriptor, ...annotations };
}

/** The part of an image's configuration that says what it runs on, in the order of the specification's own encoder. */
function platformJson(platform: Platform): string {
  const { architecture, os, variant } = platform;
  return JSON.stringify({
    architecture,
    os,
    "os.version": platform["os.version"],
    "os.features": platform["os.features"],
    variant,
  });
}

/** RFC 3339, to the second. */
function timeOf(epoch: number = Math.floor(Date.now() / 1000)): string {
  return new Date(epoch * 1000).toISOString().replace(".000Z", "Z");
}
