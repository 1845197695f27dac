/** Which files are to be pulled: those of one manifest, of a platform's, of what is attached, of subjects. */
import { WharfError } from "../../errors.ts";
import type { Cancellable } from "../../http/bytes.ts";
import type { Descriptor, Platform } from "../../reference/descriptor.ts";
import { quoted } from "../../reference/digest.ts";
import { formatPlatform } from "../../reference/platform.ts";
import type { Fetcher } from "../../store/store.ts";
import { maxDepth } from "../../transfer/limits.ts";
import { isAttestation } from "../../transfer/platforms.ts";
import { choose, leaves } from "../platforms.ts";
import { readManifest, type ReadManifest } from "../read.ts";
import { each } from "../several.ts";
import { readAttached } from "./attached.ts";
import { contentsOf, type TitledFile } from "./contents.ts";
import { checkApart, pathOf } from "./titles.ts";

export interface SelectOptions extends Cancellable {
  /** Artifact type: of what has it and is attached to what was named, the newest is wanted in its place. */
  readonly attached?: string;
  /** Which part of an index. @default all of it */
  readonly platform?: Platform;
  /** Whether the files of what the artifact is attached to are wanted too, and so on. @default false */
  readonly includeSubject?: boolean;
}

/** A file with a path that is safe. */
export type WantedFile = TitledFile;

export interface Selection {
  /** Of what was asked for, or chosen for the platform. */
  readonly descriptor: Descriptor;
  readonly artifactType?: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly files: readonly WantedFile[];
  /** Layers without a name, which are left. */
  readonly unnamed: readonly Descriptor[];
}

/**
 * Reads the manifests, and checks what they call their files.
 * @throws WharfError PATH_UNSAFE; MANIFEST_INVALID where two files would be one; UNSUPPORTED where nothing has a name
 */
export async function selectFiles(
  store: Fetcher,
  reference: string,
  { platform, attached, includeSubject = false, signal }: SelectOptions,
): Promise<Selection> {
  const options = signal === undefined ? {} : { signal };
  const asked =
    attached === undefined
      ? await readManifest(store, reference, options)
      : await readAttached(store, reference, attached, {
          ...options,
          ...(platform && { platform }),
        });
  const parts = await partsOf(store, asked, attached === undefined ? platform : undefined, options);
  const manifests = includeSubject ? await withSubjects(store, parts, options) : parts;
  const contents = manifests.map(({ parsed }) => contentsOf(parsed));
  const found = contents.flatMap(({ files }) => files);
  const unnamed = contents.flatMap((one) => one.unnamed);
  const shown = parts.length === 1 ? parts[0]! : asked;
  const { parsed, descriptor } = shown;
  if (found.length === 0 && unnamed.length > 0) throw nothingNamed(descriptor, unnamed.length);
  const files = new Map<string, WantedFile>();
  for (const file of found) {
    const title = pathOf(file.title, `Manifest ${descriptor.digest}`);
    const known = files.get(title);
    if (known && known.descriptor.digest !== file.descriptor.digest) {
      throw twice(title, descriptor, asked);
    }
    files.set(title, { ...file, title });
  }
  const list = [...files.values()];
  checkApart(list, (why) => {
    return new WharfError("MANIFEST_INVALID", `Manifest ${descriptor.digest}: ${why}`);
  });
  const { artifactType, annotations = {} } = parsed.kind === "schema1" ? {} : parsed;
  const type = artifactType ?? (parsed.kind === "image" ? parsed.config.mediaType : undefined);
  return {
    descriptor,
    ...(type !== undefined && { artifactType: type }),
    annotations,
    files: list,
    unnamed,
  };
}

/** The manifests that name files: one, or all of an index. */
async function partsOf(
  store: Fetcher,
  asked: ReadManifest,
  platform: Platform | undefined,
  options: Cancellable,
): Promise<ReadManifest[]> {
  if (asked.parsed.kind !== "index" && platform === undefined) return [asked];
  const found = await leaves(store, asked, options);
  const wanted = platform
    ? [choose(found, asked, platform)]
    : found.filter((leaf) => !isAttestation(leaf));
  return each(wanted, ({ digest }) => readManifest(store, digest, options));
}

async function withSubjects(
  store: Fetcher,
  manifests: readonly ReadManifest[],
  options: Cancellable,
): Promise<ReadManifest[]> {
  const all = new Map(manifests.map((one) => [one.descriptor.digest, one]));
  let level = manifests;
  for (let depth = 0; level.length > 0; depth++) {
    const subjects = level.flatMap(({ parsed }) =>
      parsed.kind === "schema1" || !parsed.subject ? [] : [parsed.subject.digest],
    );
    const fresh = [...new Set(subjects)].filter((digest) => !all.has(digest));
    if (fresh.length > 0 && depth >= maxDepth) {
      throw new WharfError("MANIFEST_TOO_LARGE", `Subjects are nested deeper than ${maxDepth}`);
    }
    const read = await each(fresh, (digest) => readManifest(store, digest, options));
    const parts = await each(read, (one) => partsOf(store, one, undefined, options));
    level = [...read, ...parts.flat()];
    for (const one of level) all.set(one.descriptor.digest, one);
  }
  return [...all.values()];
}

function nothingNamed({ digest }: Descriptor, count: number): WharfError {
  const layers =
    count === 1 ? "its only layer has no name" : `none of its ${count} layers has a name`;
  return new WharfError("UNSUPPORTED", `${digest} holds no files to pull: ${layers}`, {
    hint: "Container images are copied: `wharf copy REF oci:DIR`, or into the local daemon, docker-daemon:NAME.",
  });
}

function twice(title: string, { digest }: Descriptor, { parsed }: ReadManifest): WharfError {
  const platforms =
    parsed.kind === "index"
      ? parsed.manifests.flatMap(({ platform }) => (platform ? [formatPlatform(platform)] : []))
      : [];
  return new WharfError(
    "MANIFEST_INVALID",
    `Manifest ${digest}: ${quoted(title)} is there twice, with different content`,
    platforms.length > 1
      ? { hint: `Choose with --platform: ${platforms.slice(0, 20).join(", ")}.` }
      : {},
  );
}
